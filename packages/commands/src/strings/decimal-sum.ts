import type { ByteBuffer } from '@kvartz/base';
import { addLongDoubles, formatLongDouble, parseLongDouble } from './long-double.ts';
import { addShortDecimals, ShortDecimal } from './short-decimal.ts';

/** Why there is no sum. */
export const NoSum = { badValue: 0, badAmount: 1, infiniteAmount: 2, infinite: 3 } as const;
export type NoSum = (typeof NoSum)[keyof typeof NoSum];

const value = new ShortDecimal();
const amount = new ShortDecimal();

/** Adds as an x87 does and prints 17 decimals, so that results are Redis's to the last digit. */
export function decimalSum(
  a: ByteBuffer,
  as: number,
  ae: number,
  b: ByteBuffer,
  bs: number,
  be: number,
): string | NoSum {
  if (value.parse(a.u8, as, ae) && amount.parse(b.u8, bs, be)) {
    const text = addShortDecimals(value, amount);
    if (text !== undefined) return text;
  }
  const x = parseLongDouble(a.u8, as, ae);
  const y = parseLongDouble(b.u8, bs, be);
  if (y === undefined) return NoSum.badAmount;
  if (typeof y === 'number') return x === undefined ? NoSum.badValue : NoSum.infiniteAmount;
  if (x === undefined) return NoSum.badValue;
  const sum = typeof x === 'number' ? Infinity : addLongDoubles(x, y);
  return typeof sum === 'number' ? NoSum.infinite : formatLongDouble(sum);
}
