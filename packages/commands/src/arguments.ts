import { equalsIgnoreCase, parseInt64, parseInteger, textOf } from '@kvartz/base';
import type { Args } from '@kvartz/resp';

/** Readers of single arguments. None makes a string or throws: what a client sends is never a surprise. */

export const INT64_MAX = 2n ** 63n - 1n;
export const INT64_MIN = -(2n ** 63n);

/** NaN when it is no integer of 64 bits; Infinity or -Infinity past 2^53, where `bigIntegerAt` knows more. */
export function integerAt(args: Args, i: number): number {
  return parseInteger(args.buffer.u8, args.start[i], args.end[i]);
}

export function bigIntegerAt(args: Args, i: number): bigint | undefined {
  return parseInt64(args.buffer.u8, args.start[i], args.end[i]);
}

/** Whether argument `i` is the keyword (given in lower case), in any case of letters. */
export function isKeyword(args: Args, i: number, lower: string): boolean {
  return equalsIgnoreCase(args.buffer.u8, args.start[i], args.end[i], lower);
}

export function lengthAt(args: Args, i: number): number {
  return args.end[i] - args.start[i];
}

/** For error texts: at most so many bytes, and they end at a zero byte as C's strings do. */
export function textAt(args: Args, i: number, bytesMax = Infinity): string {
  const start = args.start[i];
  const end = Math.min(args.end[i], start + bytesMax);
  const zero = args.buffer.u8.subarray(start, end).indexOf(0);
  return textOf(args.buffer.u8, start, zero < 0 ? end : start + zero);
}

/** `start > end`, exact even where both lie past 2^53. */
export function isAfter(args: Args, startIndex: number, start: number, endIndex: number, end: number): boolean {
  if (start !== end || Number.isFinite(start)) return start > end;
  return bigIntegerAt(args, startIndex)! > bigIntegerAt(args, endIndex)!;
}
