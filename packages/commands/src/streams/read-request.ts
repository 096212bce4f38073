import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import {
  GROUP_ONLY_XREADGROUP,
  GROUP_REQUIRED,
  NOACK_ONLY_XREADGROUP,
  NOT_INTEGER,
  SYNTAX_ERROR,
  TIMEOUT_NEGATIVE,
  TIMEOUT_NOT_INTEGER,
  UNBALANCED_STREAMS,
} from '../errors.ts';

/** Options of XREAD and XREADGROUP, and where keys and IDs stand. */
export class ReadRequest {
  /** Key `firstKey + i` goes with the ID `firstKey + keyCount + i`. */
  firstKey = 0;
  keyCount = 0;
  /** Entries of each stream; Infinity: all. */
  countMax = Infinity;
  /** 0: for ever. -1: it does not wait. */
  blockMs = -1;
  isNoack = false;
  /** The arguments that name the group, and the consumer after it; 0: none. */
  groupIndex = 0;

  readonly #isGroup: boolean;

  constructor(isGroup: boolean) {
    this.#isGroup = isGroup;
  }

  /** False when it has been refused. */
  read(context: CommandContext, args: Args): boolean {
    const error = this.#read(args);
    if (error === undefined) return true;
    context.reply.error(error);
    return false;
  }

  #read(args: Args): string | undefined {
    this.countMax = Infinity;
    this.blockMs = -1;
    this.isNoack = false;
    this.groupIndex = 0;
    const last = args.count - 1;
    for (let i = 1; i <= last; i++) {
      if (i < last && isKeyword(args, i, 'streams')) return this.#readStreams(args, i + 1);
      if (i + 1 < last && isKeyword(args, i, 'group')) {
        if (!this.#isGroup) return GROUP_ONLY_XREADGROUP;
        this.groupIndex = i + 1;
        i += 2;
      } else if (i < last && isKeyword(args, i, 'count')) {
        const count = integerAt(args, ++i);
        if (Number.isNaN(count)) return NOT_INTEGER;
        this.countMax = count > 0 ? count : Infinity;
      } else if (i < last && isKeyword(args, i, 'block')) {
        const error = this.#readBlock(args, ++i);
        if (error !== undefined) return error;
      } else if (isKeyword(args, i, 'noack')) {
        if (!this.#isGroup) return NOACK_ONLY_XREADGROUP;
        this.isNoack = true;
      } else return SYNTAX_ERROR;
    }
    return SYNTAX_ERROR;
  }

  #readBlock(args: Args, i: number): string | undefined {
    const ms = integerAt(args, i);
    if (Number.isNaN(ms)) return TIMEOUT_NOT_INTEGER;
    if (ms < 0) return TIMEOUT_NEGATIVE;
    // Past what a number holds nobody sees the end.
    this.blockMs = Number.isFinite(ms) ? ms : 0;
    return undefined;
  }

  #readStreams(args: Args, first: number): string | undefined {
    const count = args.count - first;
    if (count % 2 !== 0) return UNBALANCED_STREAMS;
    this.firstKey = first;
    this.keyCount = count / 2;
    return this.#isGroup && this.groupIndex === 0 ? GROUP_REQUIRED : undefined;
  }
}
