/**
 * Redis's canonical integers: decimal, signed 64-bit, one spelling each (no leading zeros, no '+', no spaces, no '-0').
 * Only a text in this form may be stored as an int, because printing the int must give the text back.
 */

const digit0 = 0x30;
const minus = 0x2d;

/** Digits of 2^63 - 1: 9223372036 and 854775807. Below zero one more. */
const highHalfMax = 9_223_372_036;
const lowHalfMax = 854_775_807;
const lowHalfScale = 1_000_000_000;

/**
 * The integer that `u8[start, end)` spells; NaN when it is not one. Beyond +-(2^53 - 1), where a number is no longer
 * exact, it returns Infinity or -Infinity: the caller then asks `parseInt64`.
 */
export function parseInteger(u8: Uint8Array, start: number, end: number): number {
  let i = start;
  const isNegative = i < end && u8[i] === minus;
  if (isNegative) i++;
  const digitCount = end - i;
  if (digitCount <= 0 || digitCount > 19) return NaN;
  const first = u8[i] - digit0;
  if (first < 1 || first > 9) return first === 0 && digitCount === 1 && !isNegative ? 0 : NaN;
  if (digitCount <= 9) {
    let small = first; // stays a 31-bit integer
    for (i++; i < end; i++) {
      const digit = u8[i] - digit0;
      if (digit < 0 || digit > 9) return NaN;
      small = small * 10 + digit;
    }
    return isNegative ? -small : small;
  }
  // Up to 16 digits the sum is exact or, past 2^53, at least rounded to the right side of 2^53.
  let value = first;
  for (i++; i < end; i++) {
    const digit = u8[i] - digit0;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  if (value <= Number.MAX_SAFE_INTEGER) return isNegative ? -value : value;
  if (digitCount === 19 && !fitsInt64(u8, end - 19, isNegative)) return NaN;
  return isNegative ? -Infinity : Infinity;
}

/** The same grammar, exact over all 64 bits; undefined when it is not an integer. */
export function parseInt64(u8: Uint8Array, start: number, end: number): bigint | undefined {
  const value = parseInteger(u8, start, end);
  if (Number.isSafeInteger(value)) return BigInt(value);
  if (Number.isNaN(value)) return undefined;
  const isNegative = u8[start] === minus;
  const lowStart = end - 9;
  const high = digitsOf(u8, isNegative ? start + 1 : start, lowStart);
  const magnitude = BigInt(high) * BigInt(lowHalfScale) + BigInt(digitsOf(u8, lowStart, end));
  return isNegative ? -magnitude : magnitude;
}

/**
 * Writes the decimal digits of a safe integer at `target[at, ...)` and returns the end. The target must have 17 bytes
 * of room. A division loop costs 8 ns where `String(n)` costs 21.
 */
export function formatInteger(target: Uint8Array, at: number, n: number): number {
  if (n < 0) {
    target[at++] = minus;
    n = -n;
  }
  if (n < lowHalfScale) return formatSmall(target, at, n);
  const high = Math.floor(n / lowHalfScale);
  const end = formatSmall(target, at, high) + 9;
  let low = n - high * lowHalfScale;
  for (let i = end - 1; i >= end - 9; i--) {
    const rest = (low / 10) | 0;
    target[i] = digit0 + low - rest * 10;
    low = rest;
  }
  return end;
}

/** `n` in [0, 10^9). */
function formatSmall(target: Uint8Array, at: number, n: number): number {
  let value = n | 0;
  const end = at + digitCountOf(value);
  for (let i = end - 1; i >= at; i--) {
    const rest = (value / 10) | 0;
    target[i] = digit0 + value - rest * 10;
    value = rest;
  }
  return end;
}

function digitCountOf(n: number): number {
  if (n < 10_000) return n < 100 ? (n < 10 ? 1 : 2) : n < 1000 ? 3 : 4;
  if (n < 1_000_000) return n < 100_000 ? 5 : 6;
  return n < 100_000_000 ? (n < 10_000_000 ? 7 : 8) : 9;
}

/** Whether 19 digits at `at` are at most 2^63 - 1, or 2^63 below zero. */
function fitsInt64(u8: Uint8Array, at: number, isNegative: boolean): boolean {
  const high = digitsOf(u8, at, at + 10);
  if (high !== highHalfMax) return high < highHalfMax;
  return digitsOf(u8, at + 10, at + 19) <= (isNegative ? lowHalfMax + 1 : lowHalfMax);
}

function digitsOf(u8: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) value = value * 10 + u8[i] - digit0;
  return value;
}
