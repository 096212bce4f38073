import type { ByteBuffer } from '@kvartz/base';

/** Ones in a 32-bit word: pairs, nibbles, bytes, and their sum in the top byte. */
function popcount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Ones in the bits [startBit, endBit) counted from byte `base`; bit 0 is the highest of a byte. */
export function countBits(buffer: ByteBuffer, base: number, startBit: number, endBit: number): number {
  if (startBit >= endBit) return 0;
  const { u8 } = buffer;
  const firstByte = base + Math.floor(startBit / 8);
  const lastByte = base + Math.floor((endBit - 1) / 8);
  const firstMask = 0xff >> (startBit % 8);
  const lastMask = (0xff << (7 - ((endBit - 1) % 8))) & 0xff;
  if (firstByte === lastByte) return popcount(u8[firstByte] & firstMask & lastMask);
  return (
    popcount(u8[firstByte] & firstMask) +
    countBytes(buffer, firstByte + 1, lastByte) +
    popcount(u8[lastByte] & lastMask)
  );
}

/**
 * Whole bytes: words of 32 bits, eight at a time. The eight are first reduced together to counts per byte (at most 64),
 * so that only one multiplication is due for all of them.
 */
function countBytes(buffer: ByteBuffer, start: number, end: number): number {
  const { u8, dv } = buffer;
  let ones = 0;
  let i = start;
  for (; i + 32 <= end; i += 32) {
    const sum =
      byteCounts(dv.getInt32(i, true)) +
      byteCounts(dv.getInt32(i + 4, true)) +
      byteCounts(dv.getInt32(i + 8, true)) +
      byteCounts(dv.getInt32(i + 12, true)) +
      byteCounts(dv.getInt32(i + 16, true)) +
      byteCounts(dv.getInt32(i + 20, true)) +
      byteCounts(dv.getInt32(i + 24, true)) +
      byteCounts(dv.getInt32(i + 28, true));
    // Up to 256 ones: bytes are added in pairs, so that no sum spills over.
    ones += Math.imul((sum & 0x00ff00ff) + ((sum >>> 8) & 0x00ff00ff), 0x00010001) >>> 16;
  }
  for (; i + 4 <= end; i += 4) ones += popcount(dv.getInt32(i, true));
  for (; i < end; i++) ones += popcount(u8[i]);
  return ones;
}

/** Ones of each byte of a word, in that byte. */
function byteCounts(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return (nibbles + (nibbles >>> 4)) & 0x0f0f0f0f;
}
