import { type ByteBuffer, copyBytes } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import type { Span } from '../span.ts';

/*
 * A record of a table is one block:
 *
 *   0  key length 29 | flags 3
 *   4  ...                        what the kind of table keeps there
 *   k  key                        `keyAt`: 4 in sets, 8 in hashes, 12 in sorted sets
 *   .  ...
 */
export const keyBytesMask = 0x1fff_ffff;
/** Keys of more bytes have no record. */
export const keyBytesMax = keyBytesMask;

/** A record with room for `moreBytes` after its key, which the caller fills. 0: no memory. Flags are 0. */
export function createRecord(
  arena: Arena,
  keyAt: number,
  moreBytes: number,
  key: ByteBuffer,
  start: number,
  end: number,
): BlockRef {
  const keyBytes = end - start;
  if (keyBytes > keyBytesMax) return 0;
  const record = arena.alloc(keyAt + keyBytes + moreBytes);
  if (record === 0) return 0;
  const segment = arena.segments[record >>> arena.refShift];
  const at = (record & arena.refMask) << 3;
  segment.u32[at >>> 2] = keyBytes;
  copyBytes(key, start, end, segment.bytes, at + keyAt);
  return record;
}

export function recordKeyBytes(arena: Arena, record: BlockRef): number {
  return arena.segments[record >>> arena.refShift].u32[(record & arena.refMask) << 1] & keyBytesMask;
}

/** Points `span` at the record's key. */
export function readRecordKey(arena: Arena, record: BlockRef, keyAt: number, span: Span): Span {
  const segment = arena.segments[record >>> arena.refShift];
  const at = (record & arena.refMask) << 3;
  span.buffer = segment.bytes;
  span.start = at + keyAt;
  span.end = at + keyAt + (segment.u32[at >>> 2] & keyBytesMask);
  return span;
}

/** Whether the record's key is `key[start, end)`. The hot comparison of every lookup. */
export function recordHasKey(
  arena: Arena,
  record: BlockRef,
  keyAt: number,
  key: ByteBuffer,
  start: number,
  end: number,
): boolean {
  const segment = arena.segments[record >>> arena.refShift];
  const at = (record & arena.refMask) << 3;
  if ((segment.u32[at >>> 2] & keyBytesMask) !== end - start) return false;
  const keyWords = key.dv;
  const words = segment.dv;
  const wordsEnd = end - 3;
  let i = start;
  let j = at + keyAt;
  for (; i < wordsEnd; i += 4, j += 4) if (keyWords.getInt32(i, true) !== words.getInt32(j, true)) return false;
  const keyBytes = key.u8;
  const bytes = segment.u8;
  for (; i < end; i++, j++) if (keyBytes[i] !== bytes[j]) return false;
  return true;
}

/** Whether two records have the same key. */
export function recordsHaveOneKey(arena: Arena, record: BlockRef, other: BlockRef, keyAt: number): boolean {
  const { bytes, u32 } = arena.segments[other >>> arena.refShift];
  const at = (other & arena.refMask) << 3;
  return recordHasKey(arena, record, keyAt, bytes, at + keyAt, at + keyAt + (u32[at >>> 2] & keyBytesMask));
}
