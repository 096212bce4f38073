/** Numbers of RESP3, each from the bytes `u8[start, end)` of its line; undefined when they are not one. */
import { latin1Of } from '@kvartz/base';

const minus = 0x2d;
const plus = 0x2b;
const digit0 = 0x30;

const doublePattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const int64Max = 2n ** 63n - 1n;

/** A signed 64-bit integer: a number where that is exact, else a bigint. */
export function integerOf(u8: Uint8Array, start: number, end: number): number | bigint | undefined {
  const isNegative = u8[start] === minus;
  const digitsStart = isNegative || u8[start] === plus ? start + 1 : start;
  if (end - digitsStart > 15) return longIntegerOf(u8, start, end);
  if (digitsStart >= end) return undefined;
  let n = 0;
  for (let i = digitsStart; i < end; i++) {
    const digit = u8[i] - digit0;
    if (digit < 0 || digit > 9) return undefined;
    n = n * 10 + digit;
  }
  return isNegative ? 0 - n : n;
}

function longIntegerOf(u8: Uint8Array, start: number, end: number): number | bigint | undefined {
  const n = bigNumberOf(u8, start, end);
  if (n === undefined || n > int64Max || n < -int64Max - 1n) return undefined;
  const rounded = Number(n);
  return Number.isSafeInteger(rounded) ? rounded : n;
}

/** An integer of any length. */
export function bigNumberOf(u8: Uint8Array, start: number, end: number): bigint | undefined {
  const digitsStart = u8[start] === minus || u8[start] === plus ? start + 1 : start;
  if (digitsStart >= end) return undefined;
  for (let i = digitsStart; i < end; i++) {
    const digit = u8[i] - digit0;
    if (digit < 0 || digit > 9) return undefined;
  }
  const magnitude = BigInt(latin1Of(u8, digitsStart, end));
  return u8[start] === minus ? -magnitude : magnitude;
}

/** A double: decimal, `inf`, `-inf` or `nan` (some libraries print `-nan`). */
export function doubleOf(u8: Uint8Array, start: number, end: number): number | undefined {
  const text = latin1Of(u8, start, end);
  if (doublePattern.test(text)) return Number(text);
  switch (text.toLowerCase()) {
    case 'inf':
    case '+inf':
      return Infinity;
    case '-inf':
      return -Infinity;
    case 'nan':
    case '-nan':
      return NaN;
    default:
      return undefined;
  }
}
