import { latin1Of, parseDouble } from '@kvartz/base';
import type { EntryRef, Keyspace, LexRange } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';

const openParenthesis = 0x28;
const openBracket = 0x5b;
const plus = 0x2b;
const minus = 0x2d;
const decimalPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

const farHexPattern = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?\d+))?$/;

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
  const rest = trimmed.length === end - start ? NaN : parseDouble(bytes, 0, bytes.length);
  return Number.isNaN(rest) ? farHex(trimmed) : rest;
}

/** A hexadecimal number that no double is near: infinite, or 0. */
function farHex(text: string): number {
  const match = farHexPattern.exec(text);
  if (match === null) return NaN;
  const [, sign, whole, fraction = '', exponent = '0'] = match;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const power = (digits.length - fraction.length) * 4 + Number(exponent);
  if (digits === '') return /[0-9a-fA-F]/.test(whole + fraction) ? 0 : NaN;
  const magnitude = power > 0 ? Infinity : 0;
  return sign === '-' ? -magnitude : magnitude;
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

/** Reads a range of members: `[abc`, `(abc`, `-` (before all), `+` (behind all). False when either bound is none of these. */
export function readLexRange(range: LexRange, args: Args, minIndex: number, maxIndex: number): boolean {
  return readLexBound(range.min, args, minIndex) && readLexBound(range.max, args, maxIndex);
}

function readLexBound(bound: LexRange['min'], args: Args, i: number): boolean {
  const start = args.start[i];
  const end = args.end[i];
  if (start === end) return false;
  const first = args.buffer.u8[start];
  bound.side = first === plus ? 1 : first === minus ? -1 : 0;
  if (bound.side !== 0) return end - start === 1;
  bound.isExclusive = first === openParenthesis;
  bound.buffer = args.buffer;
  bound.start = start + 1;
  bound.end = end;
  return first === openBracket || first === openParenthesis;
}
