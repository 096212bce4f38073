import type { ByteBuffer } from '@kvartz/base';

/** What an integer that does not fit its field becomes. */
export const Overflow = { wrap: 1, saturate: 2, fail: 3 } as const;
export type Overflow = (typeof Overflow)[keyof typeof Overflow];

/** Fields up to here are plain numbers: five bytes hold one at any offset, and 40 bits are exact. */
const narrowBitsMax = 32;

/**
 * The unsigned integer in `bits` bits (at most 32) at `offset`, counted from byte `base`; bit 0 is the highest of a byte.
 * Bytes at and after `end` read as zeros.
 */
export function readNarrow(buffer: ByteBuffer, base: number, end: number, offset: number, bits: number): number {
  const { u8 } = buffer;
  const skipBits = offset % 8;
  const byteCount = Math.ceil((skipBits + bits) / 8);
  let at = base + Math.floor(offset / 8);
  let value = 0;
  for (let i = 0; i < byteCount; i++, at++) value = value * 256 + (at < end ? u8[at] : 0);
  return Math.floor(value / 2 ** (byteCount * 8 - skipBits - bits)) % 2 ** bits;
}

/** Writes the low `bits` bits (at most 32) of `value`, all inside the string. */
export function writeNarrow(buffer: ByteBuffer, base: number, offset: number, bits: number, value: number): void {
  const { u8 } = buffer;
  let bitsLeft = bits;
  let position = offset;
  while (bitsLeft > 0) {
    const skipBits = position % 8;
    const count = Math.min(8 - skipBits, bitsLeft);
    const shift = 8 - skipBits - count;
    const mask = ((1 << count) - 1) << shift;
    const part = Math.floor(value / 2 ** (bitsLeft - count)) % 2 ** count;
    const at = base + Math.floor(position / 8);
    u8[at] = (u8[at] & ~mask) | (part << shift);
    position += count;
    bitsLeft -= count;
  }
}

/** The integer in a field of up to 64 bits. */
export function readField(
  buffer: ByteBuffer,
  base: number,
  end: number,
  offset: number,
  bits: number,
  isSigned: boolean,
): bigint {
  const lowBits = Math.min(bits, narrowBitsMax);
  const highBits = bits - lowBits;
  const high = highBits === 0 ? 0 : readNarrow(buffer, base, end, offset, highBits);
  const low = readNarrow(buffer, base, end, offset + highBits, lowBits);
  const value = (BigInt(high) << BigInt(narrowBitsMax)) | BigInt(low);
  return isSigned ? BigInt.asIntN(bits, value) : value;
}

/** Writes the low `bits` bits of `value`. */
export function writeField(buffer: ByteBuffer, base: number, offset: number, bits: number, value: bigint): void {
  const lowBits = Math.min(bits, narrowBitsMax);
  const highBits = bits - lowBits;
  const low = Number(BigInt.asUintN(lowBits, value));
  if (highBits > 0) {
    writeNarrow(buffer, base, offset, highBits, Number(BigInt.asUintN(highBits, value >> BigInt(narrowBitsMax))));
  }
  writeNarrow(buffer, base, offset + highBits, lowBits, low);
}

/** `value` as a field of this width can hold it; undefined when it does not fit and `overflow` is fail. */
export function fitField(value: bigint, bits: number, isSigned: boolean, overflow: Overflow): bigint | undefined {
  const wrapped = isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  if (wrapped === value || overflow === Overflow.wrap) return wrapped;
  if (overflow === Overflow.fail) return undefined;
  const span = 1n << BigInt(isSigned ? bits - 1 : bits);
  if (value > 0n) return span - 1n;
  return isSigned ? -span : 0n;
}
