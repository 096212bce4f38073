import { formatInteger } from '@kvartz/base';

/*
 * Unsigned 64-bit integers as two 32-bit words, the high one first, in a Uint32Array: what stream IDs and counters of streams are made of.
 */

const digit0 = 0x30;
const twoTo32 = 2 ** 32;
/** High words below this make a safe integer. */
const safeHighMax = 2 ** 21;
const nineDigits = 1_000_000_000;
/** So many digits are a safe integer, whatever they are. */
const safeDigits = 15;

/**
 * Reads `u8[start, end)` into `words[at]` and `words[at + 1]`. False when it is no such number; then the words are undefined.
 * The grammar is that of C's strtoull, which Redis falls back to: white space, a sign and zeros may stand in front. A minus
 * sign is taken before a zero only ("-0", and "-05" is 2^64 - 5).
 */
export function parseU64(u8: Uint8Array, start: number, end: number, words: Uint32Array, at: number): boolean {
  let p = start;
  while (p < end && (u8[p] === 0x20 || (u8[p] >= 0x09 && u8[p] <= 0x0d))) p++;
  const isNegative = p < end && u8[p] === 0x2d;
  if (isNegative || (p < end && u8[p] === 0x2b)) p++;
  if (p === end || (isNegative && p === start + 1 && u8[p] !== digit0)) return false;
  let high = 0;
  let low = 0;
  const safeEnd = Math.min(end, p + safeDigits);
  for (; p < safeEnd; p++) {
    const digit = u8[p] - digit0;
    if (digit < 0 || digit > 9) return false;
    low = low * 10 + digit;
  }
  if (low >= twoTo32) {
    high = Math.floor(low / twoTo32);
    low -= high * twoTo32;
  }
  for (; p < end; p++) {
    const digit = u8[p] - digit0;
    if (digit < 0 || digit > 9) return false;
    low = low * 10 + digit;
    const carry = Math.floor(low / twoTo32);
    low -= carry * twoTo32;
    high = high * 10 + carry;
    if (high >= twoTo32) return false;
  }
  if (isNegative) {
    high = low === 0 ? -high : ~high;
    low = -low;
  }
  words[at] = high;
  words[at + 1] = low;
  return true;
}

/** Writes the decimal digits at `target[at, ...)`, which has room for 20, and returns their end. */
export function formatU64(target: Uint8Array, at: number, high: number, low: number): number {
  if (high < safeHighMax) return formatInteger(target, at, high * twoTo32 + low);
  // Long division by 10^9, 16 bits at a time.
  const upper = Math.floor(high / nineDigits);
  const middle = (high - upper * nineDigits) * 65_536 + (low >>> 16);
  const middleQuotient = Math.floor(middle / nineDigits);
  const lower = (middle - middleQuotient * nineDigits) * 65_536 + (low & 0xffff);
  const lowerQuotient = Math.floor(lower / nineDigits);
  const end = formatInteger(target, at, upper * twoTo32 + middleQuotient * 65_536 + lowerQuotient) + 9;
  let rest = lower - lowerQuotient * nineDigits;
  for (let i = end - 1; i >= end - 9; i--) {
    const tenth = (rest / 10) | 0;
    target[i] = digit0 + rest - tenth * 10;
    rest = tenth;
  }
  return end;
}
