/**
 * One element of a listpack, as Redis lays it out:
 *
 *   0xxxxxxx                        0 to 127
 *   10xxxxxx <bytes>                string of up to 63 bytes
 *   110xxxxx xxxxxxxx               integer of 13 bits
 *   1110xxxx xxxxxxxx <bytes>       string of up to 4095 bytes
 *   F0 <length u32> <bytes>         longer string
 *   F1 F2 F3 F4 <integer>           integers of 16, 24, 32 and 64 bits, little-endian
 *
 * and behind it its size once more, 7 bits to the byte, the highest first, so that it can be read from behind: "backlen".
 * Bit 7 is set in all bytes of a backlen but the first.
 *
 * Invariant: what can be an integer is one, and every element has the shortest of these forms. Equal elements are therefore
 * equal byte by byte.
 *
 * Source: https://github.com/antirez/listpack/blob/master/listpack.md
 */
import { type ByteBuffer, copyBytes, equalBytes, formatInteger, parseInt64, parseInteger } from '@kvartz/base';
import type { Span } from './span.ts';

/** Behind the last element. */
export const packEnd = 0xff;

export const shortString = 0x80;
export const integer13 = 0xc0;
const middleString = 0xe0;
const longString = 0xf0;
export const integer16 = 0xf1;
const integer24 = 0xf2;
const integer32 = 0xf3;
export const integer64 = 0xf4;

/** Longer texts are no integers: 19 digits and a sign. */
const integerTextMax = 20;
const safeHighMax = 2 ** 21;

/** Size with the backlen by the first byte; 0: the first byte does not tell. */
export const bytesByFirst = new Uint8Array(256);
bytesByFirst.fill(2, 0, 128);
for (let length = 0; length < 64; length++) bytesByFirst[shortString + length] = length + 2;
bytesByFirst.fill(3, integer13, middleString);
bytesByFirst.set([4, 5, 6, 10], integer16);

/** Redis's own bounds: one less than would fit. */
export function backlenBytes(sizeBytes: number): number {
  if (sizeBytes <= 127) return 1;
  if (sizeBytes < 16_383) return 2;
  if (sizeBytes < 2_097_151) return 3;
  return sizeBytes < 268_435_455 ? 4 : 5;
}

/** Bytes of the element at `p`, with its backlen. */
export function elementBytes(bytes: ByteBuffer, p: number): number {
  const first = bytes.u8[p];
  const known = bytesByFirst[first];
  return known === 0 ? longElementBytes(bytes, p, first) : known;
}

function longElementBytes(bytes: ByteBuffer, p: number, first: number): number {
  const sizeBytes = first < longString ? 2 + middleLength(bytes.u8, p, first) : 5 + bytes.dv.getUint32(p + 1, true);
  return sizeBytes + backlenBytes(sizeBytes);
}

function middleLength(u8: Uint8Array, p: number, first: number): number {
  return ((first & 15) << 8) | u8[p + 1];
}

export function isIntegerElement(bytes: ByteBuffer, p: number): boolean {
  const first = bytes.u8[p];
  return first < shortString || (first >= integer13 && first < middleString) || first > longString;
}

/** Where the element that ends before `p` begins. */
export function previousElement(bytes: ByteBuffer, p: number): number {
  const { u8 } = bytes;
  let byte = u8[--p];
  if (byte < 128) return p - byte;
  let sizeBytes = byte & 127;
  for (let scale = 128; ; scale *= 128) {
    byte = u8[--p];
    sizeBytes += (byte & 127) * scale;
    if (byte < 128) return p - sizeBytes;
  }
}

/** The bytes of a string, or the digits of an integer in `scratch`. */
export function readElement(bytes: ByteBuffer, p: number, span: Span, scratch: ByteBuffer): Span {
  const first = bytes.u8[p];
  if ((first & 0xc0) === shortString) {
    span.buffer = bytes;
    span.start = p + 1;
    span.end = p + 1 + first - shortString;
  } else if (first >= middleString && first <= longString) {
    const isMiddle = first < longString;
    span.buffer = bytes;
    span.start = p + (isMiddle ? 2 : 5);
    span.end = span.start + (isMiddle ? middleLength(bytes.u8, p, first) : bytes.dv.getUint32(p + 1, true));
  } else {
    span.buffer = scratch;
    span.start = 0;
    span.end = formatElement(bytes, p, scratch.u8, 0);
  }
  return span;
}

/** Digits of the integer at `p` into `target`, which has room for 20. Returns their end. */
export function formatElement(bytes: ByteBuffer, p: number, target: Uint8Array, at: number): number {
  const value = integerElement(bytes, p);
  if (Number.isFinite(value)) return formatInteger(target, at, value);
  const digits = bytes.dv.getBigInt64(p + 1, true).toString();
  for (let i = 0; i < digits.length; i++) target[at + i] = digits.charCodeAt(i);
  return at + digits.length;
}

/** The integer at `p`: NaN when it is a string, Infinity or -Infinity when it is no safe integer. */
export function integerElement(bytes: ByteBuffer, p: number): number {
  const { u8, dv } = bytes;
  const first = u8[p];
  if (first < shortString) return first;
  if (first < integer13) return NaN;
  if (first < middleString) return ((((first & 31) << 8) | u8[p + 1]) << 19) >> 19;
  switch (first) {
    case integer16:
      return dv.getInt16(p + 1, true);
    case integer24:
      return dv.getUint16(p + 1, true) | (dv.getInt8(p + 3) << 16);
    case integer32:
      return dv.getInt32(p + 1, true);
    case integer64: {
      const high = dv.getInt32(p + 5, true);
      if (high < -safeHighMax || high >= safeHighMax) return high < 0 ? -Infinity : Infinity;
      const value = high * 2 ** 32 + dv.getUint32(p + 1, true);
      return value < Number.MIN_SAFE_INTEGER ? -Infinity : value;
    }
    default:
      return NaN;
  }
}

/** Whether a value becomes a string of up to 63 bytes, as far as its first byte tells: most do, and need no `ElementForm`. */
export function isShortText(buffer: ByteBuffer, start: number, end: number): boolean {
  const length = end - start;
  if (length > 63 || length === 0) return false;
  const first = buffer.u8[start];
  return first > 0x39 || first < 0x2d;
}

/** Writes what `isShortText` to `target[at, at + length + 2)`. */
export function putShortText(target: ByteBuffer, at: number, buffer: ByteBuffer, start: number, end: number): void {
  const length = end - start;
  target.u8[at] = shortString | length;
  copyBytes(buffer, start, end, target, at + 1);
  target.u8[at + 1 + length] = length + 1;
}

/** A value in the form in which it will stand in a pack. Used again and again, so that nothing is allocated. */
export class ElementForm {
  /** With the backlen. */
  totalBytes = 0;
  /** Without it. */
  #sizeBytes = 0;
  /** All of an integer; of a string what stands before its bytes. */
  #headBytes = 0;
  #bodyBytes = 0;
  readonly #head: ByteBuffer;

  /** `scratch`: 16 bytes that nobody else uses. */
  constructor(scratch: ByteBuffer) {
    this.#head = scratch;
  }

  /** Decides the form of a value. */
  set(buffer: ByteBuffer, start: number, end: number): void {
    const length = end - start;
    if (length <= integerTextMax && length > 0) {
      const first = buffer.u8[start];
      // A digit or a minus.
      if (first <= 0x39 && first >= 0x2d) {
        const value = parseInteger(buffer.u8, start, end);
        if (value === value) {
          this.#setInteger(buffer, start, end, value);
          return;
        }
      }
    }
    const { u8, dv } = this.#head;
    let headBytes = 1;
    if (length < 64) u8[0] = shortString | length;
    else if (length < 4096) {
      u8[0] = middleString | (length >>> 8);
      u8[1] = length & 0xff;
      headBytes = 2;
    } else {
      u8[0] = longString;
      dv.setUint32(1, length, true);
      headBytes = 5;
    }
    this.#headBytes = headBytes;
    this.#bodyBytes = length;
    this.#sizeBytes = headBytes + length;
    this.totalBytes = headBytes + length + backlenBytes(headBytes + length);
  }

  /** `value` is Infinity or -Infinity when it is no safe integer. */
  #setInteger(buffer: ByteBuffer, start: number, end: number, value: number): void {
    const { u8, dv } = this.#head;
    let headBytes: number;
    if (value >= -4096 && value < 4096) {
      const isByte = value >= 0 && value < 128;
      headBytes = isByte ? 1 : 2;
      if (isByte) u8[0] = value;
      else dv.setUint16(0, 0xc000 | (value & 0x1fff));
    } else if (value !== (value | 0)) {
      headBytes = 9;
      u8[0] = integer64;
      if (Number.isFinite(value)) {
        dv.setInt32(5, Math.floor(value / 2 ** 32), true);
        dv.setInt32(1, value | 0, true);
      } else dv.setBigInt64(1, parseInt64(buffer.u8, start, end)!, true);
    } else {
      const width = value === (value << 16) >> 16 ? 2 : value === (value << 8) >> 8 ? 3 : 4;
      headBytes = width + 1;
      u8[0] = integer16 + width - 2;
      dv.setInt32(1, value, true);
    }
    this.#headBytes = headBytes;
    this.#bodyBytes = 0;
    this.#sizeBytes = headBytes;
    this.totalBytes = headBytes + 1;
  }

  /** Writes the form of `buffer[start, ...)`, which `set` has decided, to `target[at, at + totalBytes)`. */
  put(target: ByteBuffer, at: number, buffer: ByteBuffer, start: number): void {
    const { u8 } = target;
    const head = this.#head.u8;
    const headBytes = this.#headBytes;
    u8[at] = head[0];
    for (let i = 1; i < headBytes; i++) u8[at + i] = head[i];
    const bodyBytes = this.#bodyBytes;
    copyBytes(buffer, start, start + bodyBytes, target, at + headBytes);
    const sizeBytes = this.#sizeBytes;
    const p = at + sizeBytes;
    if (sizeBytes <= 127) u8[p] = sizeBytes;
    else putBacklen(u8, p, sizeBytes);
  }

  /**
   * The first element from `p` on that equals `buffer[start, ...)`, whose form `set` has decided, going `step` elements at a
   * time; 0 when there is none before the end of the pack at `end`.
   */
  find(pack: ByteBuffer, p: number, end: number, step: number, buffer: ByteBuffer, start: number): number {
    const { u8 } = pack;
    const first = this.#head.u8[0];
    const bodyBytes = this.#bodyBytes;
    const isShort = this.#headBytes === 1;
    while (p < end) {
      if (u8[p] === first && this.#isRestAt(pack, p, isShort, bodyBytes, buffer, start)) return p;
      for (let i = step; i > 0 && p < end; i--) {
        const known = bytesByFirst[u8[p]];
        p += known === 0 ? longElementBytes(pack, p, u8[p]) : known;
      }
    }
    return 0;
  }

  /** Whether the element at `p`, whose first byte is the right one, is this one. */
  #isRestAt(
    pack: ByteBuffer,
    p: number,
    isShort: boolean,
    bodyBytes: number,
    buffer: ByteBuffer,
    start: number,
  ): boolean {
    const headBytes = this.#headBytes;
    if (!isShort) {
      const head = this.#head.u8;
      for (let i = 1; i < headBytes; i++) if (pack.u8[p + i] !== head[i]) return false;
    }
    const body = p + headBytes;
    return equalBytes(pack, body, body + bodyBytes, buffer, start, start + bodyBytes);
  }

  /** Whether the element at `p` equals `buffer[start, ...)`, whose form `set` has decided. */
  isAt(pack: ByteBuffer, p: number, buffer: ByteBuffer, start: number): boolean {
    if (pack.u8[p] !== this.#head.u8[0]) return false;
    return this.#isRestAt(pack, p, this.#headBytes === 1, this.#bodyBytes, buffer, start);
  }
}

function putBacklen(u8: Uint8Array, p: number, sizeBytes: number): void {
  let rest = sizeBytes;
  for (let i = backlenBytes(sizeBytes) - 1; i >= 0; i--) {
    u8[p + i] = (rest & 127) | (i === 0 ? 0 : 128);
    rest = Math.floor(rest / 128);
  }
}
