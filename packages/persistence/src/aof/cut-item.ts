import { assert, ByteBuffer, latin1Of, quoteWord } from '@kvartz/base';
import { Args } from '@kvartz/resp';
import { AofError, type AofErrorCode } from './aof-error.ts';

const star = 0x2a;
const dollar = 0x24;
const hash = 0x23;
const digit0 = 0x30;
const carriageReturn = 0x0d;
const newline = 0x0a;

/** Offsets into a buffer are 32-bit integers, and typed arrays are slow from 2^31 on. */
const itemBytesMax = 2 ** 31 - 2 ** 20;
/** So much may be appended at once that is not known to belong to the item. */
export const surplusBytesMax = 2 ** 16;
/** More digits than any count or length has. */
const digitsMax = 19;
/** As in Redis. */
const annotationBytesMax = 1024;
const smallBytes = 1024;
/** Memory may be this many times what has arrived, whatever length was announced. */
const growthFactor = 4;
/** Of what was found, for people. */
const shownBytes = 12;

/**
 * A request or an annotation that the end of a chunk has cut, or in which something is wrong: its bytes, copied, and how far they
 * have been parsed. Each byte is looked at once, but for the line that is being read.
 *
 *   buffer:  [ *3 CRLF | $3 CRLF SET CRLF | $10 CRLF key:0000 | free ... ]
 *                                         ^ #at              ^ usedBytes
 */
export class CutItem {
  buffer: ByteBuffer;
  usedBytes = 0;
  readonly args: Args;
  isAnnotation = false;
  /** Bytes that must still arrive before `parse` can get any further. */
  missingBytes = 1;
  readonly #small = new ByteBuffer(smallBytes);
  /** Where in the file the item begins. */
  #offset = 0;
  #at = 0;
  /** Arguments announced; -1: not yet. */
  #argsWanted = -1;
  /** Length of the bulk at `#at`; -1: not announced yet. */
  #bulkBytes = -1;
  #bulkHeaderAt = 0;

  constructor() {
    this.buffer = this.#small;
    this.args = new Args(this.#small, 8);
  }

  /** Of the bulk whose bytes have not all come: where it was announced in the item, and how long; undefined: there is none. */
  get openBulk(): { readonly headerAt: number; readonly at: number; readonly sizeBytes: number } | undefined {
    if (this.#bulkBytes < 0) return undefined;
    return { headerAt: this.#bulkHeaderAt, at: this.#at, sizeBytes: this.#bulkBytes };
  }

  /** What would have come next. */
  get expected(): string {
    if (this.#bulkBytes >= 0) return `${this.missingBytes} more bytes of a value of ${this.#bulkBytes}`;
    if (this.isAnnotation) return 'the end of a line';
    if (this.#argsWanted < 0) return 'a count of arguments';
    return `argument ${this.args.count + 1} of ${this.#argsWanted}`;
  }

  begin(offset: number): void {
    this.#offset = offset;
    this.buffer = this.#small;
    this.usedBytes = 0;
    this.missingBytes = 1;
    this.isAnnotation = false;
    this.args.buffer = this.#small;
    this.args.count = 0;
    this.#at = 0;
    this.#argsWanted = -1;
    this.#bulkBytes = -1;
  }

  append(input: ByteBuffer, start: number, end: number): void {
    const needBytes = this.usedBytes + (end - start);
    if (needBytes > this.buffer.sizeBytes) {
      const wantedBytes = Math.max(needBytes * 2, this.usedBytes + this.missingBytes);
      const larger = new ByteBuffer(Math.min(wantedBytes, needBytes * growthFactor, itemBytesMax + surplusBytesMax));
      larger.u8.set(this.buffer.u8.subarray(0, this.usedBytes));
      this.buffer = larger;
      this.args.buffer = larger;
    }
    assert(needBytes <= this.buffer.sizeBytes, `an item of ${needBytes} bytes`);
    this.buffer.u8.set(input.u8.subarray(start, end), this.usedBytes);
    this.missingBytes -= end - start;
    this.usedBytes = needBytes;
  }

  /** The end of the item in `buffer`; -1: more is needed. Throws AofError. */
  parse(): number {
    if (this.usedBytes === 0) return -1;
    const first = this.buffer.u8[0];
    if (first === hash) return this.#annotation();
    const { args } = this;
    if (this.#argsWanted < 0) {
      if (first !== star) throw this.error(0, `'*' or '#'`);
      const count = this.#number(star);
      if (count < 0) return -1;
      if (count === 0) throw this.error(1, 'a count of arguments above zero');
      this.#argsWanted = count;
    }
    while (args.count < this.#argsWanted) {
      if (this.#bulkBytes < 0) {
        const headerAt = this.#at;
        const length = this.#number(dollar);
        if (length < 0) return -1;
        this.#bulkHeaderAt = headerAt;
        this.#bulkBytes = length;
      }
      const bulkEnd = this.#at + this.#bulkBytes;
      if (bulkEnd + 2 > itemBytesMax) {
        throw this.error(this.#bulkHeaderAt, `a request of at most ${itemBytesMax} bytes`, 'unsupported');
      }
      this.missingBytes = bulkEnd + 2 - this.usedBytes;
      this.#checkEndOfBulk(bulkEnd);
      if (this.missingBytes > 0) return -1;
      args.push(this.#at, bulkEnd);
      this.#bulkBytes = -1;
      this.#at = bulkEnd + 2;
    }
    return this.#at;
  }

  error(at: number, expected: string, code: AofErrorCode = 'corrupt'): AofError {
    const end = Math.min(this.usedBytes, at + shownBytes);
    const found = quoteWord(latin1Of(this.buffer.u8, at, end));
    return new AofError({ code, offset: this.#offset + at, expected, found });
  }

  #checkEndOfBulk(end: number): void {
    const { u8 } = this.buffer;
    for (let i = 0; i < 2 && end + i < this.usedBytes; i++) {
      if (u8[end + i] !== (i === 0 ? carriageReturn : newline)) {
        throw this.error(end + i, `the end (CR LF) of a value of ${this.#bulkBytes} bytes`);
      }
    }
  }

  #annotation(): number {
    this.isAnnotation = true;
    const { u8 } = this.buffer;
    const searchEnd = Math.min(this.usedBytes, annotationBytesMax);
    let i = this.#at;
    for (; i < searchEnd && u8[i] !== newline; i++) {
      if (u8[i] === 0) throw this.error(i, 'an annotation without zero bytes');
    }
    this.#at = i;
    if (i < searchEnd) return i + 1;
    if (i === annotationBytesMax) throw this.error(i, `an annotation of at most ${annotationBytesMax} bytes`);
    this.missingBytes = 1;
    return -1;
  }

  /** The number of the line at `#at`, which begins with `kind`, and goes on behind it; -1: more is needed. */
  #number(kind: number): number {
    const { u8 } = this.buffer;
    const { usedBytes } = this;
    this.missingBytes = 1;
    let i = this.#at;
    if (i >= usedBytes) return -1;
    if (u8[i] !== kind) throw this.error(i, `'${String.fromCharCode(kind)}'`);
    const digitsAt = ++i;
    let value = 0;
    for (; i < usedBytes && u8[i] !== carriageReturn; i++) {
      const digit = u8[i] - digit0;
      if (digit < 0 || digit > 9 || i - digitsAt === digitsMax) {
        throw this.error(i, kind === star ? 'a count of arguments' : 'the length of a value');
      }
      value = value * 10 + digit;
    }
    if (i >= usedBytes) return -1;
    if (i === digitsAt) throw this.error(i, 'a number');
    if (i + 1 >= usedBytes) return -1;
    if (u8[i + 1] !== newline) throw this.error(i + 1, 'the end (CR LF) of a line');
    this.#at = i + 2;
    return value;
  }
}
