import { latin1Of, parseDouble } from '@kvartz/base';
import type { EntryRef, Keyspace } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';

const openParenthesis = 0x28;
const openBracket = 0x5b;
const plus = 0x2b;
const minus = 0x2d;
const decimalPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** What C's strtod makes of a whole text: also with space before it, empty, or beyond what a double holds. NaN: nothing. */
function parseLenient(u8: Uint8Array, start: number, end: number): number {
  const value = parseDouble(u8, start, end);
  if (!Number.isNaN(value)) return value;
  // To C the text ends at a zero byte.
  const [text] = latin1Of(u8, start, end).split('\0', 1);
  const trimmed = text.replace(/^[ \t\n\v\f\r]+/, '');
  if (text === '') return 0;
  if (decimalPattern.test(trimmed)) return Number(trimmed);
  const bytes = Uint8Array.from(trimmed, (character) => character.charCodeAt(0));
  return trimmed.length === end - start ? NaN : parseDouble(bytes, 0, bytes.length);
}

/** A range of scores: `1.5`, `(1.5`, `-inf`. */
export class ScoreRange {
  /** min, max. Fields that are numbers would be boxed. */
  readonly #bounds = new Float64Array(2);
  #isMinExclusive = false;
  #isMaxExclusive = false;
  /** Ranks, after `locate`. */
  from = 0;
  to = 0;

  /** False when either is not a number. */
  read(args: Args, minIndex: number, maxIndex: number): boolean {
    const { u8 } = args.buffer;
    this.#isMinExclusive = isOpen(args, minIndex);
    this.#isMaxExclusive = isOpen(args, maxIndex);
    const min = parseLenient(u8, args.start[minIndex] + (this.#isMinExclusive ? 1 : 0), args.end[minIndex]);
    const max = parseLenient(u8, args.start[maxIndex] + (this.#isMaxExclusive ? 1 : 0), args.end[maxIndex]);
    this.#bounds[0] = min;
    this.#bounds[1] = max;
    return !Number.isNaN(min) && !Number.isNaN(max);
  }

  /** Finds the ranks [from, to) of the members in the range. */
  locate({ sortedSets }: Keyspace, e: EntryRef): void {
    this.from = sortedSets.rankOfScore(e, this.#bounds[0], this.#isMinExclusive);
    this.to = Math.max(this.from, sortedSets.rankOfScore(e, this.#bounds[1], !this.#isMaxExclusive));
  }
}

function isOpen(args: Args, i: number): boolean {
  return args.end[i] > args.start[i] && args.buffer.u8[args.start[i]] === openParenthesis;
}

/** A range of members, for sets whose scores are all the same: `[abc`, `(abc`, `-` (before all), `+` (behind all). */
export class LexRange {
  /** Ranks, after `locate`. */
  from = 0;
  to = 0;
  #args: Args | undefined;
  #min = 0;
  #max = 0;

  /** False when either is none of these. */
  read(args: Args, minIndex: number, maxIndex: number): boolean {
    this.#args = args;
    this.#min = minIndex;
    this.#max = maxIndex;
    return isLexBound(args, minIndex) && isLexBound(args, maxIndex);
  }

  /** Finds the ranks [from, to) of the members in the range. */
  locate(db: Keyspace, e: EntryRef): void {
    this.from = this.#rankOf(db, e, 0, this.#min, false);
    this.to = Math.max(this.from, this.#rankOf(db, e, this.from, this.#max, true));
  }

  /** Members before the bound in argument `i`; with those that are equal to a closed upper one or an open lower one. */
  #rankOf(db: Keyspace, e: EntryRef, from: number, i: number, isUpper: boolean): number {
    const { buffer, start, end } = this.#args!;
    const first = buffer.u8[start[i]];
    if (first === minus) return 0;
    if (first === plus) return db.countOf(e);
    const orEqual = isUpper === (first === openBracket);
    return db.sortedSets.rankOfMember(e, from, buffer, start[i] + 1, end[i], orEqual);
  }
}

function isLexBound(args: Args, i: number): boolean {
  const bytes = args.end[i] - args.start[i];
  if (bytes === 0) return false;
  const first = args.buffer.u8[args.start[i]];
  if (first === plus || first === minus) return bytes === 1;
  return first === openBracket || first === openParenthesis;
}
