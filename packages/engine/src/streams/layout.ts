import type { Arena, BlockRef } from '../arena.ts';
import type { StreamId } from './stream-id.ts';

/*
 * The root of a stream, in words of 32 bits; its number of entries stands in the key's entry:
 *
 *   root   [ nodes 3 | removals | groups | tail | last ID 4 | first ID 4 | highest deleted ID 4 | entries added 2 | tail's ID 4 ]    96 bytes
 *
 *   nodes    the root of an IdTree, which finds a node by the ID of its first entry
 *   removals how often something was removed: places in nodes that were kept in mind before are forgotten with it
 *   groups   consumer groups: see groups/; 0: there are none
 *   tail     the last node, which new entries are appended to, and its ID; 0: not known, ask the tree
 *
 * IDs and 64-bit numbers stand with their highest word first.
 */
const rootWords = 24;

export const StreamWord = {
  removals: 3,
  groups: 4,
  tail: 5,
  lastId: 6,
  firstId: 10,
  maxDeletedId: 14,
  entriesAdded: 18,
  tailId: 20,
} as const;
/** Where the root has an ID. */
export type StreamIdWord =
  | typeof StreamWord.lastId
  | typeof StreamWord.firstId
  | typeof StreamWord.maxDeletedId
  | typeof StreamWord.tailId;

/** The root of a stream without entries; 0: no memory. */
export function createStreamRoot(arena: Arena): BlockRef {
  const root = arena.alloc(rootWords * 4);
  if (root === 0) return 0;
  const at = (root & arena.refMask) << 1;
  arena.segments[root >>> arena.refShift].u32.fill(0, at, at + rootWords);
  return root;
}

/** Copies IDs and numbers from one root to another, which keeps its own nodes and groups. */
export function copyRootNumbers(arena: Arena, from: BlockRef, to: BlockRef): void {
  const words = arena.segments[from >>> arena.refShift].u32;
  const start = ((from & arena.refMask) << 1) + StreamWord.lastId;
  const end = ((from & arena.refMask) << 1) + StreamWord.tailId;
  arena.segments[to >>> arena.refShift].u32.set(
    words.subarray(start, end),
    ((to & arena.refMask) << 1) + StreamWord.lastId,
  );
}

/** Roots are asserted here: everything that touches a stream reads one of its words. */
export function rootWord(arena: Arena, root: BlockRef, word: number): number {
  if (arena.isChecked) arena.assertLive(root);
  return arena.segments[root >>> arena.refShift].u32[((root & arena.refMask) << 1) + word];
}

export function setRootWord(arena: Arena, root: BlockRef, word: number, value: number): void {
  arena.segments[root >>> arena.refShift].u32[((root & arena.refMask) << 1) + word] = value;
}

export function readRootId(arena: Arena, root: BlockRef, word: StreamIdWord, into: StreamId): StreamId {
  if (arena.isChecked) arena.assertLive(root);
  return into.readFrom(arena.segments[root >>> arena.refShift].u32, ((root & arena.refMask) << 1) + word);
}

export function writeRootId(arena: Arena, root: BlockRef, word: StreamIdWord, id: StreamId): void {
  id.writeTo(arena.segments[root >>> arena.refShift].u32, ((root & arena.refMask) << 1) + word);
}

/** The root of a stream that has got an entry. */
export function countAppended(arena: Arena, root: BlockRef, id: StreamId, isFirst: boolean): void {
  const words = arena.segments[root >>> arena.refShift].u32;
  const at = (root & arena.refMask) << 1;
  id.writeTo(words, at + StreamWord.lastId);
  if (isFirst) id.writeTo(words, at + StreamWord.firstId);
  if (++words[at + StreamWord.entriesAdded + 1] > 0xffff_ffff) words[at + StreamWord.entriesAdded]++;
}

/** Frees a node that is no longer in the stream, unless a view of it has still to read it. */
export function freeNode(arena: Arena, root: BlockRef, node: BlockRef): void {
  if (arena.viewCount === 0 || !arena.views.takesBlock(root, node)) arena.free(node);
}
