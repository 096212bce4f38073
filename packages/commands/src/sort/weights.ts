import { type ByteBuffer, parseDouble } from '@kvartz/base';
import type { CommandContext } from '../context.ts';
import { ByteList } from './byte-list.ts';
import type { CompareIndexes } from './index-sort.ts';
import type { KeyPattern } from './key-pattern.ts';

/**
 * Numbers; 0 for what a pattern leads nowhere from, NaN for a text that is none. `by` undefined: the elements are the numbers.
 */
export function numericWeights(
  context: CommandContext,
  elements: ByteList,
  by: KeyPattern | undefined,
): Float64Array<ArrayBuffer> {
  const { count, bytes, ends } = elements;
  const weights = new Float64Array(count);
  let start = 0;
  for (let i = 0; i < count; i++) {
    const end = ends[i];
    if (by === undefined) weights[i] = numberOf(bytes, start, end);
    else {
      const value = by.valueFor(context, bytes, start, end);
      if (value !== undefined) weights[i] = numberOf(value.buffer, value.start, value.end);
    }
    start = end;
  }
  return weights;
}

/**
 * How elements compare by the bytes that a pattern leads to; nothing comes before anything. Equal ones stay as they are, unless the
 * elements came in no order (`isOrdered`): then those tell them apart, so that the same data sort the same way everywhere.
 */
export function compareByPattern(
  context: CommandContext,
  elements: ByteList,
  by: KeyPattern,
  isOrdered: boolean,
): CompareIndexes {
  const { count, bytes, ends } = elements;
  const found = new ByteList(Math.max(count, 1));
  const isFound = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const value = by.valueFor(context, bytes, elements.startOf(i), ends[i]);
    if (value !== undefined) isFound[i] = 1;
    if (value === undefined) found.push(bytes, 0, 0);
    else found.push(value.buffer, value.start, value.end);
  }
  return (a, b) => {
    const difference = isFound[a] - isFound[b] || found.compare(a, b);
    return difference === 0 && !isOrdered ? elements.compare(a, b) : difference;
  };
}

const space = 0x20;
const tab = 0x09;
const carriageReturn = 0x0d;

/** As C's `strtod` reads all of a text: spaces may stand before a number, and no text is 0. NaN: no number. */
function numberOf({ u8 }: ByteBuffer, start: number, end: number): number {
  if (start === end) return 0;
  const number = parseDouble(u8, start, end);
  return Number.isNaN(number) ? spacedNumber(u8, start, end) : number;
}

/** The same for what is no number at first sight: with spaces, or ended by a zero byte. */
function spacedNumber(u8: Uint8Array, start: number, givenEnd: number): number {
  const zero = u8.subarray(start, givenEnd).indexOf(0);
  const end = zero < 0 ? givenEnd : start + zero;
  if (start === end) return 0;
  let at = start;
  while (at < end && (u8[at] === space || (u8[at] >= tab && u8[at] <= carriageReturn))) at++;
  return parseDouble(u8, at, end);
}
