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

/** Below 0, 0, above 0: the first comes before, is, comes after the second, byte by byte as unsigned numbers. */
export function compareBytes(
  a: ByteBuffer,
  aStart: number,
  aEnd: number,
  b: ByteBuffer,
  bStart: number,
  bEnd: number,
): number {
  const aBytes = aEnd - aStart;
  const bBytes = bEnd - bStart;
  const end = aStart + (aBytes < bBytes ? aBytes : bBytes);
  const wordsEnd = end - 3;
  let i = aStart;
  let j = bStart;
  for (; i < wordsEnd; i += 4, j += 4) {
    if (a.dv.getInt32(i, true) === b.dv.getInt32(j, true)) continue;
    return a.dv.getUint32(i) < b.dv.getUint32(j) ? -1 : 1;
  }
  for (; i < end; i++, j++) if (a.u8[i] !== b.u8[j]) return a.u8[i] - b.u8[j];
  return aBytes - bBytes;
}
