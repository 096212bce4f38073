import { withPoint } from './long-double.ts';

const digit0 = 0x30;
const point = 0x2e;
const minus = 0x2d;

/** So that coefficients brought to the same scale, and their sum, stay exact. */
const digitsMax = 15;
const powersOfTen = Array.from({ length: digitsMax + 1 }, (_, i) => 10 ** i);

/**
 * Bound on |a| + |b| + |a + b| under which a long double sum of two short decimals prints exactly. Each of the three
 * roundings is off by at most 2^-64 of its value, so together by less than 2^-64 * 92 < 0.5 * 10^-17: the 17 decimals that
 * Redis prints are then those of the exact sum.
 */
const exactMagnitudeMax = 92;

/** A decimal of at most 15 digits without exponent: `coefficient * 10^-scale`. */
export class ShortDecimal {
  coefficient = 0;
  scale = 0;

  /** False when the text is anything else (a number or not). */
  parse(u8: Uint8Array, start: number, end: number): boolean {
    let i = start;
    const isNegative = i < end && u8[i] === minus;
    if (isNegative) i++;
    if (end - i > digitsMax + 1) return false;
    let coefficient = 0;
    let digitCount = 0;
    let pointAt = -1;
    for (; i < end; i++) {
      const digit = u8[i] - digit0;
      if (digit >= 0 && digit <= 9) {
        coefficient = coefficient * 10 + digit;
        digitCount++;
      } else if (u8[i] === point && pointAt < 0) pointAt = i;
      else return false;
    }
    if (digitCount === 0 || digitCount > digitsMax) return false;
    this.coefficient = isNegative ? -coefficient : coefficient;
    this.scale = pointAt < 0 ? 0 : end - pointAt - 1;
    return true;
  }
}

/** What Redis prints for the sum; undefined where only long double arithmetic can tell. */
export function addShortDecimals(a: ShortDecimal, b: ShortDecimal): string | undefined {
  const scale = Math.max(a.scale, b.scale);
  const left = a.coefficient * powersOfTen[scale - a.scale];
  const right = b.coefficient * powersOfTen[scale - b.scale];
  const sum = left + right;
  if (!Number.isSafeInteger(left) || !Number.isSafeInteger(right) || !Number.isSafeInteger(sum)) return undefined;
  // Integers are exact in 64 bits whatever their size.
  if (scale > 0 && (Math.abs(left) + Math.abs(right) + Math.abs(sum)) / powersOfTen[scale] >= exactMagnitudeMax) {
    return undefined;
  }
  return withPoint(sum < 0, String(Math.abs(sum)), scale);
}
