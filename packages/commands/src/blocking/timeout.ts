import type { Args } from '@kvartz/resp';
import { integerAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { TIMEOUT_NEGATIVE, TIMEOUT_NOT_FLOAT } from '../errors.ts';
import { multiplyLongDoubles, parseLongDouble } from '../strings/long-double.ts';

const int64Max = 2n ** 63n - 1n;
const thousand = { mantissa: 1000n, exponent: 0 };

/**
 * The timeout in argument `i`, seconds with a fraction, as whole milliseconds, rounded up; 0: for ever. -1 when it cannot be
 * one, which has then been answered. What leaves 64 bits of milliseconds is negative to Redis 7.0, and so here.
 */
export function timeoutMsAt(context: CommandContext, args: Args, i: number): number {
  const seconds = integerAt(args, i);
  if (seconds >= 0 && seconds <= Number.MAX_SAFE_INTEGER / 1000) return seconds * 1000;
  const value = parseLongDouble(args.buffer.u8, args.start[i], args.end[i]);
  if (value === undefined) return refused(context, TIMEOUT_NOT_FLOAT);
  // The product is rounded as Redis's: a thousandth is then one millisecond, neither more nor less.
  const product = typeof value === 'number' ? value : multiplyLongDoubles(value, thousand);
  if (typeof product === 'number') return refused(context, TIMEOUT_NEGATIVE);
  const { exponent, mantissa } = product;
  const ms = exponent >= 0 ? mantissa << BigInt(exponent) : ceilQuotient(mantissa, 1n << BigInt(-exponent));
  return ms < 0n || ms > int64Max ? refused(context, TIMEOUT_NEGATIVE) : Number(ms);
}

function ceilQuotient(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  return quotient * denominator < numerator ? quotient + 1n : quotient;
}

function refused(context: CommandContext, text: string): -1 {
  context.reply.error(text);
  return -1;
}
