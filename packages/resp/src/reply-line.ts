/** Lines between a type byte and CRLF: `chunk.u8[start, end)`. */
import { ReplyError } from './errors.ts';
import { type ReplyChunk, show } from './reply-chunk.ts';
import { bigNumberOf, doubleOf, integerOf } from './reply-numbers.ts';
import { replyType } from './reply-types.ts';
import type { ReplyValue } from './reply-value.ts';

// Constants of this module: imported ones are looked up each time.
const { status, error, integer, double, bigNumber, boolean, null: nullType } = replyType;

/** The value of a reply that is a line and nothing else. */
export function lineValue(chunk: ReplyChunk, first: number, start: number, end: number): ReplyValue {
  const { u8 } = chunk;
  switch (first) {
    case status:
      if (end - start === 2 && u8[start] === 0x4f && u8[start + 1] === 0x4b) return 'OK';
      return chunk.text(start, end);
    case error:
      return new ReplyError(chunk.text(start, end));
    case integer:
      return integerOf(u8, start, end) ?? chunk.refuseLine('an integer', start, end);
    case double:
      return doubleOf(u8, start, end) ?? chunk.refuseLine('a double', start, end);
    case bigNumber:
      return bigNumberOf(u8, start, end) ?? chunk.refuseLine('a big number', start, end);
    case boolean:
      if (end - start === 1 && u8[start] === 0x74) return true;
      if (end - start === 1 && u8[start] === 0x66) return false;
      return chunk.refuseLine("'t' or 'f'", start, end);
    case nullType:
      return start === end ? null : chunk.refuseLine('nothing after the type', start, end);
    default:
      return chunk.refuse(start - 1, `expected the type of a reply, got ${show(first)}`);
  }
}

/** The length or count that it is. */
export function lengthOf(chunk: ReplyChunk, start: number, end: number, max: number): number {
  const length = integerOf(chunk.u8, start, end);
  if (typeof length !== 'number' || length < 0) return chunk.refuseLine('a length or count', start, end);
  if (length > max) chunk.refuse(start, `a length or count of ${length}, where ${max} is the limit`);
  return length;
}

/** `?` in place of a length or count: it is streamed. */
export function isQuestionMark({ u8 }: ReplyChunk, start: number, end: number): boolean {
  return end - start === 1 && u8[start] === 0x3f;
}

/** `-1` in place of a length or count: null in RESP2. */
export function isMinusOne({ u8 }: ReplyChunk, start: number, end: number): boolean {
  return end - start === 2 && u8[start] === 0x2d && u8[start + 1] === 0x31;
}
