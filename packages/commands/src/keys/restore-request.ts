import type { Args } from '@kvartz/resp';
import { bigIntegerAt, INT64_MAX, integerAt, isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { INVALID_FREQ, INVALID_IDLETIME, NOT_INTEGER, SYNTAX_ERROR } from '../errors.ts';

const freqMax = 255;

/** The options of RESTORE. */
export class RestoreRequest {
  isReplace = false;
  isAbsolute = false;
  /** -1: not given. */
  idleSeconds = -1;
  freq = -1;

  /** False: that is answered. */
  read(context: CommandContext, args: Args): boolean {
    this.isReplace = false;
    this.isAbsolute = false;
    this.idleSeconds = -1;
    this.freq = -1;
    for (let i = 4; i < args.count; i++) {
      const hasMore = i + 1 < args.count;
      if (isKeyword(args, i, 'replace')) this.isReplace = true;
      else if (isKeyword(args, i, 'absttl')) this.isAbsolute = true;
      else if (isKeyword(args, i, 'idletime') && hasMore && this.freq < 0) {
        this.idleSeconds = numberAt(context, args, ++i, Infinity, INVALID_IDLETIME);
        if (this.idleSeconds < 0) return false;
      } else if (isKeyword(args, i, 'freq') && hasMore && this.idleSeconds < 0) {
        this.freq = numberAt(context, args, ++i, freqMax, INVALID_FREQ);
        if (this.freq < 0) return false;
      } else {
        context.reply.error(SYNTAX_ERROR);
        return false;
      }
    }
    return true;
  }
}

/** -1: it is no number from 0 to `max`, which has been answered. */
export function numberAt(context: CommandContext, args: Args, i: number, max: number, refusal: string): number {
  const value = integerAt(args, i);
  if (value >= 0 && value <= max) return value;
  context.reply.error(Number.isNaN(value) ? NOT_INTEGER : refusal);
  return -1;
}

/** The moment that argument 2 means, in milliseconds since the epoch; 0: none; NaN: refused. Past 2^53 it is 2^53 - 1. */
export function timeAt(context: CommandContext, args: Args, baseMs: number, refusal: string): number {
  const value = numberAt(context, args, 2, Infinity, refusal);
  if (value <= 0) return value === 0 ? 0 : NaN;
  // As in C, the sum of both turns round past 2^63: then it is past.
  if (value === Infinity && bigIntegerAt(args, 2)! + BigInt(baseMs) > INT64_MAX) return 1;
  return Math.min(value + baseMs, Number.MAX_SAFE_INTEGER);
}
