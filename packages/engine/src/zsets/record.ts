import { type ByteBuffer, copyBytes } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { byteOf, bytesOf } from '../entry.ts';
import type { Span } from '../span.ts';

/*
 * A member of a sorted set that is not a listpack is one block, in the layout of the records of tables:
 *
 *    0  bytes of the member, u32
 *    4  score, float64 (not aligned)
 *   12  member
 */
export const recordScoreAt = 4;
export const recordMemberAt = 12;

/** A new record; 0 when there is no memory. */
export function createRecord(arena: Arena, member: ByteBuffer, start: number, end: number, score: number): BlockRef {
  const record = arena.alloc(recordMemberAt + end - start);
  if (record === 0) return 0;
  const target = bytesOf(arena, record);
  const at = byteOf(arena, record);
  target.dv.setUint32(at, end - start, true);
  target.dv.setFloat64(at + recordScoreAt, score, true);
  copyBytes(member, start, end, target, at + recordMemberAt);
  return record;
}

export function scoreOfRecord(arena: Arena, record: BlockRef): number {
  return bytesOf(arena, record).dv.getFloat64(byteOf(arena, record) + recordScoreAt, true);
}

export function setScoreOfRecord(arena: Arena, record: BlockRef, score: number): void {
  bytesOf(arena, record).dv.setFloat64(byteOf(arena, record) + recordScoreAt, score, true);
}

/** The member that a record holds, in `span`. */
export function memberOf(arena: Arena, record: BlockRef, span: Span): Span {
  const { bytes, u32 } = arena.segments[record >>> arena.refShift];
  const at = (record & arena.refMask) << 3;
  span.buffer = bytes;
  span.start = at + recordMemberAt;
  span.end = at + recordMemberAt + u32[at >>> 2];
  return span;
}
