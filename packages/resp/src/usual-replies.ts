/**
 * The hot loop of ReplyDecoder: the replies that are most of all (integers, bulks, statuses, nulls), one after another into
 * an array, as long as each lies whole in the chunk. What is cut, rare or wrong is left where it is.
 *
 * Numbers are locals, made integers with `| 0` so that V8 checks none for overflow; type bytes are constants of this module,
 * because an imported one is looked up each time; the inner loop calls nothing, so that V8 looks at `u8` and `items` once
 * for all; and `items` is of one kind always (see `blankItems`). Without all that an integer costs 7 ns instead of 3.
 */
import { type AggregateStack, blankItems, growItems } from './aggregate-stack.ts';
import { ReplyError } from './errors.ts';
import type { ReplyChunk } from './reply-chunk.ts';
import type { ReplyValue } from './reply-value.ts';
import { replyType } from './reply-types.ts';

const { integer, bulk, status, error, array, null: nullType } = replyType;
const carriageReturn = 0x0d;
const newline = 0x0a;
const digit0 = 0x30;
const minus = 0x2d;

/** So many arrays within arrays are read by recursion; deeper ones are left. */
const recursionMax = 8;

/**
 * Reads what has not been read of `u8`, which is or will be the chunk, into `items[start, limit)`, which are there already, and
 * returns the new count. They belong to what is or will be at `depth` of the stack. Arrays that cannot be completed are put
 * on it from there on.
 */
export function readUsual(
  chunk: ReplyChunk,
  stack: AggregateStack,
  depth: number,
  items: ReplyValue[],
  start: number,
  limit: number,
): number {
  const { u8 } = chunk;
  const end = chunk.end | 0;
  const countMax = limit | 0;
  let count = start | 0;
  let at = chunk.at | 0;
  for (;;) {
    // What takes no call. Almost no reply has fewer than four bytes.
    while (count < countMax && ((at + 4) | 0) <= end) {
      const first = u8[at];
      const second = u8[at + 1];
      if (first === integer) {
        let i = (at + 2) | 0;
        let n = (second - digit0) | 0;
        // One comparison of the unsigned difference tells whether a byte is a digit.
        if (n >>> 0 > 9) {
          if (second !== minus) break;
          n = (u8[i] - digit0) | 0;
          if (n >>> 0 > 9) break;
          i = (i + 1) | 0;
        }
        const nineEnd = (i + 8) | 0;
        const digitsEnd = Math.min(nineEnd, (end - 2) | 0);
        for (; i < digitsEnd; i = (i + 1) | 0) {
          const digit = (u8[i] - digit0) | 0;
          if (digit >>> 0 > 9) break;
          n = (Math.imul(n, 10) + digit) | 0;
        }
        if (u8[i] === carriageReturn) {
          if (u8[i + 1] !== newline) break;
          items[count] = second === minus ? (0 - n) | 0 : n;
        } else {
          // Nine digits are a small integer, fifteen are exact in a double.
          if (i !== nineEnd) break;
          const lowEnd = Math.min((i + 6) | 0, (end - 2) | 0);
          let low = 0;
          let scale = 1;
          for (; i < lowEnd; i = (i + 1) | 0) {
            const digit = (u8[i] - digit0) | 0;
            if (digit >>> 0 > 9) break;
            low = (Math.imul(low, 10) + digit) | 0;
            scale = Math.imul(scale, 10);
          }
          if (u8[i] !== carriageReturn || u8[i + 1] !== newline) break;
          const long = n * scale + low;
          items[count] = second === minus ? 0 - long : long;
        }
        count = (count + 1) | 0;
        at = (i + 2) | 0;
      } else if (first === bulk) {
        if (second !== minus || u8[at + 2] !== digit0 + 1 || u8[at + 3] !== carriageReturn) break;
        if (((at + 5) | 0) > end || u8[at + 4] !== newline) break;
        items[count] = null;
        count = (count + 1) | 0;
        at = (at + 5) | 0;
      } else if (first === status) {
        if (second !== 0x4f || u8[at + 2] !== 0x4b || u8[at + 3] !== carriageReturn) break;
        if (((at + 5) | 0) > end || u8[at + 4] !== newline) break;
        items[count] = 'OK';
        count = (count + 1) | 0;
        at = (at + 5) | 0;
      } else if (first === nullType) {
        if (second !== carriageReturn || u8[at + 2] !== newline) break;
        items[count] = null;
        count = (count + 1) | 0;
        at = (at + 3) | 0;
      } else {
        break;
      }
    }
    if (count === countMax || ((at + 4) | 0) > end) break;

    const first = u8[at];
    let i = (at + 1) | 0;
    if (first === bulk) {
      let length = (u8[i] - digit0) | 0;
      if (length >>> 0 > 9) break;
      i = (i + 1) | 0;
      const digitsEnd = Math.min((i + 8) | 0, (end - 2) | 0);
      for (; i < digitsEnd; i = (i + 1) | 0) {
        const digit = (u8[i] - digit0) | 0;
        if (digit >>> 0 > 9) break;
        length = (Math.imul(length, 10) + digit) | 0;
      }
      const bodyStart = (i + 2) | 0;
      const bodyEnd = (bodyStart + length) | 0;
      if (((bodyEnd + 2) | 0) > end || length > chunk.bulkBytesMax) break;
      if (u8[i] !== carriageReturn || u8[i + 1] !== newline) break;
      if (u8[bodyEnd] !== carriageReturn || u8[bodyEnd + 1] !== newline) break;
      items[count] = chunk.isBytes ? chunk.bytes(bodyStart, bodyEnd) : chunk.text(bodyStart, bodyEnd);
      at = (bodyEnd + 2) | 0;
    } else if (first === status || first === error) {
      while (i < end && u8[i] !== carriageReturn) i = (i + 1) | 0;
      if (((i + 2) | 0) > end || u8[i + 1] !== newline || i - at > chunk.lineBytesMax) break;
      const text = chunk.text(at + 1, i);
      items[count] = first === status ? text : new ReplyError(text);
      at = (i + 2) | 0;
    } else if (first === array) {
      chunk.at = at;
      const inner = readUsualArray(chunk, stack, depth);
      at = chunk.at | 0;
      if (inner === undefined) break;
      items[count] = inner;
    } else {
      break;
    }
    count = (count + 1) | 0;
  }
  chunk.at = at;
  return count;
}

/** The array whose head is next, if it lies whole in the chunk. Else what has been read of it is on the stack, from `depth` on. */
function readUsualArray(chunk: ReplyChunk, stack: AggregateStack, depth: number): ReplyValue[] | undefined {
  if (depth >= stack.depthMax || depth - stack.depth >= recursionMax) return undefined;
  const wanted = chunk.readUsualCount();
  if (wanted < 0) return undefined;
  const items = blankItems(wanted);
  const count = readElements(chunk, stack, depth + 1, items, 0, wanted);
  if (count === wanted) return items;
  stack.put(depth, array, items, count, wanted);
  return undefined;
}

/** As `readUsual`, for the elements of an aggregate whose `items` may still have to grow. */
export function readElements(
  chunk: ReplyChunk,
  stack: AggregateStack,
  depth: number,
  items: ReplyValue[],
  start: number,
  wanted: number,
): number {
  let count = readUsual(chunk, stack, depth, items, start, items.length);
  while (count === items.length && count < wanted) {
    growItems(items, wanted);
    count = readUsual(chunk, stack, depth, items, count, items.length);
  }
  return count;
}
