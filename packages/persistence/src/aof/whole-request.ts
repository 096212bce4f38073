import type { Args } from '@kvartz/resp';

const star = 0x2a;
const dollar = 0x24;
const digit0 = 0x30;
const carriageReturn = 0x0d;
const newline = 0x0a;
/** `$0`, and two ends of lines. */
const bulkBytesMin = 6;

/**
 * Parses the request at `u8[at]` into `args` and returns its end; -1 when it does not lie whole in `u8[at, end)`, has more arguments
 * than `argsMax`, or is not spelled as servers spell it. Every byte that is no data is compared: what the power has torn must not pass for a request.
 */
export function parseWholeRequest(u8: Uint8Array, at: number, end: number, args: Args, argsMax = Infinity): number {
  // The shortest has ten bytes.
  if (at + 10 > end || u8[at] !== star) return -1;
  let i = at + 1;
  let count = u8[i++] - digit0;
  if (count < 1 || count > 9) return -1;
  let byte = u8[i++];
  while (byte !== carriageReturn) {
    const digit = byte - digit0;
    if (digit < 0 || digit > 9 || count > 99_999_999 || i >= end) return -1;
    count = count * 10 + digit;
    byte = u8[i++];
  }
  if (u8[i++] !== newline || count * bulkBytesMin > end - i || count > argsMax) return -1;
  if (count > args.start.length) args.reserve(count);
  const { start, end: ends } = args;
  for (let index = 0; index < count; index++) {
    if (i + bulkBytesMin > end || u8[i] !== dollar) return -1;
    let length = u8[i + 1] - digit0;
    if (length < 0 || length > 9) return -1;
    byte = u8[i + 2];
    i += 3;
    while (byte !== carriageReturn) {
      const digit = byte - digit0;
      if (digit < 0 || digit > 9 || length === 0 || length > 99_999_999 || i >= end) return -1;
      length = length * 10 + digit;
      byte = u8[i++];
    }
    if (u8[i] !== newline) return -1;
    start[index] = ++i;
    i += length;
    ends[index] = i;
    if (i + 2 > end || u8[i] !== carriageReturn || u8[i + 1] !== newline) return -1;
    i += 2;
  }
  args.count = count;
  return i;
}
