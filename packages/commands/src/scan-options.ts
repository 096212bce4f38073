import type { EntryRef, ValueType } from '@kvartz/engine';
import type { Args, ReplyWriter } from '@kvartz/resp';
import type { ByteBuffer } from '@kvartz/base';
import { integerAt, isKeyword } from './arguments.ts';
import type { CommandContext } from './context.ts';
import { INVALID_CURSOR, NOT_INTEGER, SYNTAX_ERROR } from './errors.ts';
import { matchGlob } from './glob.ts';
import { isCursor, readCursor } from './keys/cursor.ts';
import { REFUSED, typedToRead } from './lookup.ts';
import { putHeadFirst } from './reply-head.ts';

const countDefault = 10;

/** What SSCAN, HSCAN and ZSCAN have in common: `key cursor [MATCH pattern] [COUNT count]`, and HSCAN's NOVALUES. */
export class ScanOptions {
  /** Infinity: one that this server cannot have given out, which ends an iteration. */
  cursor = 0;
  count = countDefault;
  isWithoutValues = false;
  #args: Args | undefined;
  #pattern = 0;

  /**
   * Reads the request and returns the collection that is to be walked; 0 when the request has been answered: with an error, or
   * because there is no such key. Cursor, key and options are judged in this order, as in Redis.
   */
  begin(context: CommandContext, args: Args, type: ValueType, allowsNoValues = false): EntryRef {
    const { reply } = context;
    if (!isCursor(args, 2)) {
      reply.error(INVALID_CURSOR);
      return 0;
    }
    this.cursor = readCursor(args, 2) ?? Infinity;
    const entry = typedToRead(context, args, 1, type);
    if (entry === REFUSED) return 0;
    if (entry === 0) {
      reply.array(2);
      reply.bulkInteger(0);
      reply.array(0);
      return 0;
    }
    const error = this.#readOptions(args, allowsNoValues);
    if (error === undefined) return entry;
    reply.error(error);
    return 0;
  }

  #readOptions(args: Args, allowsNoValues: boolean): string | undefined {
    this.count = countDefault;
    this.isWithoutValues = false;
    this.#pattern = 0;
    this.#args = args;
    for (let i = 3; i < args.count; i++) {
      const hasValue = i + 1 < args.count;
      if (hasValue && isKeyword(args, i, 'count')) {
        const count = integerAt(args, ++i);
        if (Number.isNaN(count)) return NOT_INTEGER;
        if (count < 1) return SYNTAX_ERROR;
        this.count = Math.min(count, Number.MAX_SAFE_INTEGER);
      } else if (hasValue && isKeyword(args, i, 'match')) this.#pattern = ++i;
      else if (allowsNoValues && isKeyword(args, i, 'novalues')) this.isWithoutValues = true;
      else return SYNTAX_ERROR;
    }
    return undefined;
  }

  /** Whether the element's name is one that MATCH lets through. */
  matches(buffer: ByteBuffer, start: number, end: number): boolean {
    const i = this.#pattern;
    if (i === 0) return true;
    const { buffer: pattern, start: starts, end: ends } = this.#args!;
    return matchGlob(pattern.u8, starts[i], ends[i], buffer.u8, start, end);
  }

  /**
   * Ends the reply: what was written from `bodyStart` on are the `count` bulks of the elements, before which now go the cursor
   * of the next call and their number.
   */
  end(reply: ReplyWriter, bodyStart: number, nextCursor: number, count: number): void {
    this.#args = undefined;
    const headStart = reply.position;
    reply.array(2);
    reply.bulkInteger(nextCursor);
    reply.array(count);
    putHeadFirst(reply, bodyStart, headStart);
  }
}

/** One is enough: a command ends before the next begins. */
export const scanOptions = new ScanOptions();
