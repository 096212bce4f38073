/** Registers of 6 bits from byte `at` on: register i is bits [6i, 6i + 6), counted from the lowest of each byte. */
import { registerCount } from './element-pattern.ts';

export const registerMax = 63;

export function denseRegister(u8: Uint8Array, at: number, index: number): number {
  const bit = index * 6;
  const byte = at + (bit >>> 3);
  return ((u8[byte] | (u8[byte + 1] << 8)) >>> (bit & 7)) & registerMax;
}

export function setDenseRegister(u8: Uint8Array, at: number, index: number, value: number): void {
  const bit = index * 6;
  const byte = at + (bit >>> 3);
  const shift = bit & 7;
  u8[byte] = (u8[byte] & ~(registerMax << shift)) | (value << shift);
  // The last register ends with the last byte.
  if (shift > 2) u8[byte + 1] = (u8[byte + 1] & ~(registerMax >>> (8 - shift))) | (value >>> (8 - shift));
}

/** Adds how many registers there are of each value to `counts[0, 64)`. */
export function countDense(u8: Uint8Array, at: number, counts: Int32Array): void {
  // Neighbours are often equal: with counts of their own they do not wait for one another.
  quarters.fill(0);
  const end = at + (registerCount / 4) * 3;
  for (let i = at; i < end; i += 3) {
    const group = u8[i] | (u8[i + 1] << 8) | (u8[i + 2] << 16);
    quarters[group & registerMax]++;
    quarters[64 + ((group >>> 6) & registerMax)]++;
    quarters[128 + ((group >>> 12) & registerMax)]++;
    quarters[192 + (group >>> 18)]++;
  }
  for (let i = 0; i < 64; i++) counts[i] += quarters[i] + quarters[64 + i] + quarters[128 + i] + quarters[192 + i];
}

const quarters = new Int32Array(256);

/** Raises each of the registers in `max`, one byte each, to that of the same number. */
export function mergeDense(u8: Uint8Array, at: number, max: Uint8Array): void {
  const end = at + (registerCount / 4) * 3;
  for (let i = at, index = 0; i < end; i += 3, index += 4) {
    const group = u8[i] | (u8[i + 1] << 8) | (u8[i + 2] << 16);
    if ((group & registerMax) > max[index]) max[index] = group & registerMax;
    if (((group >>> 6) & registerMax) > max[index + 1]) max[index + 1] = (group >>> 6) & registerMax;
    if (((group >>> 12) & registerMax) > max[index + 2]) max[index + 2] = (group >>> 12) & registerMax;
    if (group >>> 18 > max[index + 3]) max[index + 3] = group >>> 18;
  }
}

/** Writes registers of one byte each. */
export function packDense(registers: Uint8Array, u8: Uint8Array, at: number): void {
  for (let index = 0, i = at; index < registerCount; index += 4, i += 3) {
    const group =
      registers[index] | (registers[index + 1] << 6) | (registers[index + 2] << 12) | (registers[index + 3] << 18);
    u8[i] = group;
    u8[i + 1] = group >>> 8;
    u8[i + 2] = group >>> 16;
  }
}
