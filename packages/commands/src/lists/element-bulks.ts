import { type ByteBuffer, copyBytes, formatInteger } from '@kvartz/base';
import { elementBytes, formatElement } from '@kvartz/engine';
import type { ReplyWriter } from '@kvartz/resp';

const crlf = 0x0d0a;
const dollar = 0x24;
/** Digits of a length or an integer, `$` and two line ends: what a bulk may take beyond what its element does. */
const extraBytes = 32;
/** Copying goes by words of 8 bytes, of which the last may reach so far beyond. */
const overrunBytes = 8;

/** By length: two digits, CR and LF. */
const headOf = new Uint32Array(64);
for (let length = 10; length < 64; length++) {
  headOf[length] = ((0x30 + Math.floor(length / 10)) << 24) | ((0x30 + (length % 10)) << 16) | crlf;
}

/**
 * Appends `count` elements of a listpack's `bytes[p, to)` as bulks, the first and every `step`-th from there, straight from the
 * pack: room is made once, and a short string costs a head and one or two words.
 */
export function writeElements(
  reply: ReplyWriter,
  bytes: ByteBuffer,
  p: number,
  to: number,
  count: number,
  step: 1 | 2 = 1,
): void {
  reply.reserve(to - p + count * extraBytes + overrunBytes);
  const source = bytes.u8;
  const sourceWords = bytes.dv;
  const { buffer } = reply;
  const target = buffer.u8;
  const words = buffer.dv;
  // Words of the last element may lie beyond the segment.
  const isRoomy = to + overrunBytes <= source.length;
  let at = reply.position;
  for (let left = count; left > 0; left--) {
    const first = source[p];
    if ((first & 0xc0) === 0x80 && isRoomy) {
      const length = first & 63;
      if (length < 10) {
        words.setUint32(at, 0x2430_0d0a + (length << 16));
        at += 4;
      } else {
        target[at] = dollar;
        words.setUint32(at + 1, headOf[length]);
        at += 5;
      }
      for (let i = 0; i < length; i += 8) words.setBigUint64(at + i, sourceWords.getBigUint64(p + 1 + i, true), true);
      words.setUint16(at + length, crlf);
      at += length + 2;
      p += length + 2;
    } else {
      at =
        first < 0x80 || (first >= 0xc0 && !isLongString(first))
          ? putInteger(buffer, at, bytes, p)
          : putString(buffer, at, bytes, p);
      p += elementBytes(bytes, p);
    }
    if (step === 2 && left > 1) p += elementBytes(bytes, p);
  }
  reply.position = at;
}

function isLongString(first: number): boolean {
  return first >= 0xe0 && first <= 0xf0;
}

function putInteger(target: ByteBuffer, at: number, bytes: ByteBuffer, p: number): number {
  const { u8, dv } = target;
  // The digits go where they belong after a length of one digit.
  let end = formatElement(bytes, p, u8, at + 4);
  const length = end - at - 4;
  u8[at] = dollar;
  if (length < 10) u8[at + 1] = 0x30 + length;
  else {
    u8.copyWithin(at + 5, at + 4, end);
    end++;
    dv.setUint16(at + 1, headOf[length] >>> 16);
  }
  dv.setUint16(end - length - 2, crlf);
  dv.setUint16(end, crlf);
  return end + 2;
}

function putString(target: ByteBuffer, at: number, bytes: ByteBuffer, p: number): number {
  const first = bytes.u8[p];
  let start = p + 1;
  let length = first & 63;
  if (first >= 0xf0) {
    length = bytes.dv.getUint32(p + 1, true);
    start = p + 5;
  } else if (first >= 0xe0) {
    length = ((first & 15) << 8) | bytes.u8[p + 1];
    start = p + 2;
  }
  const { u8, dv } = target;
  u8[at] = dollar;
  const headEnd = formatInteger(u8, at + 1, length);
  dv.setUint16(headEnd, crlf);
  copyBytes(bytes, start, start + length, target, headEnd + 2);
  dv.setUint16(headEnd + 2 + length, crlf);
  return headEnd + 4 + length;
}
