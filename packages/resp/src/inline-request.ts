/**
 * Inline requests: one line of words, for people with telnet. The quoting rules are Redis's (`sdssplitargs`):
 *
 *   "..."   with \n \r \t \b \a \xHH; a backslash before any other character stands for that character
 *   '...'   with \' only
 *
 * A quote may open inside a word (`a"b c"` is `ab c`), but what follows a closing quote must be blank.
 */
import { ByteBuffer } from '@kvartz/base';
import type { Args } from './args.ts';

const tab = 0x09;
const newline = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const doubleQuote = 0x22;
const singleQuote = 0x27;
const backslash = 0x5c;

/** C's isspace: what may stand before a word and after a closing quote. */
function isSpace(byte: number): boolean {
  return byte === space || (byte >= tab && byte <= carriageReturn);
}

/** What ends a word without quotes: vertical tab and form feed do not. */
function endsWord(byte: number): boolean {
  return byte === space || byte === newline || byte === carriageReturn || byte === tab;
}

/**
 * Splits the line `input.u8[start, end)` (without its terminator) into `args`. Words without quotes are views into
 * `input`; a line with quotes gets a buffer of its own. Returns false when quotes are unbalanced.
 */
export function splitInlineRequest(input: ByteBuffer, start: number, end: number, args: Args): boolean {
  const { u8 } = input;
  for (let i = start; i < end; i++) {
    if (u8[i] === doubleQuote || u8[i] === singleQuote) return splitQuoted(u8, start, end, args);
  }
  args.buffer = input;
  args.count = 0;
  for (let i = start; ;) {
    while (i < end && isSpace(u8[i])) i++;
    if (i === end) return true;
    const wordStart = i;
    while (i < end && !endsWord(u8[i])) i++;
    args.push(wordStart, i);
  }
}

function splitQuoted(u8: Uint8Array, start: number, end: number, args: Args): boolean {
  const buffer = new ByteBuffer(end - start);
  const target = buffer.u8;
  args.buffer = buffer;
  args.count = 0;
  let at = 0;
  for (let i = start; ;) {
    while (i < end && isSpace(u8[i])) i++;
    if (i === end) return true;
    const wordStart = at;
    let quote = 0;
    for (; ; i++) {
      if (i === end) {
        if (quote !== 0) return false;
        break;
      }
      const byte = u8[i];
      if (quote === 0) {
        if (endsWord(byte)) break;
        if (byte === doubleQuote || byte === singleQuote) quote = byte;
        else target[at++] = byte;
      } else if (byte === quote) {
        i++;
        if (i < end && !isSpace(u8[i])) return false;
        break;
      } else if (byte !== backslash || i + 1 === end) {
        target[at++] = byte;
      } else if (quote === singleQuote) {
        if (u8[i + 1] === singleQuote) i++;
        target[at++] = u8[i];
      } else if (u8[i + 1] === 0x78 && i + 3 < end && hexDigit(u8[i + 2]) >= 0 && hexDigit(u8[i + 3]) >= 0) {
        target[at++] = hexDigit(u8[i + 2]) * 16 + hexDigit(u8[i + 3]);
        i += 3;
      } else {
        i++;
        target[at++] = unescape(u8[i]);
      }
    }
    args.push(wordStart, at);
  }
}

function unescape(byte: number): number {
  switch (byte) {
    case 0x6e: // n
      return 0x0a;
    case 0x72: // r
      return 0x0d;
    case 0x74: // t
      return 0x09;
    case 0x62: // b
      return 0x08;
    case 0x61: // a
      return 0x07;
    default:
      return byte;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
