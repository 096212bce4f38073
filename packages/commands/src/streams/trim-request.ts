import { StreamId, type EntryRef } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import {
  INVALID_STREAM_ID,
  NOT_INTEGER,
  TRIM_LIMIT_NEEDS_STRATEGY,
  TRIM_LIMIT_NEEDS_TILDE,
  TRIM_LIMIT_NEGATIVE,
  TRIM_MAXLEN_AND_MINID,
  TRIM_MAXLEN_NEGATIVE,
  TRIM_NO_STRATEGY,
} from '../errors.ts';
import { isOneByte } from './id-argument.ts';

const tilde = 0x7e;
const equals = 0x3d;

/** Without LIMIT an approximate trimming takes about so many nodes at a time, and never more entries than the last number. */
const nodesMax = 100;
const entriesWithoutNodes = 10_000;
const entriesMax = 1_000_000;

/** How XADD and XTRIM are to trim: `MAXLEN | MINID [= | ~] threshold [LIMIT count]`. */
export class TrimRequest {
  strategy: 'none' | 'MAXLEN' | 'MINID' = 'none';
  isApproximate = false;
  #length = 0;
  readonly #id = new StreamId();
  /** LIMIT: 0 is none; undefined: not given. */
  #limit: number | undefined;
  readonly #first = new StreamId();

  reset(): void {
    this.strategy = 'none';
    this.isApproximate = false;
    this.#limit = undefined;
  }

  /**
   * Reads the option that begins with argument `i` and returns the argument behind it; `i`: it is none of these. An error is
   * a text.
   */
  read(args: Args, i: number): number | string {
    if (i + 1 >= args.count) return i;
    const isLength = isKeyword(args, i, 'maxlen');
    if (isLength || isKeyword(args, i, 'minid')) return this.#readStrategy(args, i + 1, isLength);
    if (!isKeyword(args, i, 'limit')) return i;
    const limit = integerAt(args, i + 1);
    if (Number.isNaN(limit)) return NOT_INTEGER;
    if (limit < 0) return TRIM_LIMIT_NEGATIVE;
    this.#limit = limit;
    return i + 2;
  }

  #readStrategy(args: Args, i: number, isLength: boolean): number | string {
    if (this.strategy !== 'none') return TRIM_MAXLEN_AND_MINID;
    this.isApproximate = false;
    if (i + 1 < args.count && (isOneByte(args, i, tilde) || isOneByte(args, i, equals))) {
      this.isApproximate = isOneByte(args, i, tilde);
      i++;
    }
    if (isLength) {
      this.#length = integerAt(args, i);
      if (Number.isNaN(this.#length)) return NOT_INTEGER;
      if (this.#length < 0) return TRIM_MAXLEN_NEGATIVE;
      this.strategy = 'MAXLEN';
    } else {
      if (!this.#id.parse(args.buffer.u8, args.start[i], args.end[i])) return INVALID_STREAM_ID;
      this.strategy = 'MINID';
    }
    return i + 1;
  }

  /** To be asked when all options are read: undefined, or what is wrong with them together. */
  conflict(isTrimRequired: boolean, mustObey: boolean): string | undefined {
    const limit = this.#limit;
    if (this.strategy === 'none') {
      if (limit !== undefined && limit > 0) return TRIM_LIMIT_NEEDS_STRATEGY;
      if (isTrimRequired) return TRIM_NO_STRATEGY;
    }
    // What was approximate for a client is exact in a master's stream, and Redis leaves its LIMIT there.
    if (mustObey) this.#limit = undefined;
    else if (limit !== undefined && !this.isApproximate) return TRIM_LIMIT_NEEDS_TILDE;
    return undefined;
  }

  /** Trims, and returns how many entries were removed. */
  trim({ db }: CommandContext, e: EntryRef): number {
    const max = this.isApproximate ? (this.#limit ?? limitFor(db.limits.streamNodeMaxEntries)) : 0;
    return this.strategy === 'MAXLEN'
      ? db.streams.trimToLength(e, this.#length, this.isApproximate, max)
      : db.streams.trimToId(e, this.#id, this.isApproximate, max);
  }

  /** What an exact trimming would have to be told to come out as this one has: how nodes are filled may differ elsewhere. */
  exactThreshold({ db }: CommandContext, e: EntryRef): string | number {
    if (this.strategy === 'MAXLEN') return this.isApproximate ? db.streams.count(e) : this.#length;
    if (!this.isApproximate) return String(this.#id);
    return String(db.streams.count(e) === 0 ? this.#first.setMax() : db.streams.firstId(e, this.#first));
  }
}

function limitFor(nodeEntries: number): number {
  return nodeEntries === 0 ? entriesWithoutNodes : Math.min(nodesMax * nodeEntries, entriesMax);
}
