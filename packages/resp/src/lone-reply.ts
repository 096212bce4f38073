/**
 * A chunk that is exactly one reply, as without pipelining, read without any state: the general way costs 15 ns more, as much
 * as half of what there is to do besides the native call that makes a string.
 */
import { decodeText } from './chunk-text.ts';
import type { ReplyChunk } from './reply-chunk.ts';
import { replyType } from './reply-types.ts';

const { integer, bulk, status } = replyType;
const carriageReturn = 0x0d;
const newline = 0x0a;
const digit0 = 0x30;
const minus = 0x2d;

/** The bulk, null, small positive integer or OK that `u8` is; undefined when it is, or may be, anything else. */
export function loneReply(
  u8: Uint8Array,
  chunk: ReplyChunk,
): string | number | null | Uint8Array<ArrayBuffer> | undefined {
  const end = u8.length;
  if (end < 4 || u8[end - 1] !== newline || u8[end - 2] !== carriageReturn) return undefined;
  const first = u8[0];
  if (first === status) return end === 5 && u8[1] === 0x4f && u8[2] === 0x4b ? 'OK' : undefined;
  if (first !== bulk && first !== integer) return undefined;
  // Nine digits are a small integer.
  const digitsEnd = Math.min(10, end - 2) | 0;
  let i = 1;
  let n = 0;
  for (; i < digitsEnd; i++) {
    const digit = (u8[i] - digit0) | 0;
    if (digit >>> 0 > 9) break;
    n = (Math.imul(n, 10) + digit) | 0;
  }
  if (i === 1) return first === bulk && end === 5 && u8[1] === minus && u8[2] === digit0 + 1 ? null : undefined;
  if (first === integer) return i === end - 2 ? n : undefined;
  if (n !== end - i - 4 || n > chunk.bulkBytesMax || u8[i] !== carriageReturn || u8[i + 1] !== newline)
    return undefined;
  return chunk.isBytes ? chunk.loneBytes(u8, i + 2, n) : decodeText(u8, i + 2, end - 2);
}
