import type { ByteBuffer } from '@kvartz/base';

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
