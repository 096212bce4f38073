import type { ByteBuffer } from '@kvartz/base';
import { integer13, integer16, integer64, integerElement } from './listpack-element.ts';

/** An integer as an element: 9 bytes and the backlen. */
export const integerElementBytesMax = 10;

/** Writes a signed 64-bit integer, given as two words, in its shortest form. Returns the end of the element. */
export function putIntegerElement(bytes: ByteBuffer, at: number, high: number, low: number): number {
  const { dv, u8 } = bytes;
  const value = low | 0;
  if (value >> 31 !== (high | 0)) {
    u8[at] = integer64;
    dv.setUint32(at + 1, low, true);
    dv.setUint32(at + 5, high, true);
    u8[at + 9] = 9;
    return at + 10;
  }
  return putInt32Element(bytes, at, value);
}

/** The same for a 32-bit integer. */
export function putInt32Element(bytes: ByteBuffer, at: number, value: number): number {
  const { dv, u8 } = bytes;
  const bytesBefore = int32ElementBytes(value) - 1;
  switch (bytesBefore) {
    case 1:
      u8[at] = value;
      break;
    case 2:
      dv.setUint16(at, (integer13 << 8) | (value & 0x1fff));
      break;
    default:
      u8[at] = integer16 + bytesBefore - 3;
      u8[at + 1] = value;
      u8[at + 2] = value >> 8;
      if (bytesBefore > 3) u8[at + 3] = value >> 16;
      if (bytesBefore > 4) u8[at + 4] = value >> 24;
  }
  u8[at + bytesBefore] = bytesBefore;
  return at + bytesBefore + 1;
}

/** Bytes of a 32-bit integer as an element, with the backlen. */
export function int32ElementBytes(value: number): number {
  if (value >= -4096 && value < 4096) return value >= 0 && value < 128 ? 2 : 3;
  return value === (value << 16) >> 16 ? 4 : value === (value << 8) >> 8 ? 5 : 6;
}

/**
 * Adds the integer at `p` to the 64-bit number `from[at]`, `from[at + 1]` (high word, low word), modulo 2^64, into the same words of
 * `into`.
 */
export function addIntegerElement(
  bytes: ByteBuffer,
  p: number,
  from: Uint32Array,
  into: Uint32Array,
  at: number,
): void {
  const first = bytes.u8[p];
  let high = 0;
  let low = first;
  if (first === integer64) {
    low = bytes.dv.getUint32(p + 1, true);
    high = bytes.dv.getInt32(p + 5, true);
  } else if (first >= 128) {
    const value = integerElement(bytes, p);
    low = value >>> 0;
    high = value >> 31;
  }
  const sum = from[at + 1] + low;
  into[at + 1] = sum;
  into[at] = from[at] + high + (sum > 0xffff_ffff ? 1 : 0);
}
