import { copyBytes, type ByteBuffer } from '@kvartz/base';
import type { Arena, BlockRef } from '../../arena.ts';
import { initIdTree } from '../id-walk.ts';

/** A consumer group, a consumer of one, a pending entry; 0: none. None of them moves while it lives. */
export type GroupRef = BlockRef;
export type ConsumerRef = BlockRef;
export type PendingRef = BlockRef;

/*
 * What a stream's root refers to as its groups (words of 32 bits; IDs and 64-bit numbers with their highest word first):
 *
 *   groups     named list of groups; 0: there are none
 *   group      [ name length | consumers | pending 4 | last delivered ID 4 | entries read 2 | place 2 | name ]
 *   consumer   [ name length | unused | pending 4 | seen ms, float64 | active ms, float64 | name ]
 *   pending    [ owner | deliveries, low | delivered ms, low | deliveries, high 16; delivered ms, high 16 ]     16 bytes
 *
 *   place      how often something had been removed from the stream, and where in its node the last delivered entry ends, then: see
 *              `StreamWalk.behind`; 0: not known
 *   consumers  named list of consumers; 0: there are none
 *   pending 4  root of an IdTree of pending entries: in a group of all, in a consumer of its own
 *
 * A pending entry belongs to the tree of its group; that of its consumer refers to it.
 */
export const GroupWord = { consumers: 1, lastId: 6, entriesRead: 10, placeRemovals: 12, place: 13 } as const;
export const groupNameAt = 56;
export const ConsumerWord = { seenMs: 6, activeMs: 8 } as const;
export const consumerNameAt = 40;
export const pendingBytes = 16;

/** The root of the tree of a group's or a consumer's pending entries: the second unit of 8 bytes of its block. */
export function pendingRootOf(holder: GroupRef | ConsumerRef): BlockRef {
  return holder + 1;
}

/** A group or a consumer without pending entries, zeros up to its name; 0: no memory. */
export function createNamed(arena: Arena, nameAt: number, name: ByteBuffer, start: number, end: number): BlockRef {
  const record = arena.alloc(nameAt + end - start);
  if (record === 0) return 0;
  const { bytes, u32 } = arena.segments[record >>> arena.refShift];
  const at = (record & arena.refMask) << 1;
  u32.fill(0, at, at + nameAt / 4);
  u32[at] = end - start;
  initIdTree(arena, pendingRootOf(record));
  copyBytes(name, start, end, bytes, at * 4 + nameAt);
  return record;
}

export function wordAt(arena: Arena, ref: BlockRef, word: number): number {
  if (arena.isChecked) arena.assertLive(ref);
  return arena.segments[ref >>> arena.refShift].u32[((ref & arena.refMask) << 1) + word];
}

export function setWordAt(arena: Arena, ref: BlockRef, word: number, value: number): void {
  if (arena.isChecked) arena.assertLive(ref);
  arena.segments[ref >>> arena.refShift].u32[((ref & arena.refMask) << 1) + word] = value;
}

/** A float64 that begins at a word. */
export function doubleAt(arena: Arena, ref: BlockRef, word: number): number {
  return arena.segments[ref >>> arena.refShift].dv.getFloat64(((ref & arena.refMask) << 3) + word * 4, true);
}

export function setDoubleAt(arena: Arena, ref: BlockRef, word: number, value: number): void {
  arena.segments[ref >>> arena.refShift].dv.setFloat64(((ref & arena.refMask) << 3) + word * 4, value, true);
}
