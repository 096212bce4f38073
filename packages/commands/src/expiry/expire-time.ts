import { KEEP_TTL, NO_EXPIRY } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { bigIntegerAt, INT64_MAX, INT64_MIN, integerAt } from '../arguments.ts';

/** An integer, but with its unit and base it leaves 64 bits. */
export const TIME_OVERFLOW = Infinity;

/**
 * The moment that argument `i` means, in milliseconds since the epoch: `baseMs + argument * unitMs`. NaN when it is not an
 * integer, TIME_OVERFLOW where Redis's 64 bits end. Moments past 2^53 ms (the year 287,396) become 2^53 - 1.
 */
export function expireTimeAt(args: Args, i: number, unitMs: number, baseMs: number): number {
  const value = integerAt(args, i);
  if (Number.isNaN(value)) return NaN;
  const durationMs = value * unitMs;
  if (Number.isSafeInteger(durationMs)) return storableTime(durationMs + baseMs);
  return hugeExpireTime(bigIntegerAt(args, i)!, unitMs, baseMs);
}

function hugeExpireTime(value: bigint, unitMs: number, baseMs: number): number {
  const durationMs = value * BigInt(unitMs);
  if (durationMs > INT64_MAX || durationMs < INT64_MIN) return TIME_OVERFLOW;
  const atMs = durationMs + BigInt(baseMs);
  if (atMs > INT64_MAX) return TIME_OVERFLOW;
  return atMs > 0n ? Number.MAX_SAFE_INTEGER : -Number.MAX_SAFE_INTEGER;
}

/** The two milliseconds before 1970 that a keyspace takes for NO_EXPIRY and KEEP_TTL become the one before them. */
function storableTime(atMs: number): number {
  if (atMs === NO_EXPIRY || atMs === KEEP_TTL) return KEEP_TTL - 1;
  return Math.min(atMs, Number.MAX_SAFE_INTEGER);
}
