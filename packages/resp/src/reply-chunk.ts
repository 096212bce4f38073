/**
 * What is being read, and the ways to read what lies whole in it, without memory of what was before. The usual replies
 * (short integers, bulks, statuses, nulls) are read here and nowhere else at full speed; whatever is cut, rare or wrong
 * is left to ReplyDecoder.
 */
import { ChunkText, decodeText } from './chunk-text.ts';
import { ProtocolError } from './errors.ts';
import { replyType as type } from './reply-types.ts';
import type { ReplyValue } from './reply-value.ts';

const carriageReturn = 0x0d;
const newline = 0x0a;
const digit0 = 0x30;
const minus = 0x2d;

const nothing = new Uint8Array(0);

export interface ReplyChunkOptions {
  readonly isBytes: boolean;
  readonly ownsChunks: boolean;
  readonly bulkBytesMax: number;
  readonly lineBytesMax: number;
}

export class ReplyChunk {
  /** The bytes from `at` to `end` have not been read. The chunk or, for a moment, a line that was cut. */
  u8: Uint8Array = nothing;
  at = 0;
  end = 0;
  /** What `readUsual` has read. */
  value: ReplyValue = null;
  /** Offset in the stream of `u8[0]`, for error messages. */
  #baseOffset = 0;
  readonly #isBytes: boolean;
  readonly #ownsChunks: boolean;
  readonly #bulkBytesMax: number;
  readonly #lineBytesMax: number;
  readonly #text = new ChunkText();
  /** Copy of the chunk from `#copyStart` on, of which values are views. */
  #copy: ArrayBuffer | undefined = undefined;
  #copyStart = 0;

  constructor(options: ReplyChunkOptions) {
    this.#isBytes = options.isBytes;
    this.#ownsChunks = options.ownsChunks;
    this.#bulkBytesMax = options.bulkBytesMax;
    this.#lineBytesMax = options.lineBytesMax;
  }

  begin(u8: Uint8Array): void {
    this.u8 = u8;
    this.at = 0;
    this.end = u8.length;
  }

  /** The chunk has been used up, or what is left of it no longer counts. */
  release(): void {
    this.#baseOffset += this.end;
    this.u8 = nothing;
    this.at = 0;
    this.end = 0;
    this.#text.reset();
    this.#copy = undefined;
  }

  /** Lets `read` read `line[0, lineBytes)`, of which `carriedBytes` came before this chunk, in place of the chunk. */
  readInstead<T>(line: Uint8Array, lineBytes: number, carriedBytes: number, read: () => T): T {
    const { u8, at, end } = this;
    this.u8 = line;
    this.at = 0;
    this.end = lineBytes;
    this.#baseOffset -= carriedBytes;
    this.#text.reset();
    const value = read();
    this.u8 = u8;
    this.at = at;
    this.end = end;
    this.#baseOffset += carriedBytes;
    this.#text.reset();
    return value;
  }

  /** Reads into `value` one of the replies that are most of all, if all of it is there; else reads nothing. */
  readUsual(): boolean {
    const u8 = this.u8;
    const start = this.at + 1;
    const end = this.end;
    if (start + 3 > end) return false;
    const first = u8[start - 1];
    if (first !== type.integer) {
      if (first === type.bulk) {
        return u8[start] === minus ? this.#readUsualNull(u8, start, end) : this.#readUsualBulk(u8, start, end);
      }
      return first === type.status && this.#readUsualStatus(u8, start, end);
    }
    // In place, because integers are so short that a call counts. One comparison of the unsigned difference tells
    // whether a byte is a digit.
    let n = u8[start] - digit0;
    if (n >>> 0 > 9) return this.#readNegativeInteger(u8, start, end);
    // Nine digits stay a 31-bit integer.
    const digitsEnd = Math.min(start + 9, end - 2);
    let i = start + 1;
    for (; i < digitsEnd; i++) {
      const digit = u8[i] - digit0;
      if (digit >>> 0 > 9) break;
      n = n * 10 + digit;
    }
    if (u8[i] !== carriageReturn) return i === start + 9 && this.#readLongInteger(u8, i, end, n);
    if (u8[i + 1] !== newline) return false;
    this.at = i + 2;
    this.value = n;
    return true;
  }

  #readNegativeInteger(u8: Uint8Array, start: number, end: number): boolean {
    if (u8[start] !== minus) return false;
    const digitsEnd = Math.min(start + 10, end - 2);
    let i = start + 1;
    let n = 0;
    for (; i < digitsEnd; i++) {
      const digit = u8[i] - digit0;
      if (digit >>> 0 > 9) break;
      n = n * 10 + digit;
    }
    if (i === start + 1 || u8[i] !== carriageReturn || u8[i + 1] !== newline) return false;
    this.at = i + 2;
    this.value = 0 - n;
    return true;
  }

  /** An integer of up to 15 digits, of which the first nine are `high` and the others begin at `start`. */
  #readLongInteger(u8: Uint8Array, start: number, end: number, high: number): boolean {
    const digitsEnd = Math.min(start + 6, end - 2);
    let i = start;
    let low = 0;
    let scale = 1;
    while (i < digitsEnd) {
      const digit = u8[i] - digit0;
      if (digit < 0 || digit > 9) break;
      low = low * 10 + digit;
      scale *= 10;
      i++;
    }
    if (u8[i] !== carriageReturn || u8[i + 1] !== newline) return false;
    this.at = i + 2;
    this.value = high * scale + low;
    return true;
  }

  #readUsualBulk(u8: Uint8Array, start: number, end: number): boolean {
    let length = u8[start] - digit0;
    if (length >>> 0 > 9) return false;
    const digitsEnd = Math.min(start + 9, end - 2);
    let i = start + 1;
    for (; i < digitsEnd; i++) {
      const digit = u8[i] - digit0;
      if (digit >>> 0 > 9) break;
      length = length * 10 + digit;
    }
    const bodyStart = i + 2;
    const bodyEnd = bodyStart + length;
    if (bodyEnd + 2 > end || length > this.#bulkBytesMax || u8[i] !== carriageReturn || u8[i + 1] !== newline) {
      return false;
    }
    if (u8[bodyEnd] !== carriageReturn || u8[bodyEnd + 1] !== newline) return false;
    this.at = bodyEnd + 2;
    this.value = this.#isBytes ? this.bytes(bodyStart, bodyEnd) : this.#text.read(u8, bodyStart, bodyEnd, end);
    return true;
  }

  #readUsualNull(u8: Uint8Array, start: number, end: number): boolean {
    if (start + 4 > end || u8[start + 1] !== digit0 + 1) return false;
    if (u8[start + 2] !== carriageReturn || u8[start + 3] !== newline) return false;
    this.at = start + 4;
    this.value = null;
    return true;
  }

  #readUsualStatus(u8: Uint8Array, start: number, end: number): boolean {
    let i = start;
    while (i < end && u8[i] !== carriageReturn) i++;
    if (i + 2 > end || u8[i + 1] !== newline || i - start >= this.#lineBytesMax) return false;
    this.at = i + 2;
    if (i === start + 2 && u8[start] === 0x4f && u8[start + 1] === 0x4b) this.value = 'OK';
    else this.value = this.#text.read(u8, start, i, end);
    return true;
  }

  /** The count in the line at `at`, when that has the usual form, is at most `max` and all there; else -1, and nothing is read. */
  readUsualCount(max: number): number {
    const u8 = this.u8;
    const start = this.at + 1;
    const digitsEnd = Math.min(start + 9, this.end - 2);
    let i = start;
    let n = 0;
    for (; i < digitsEnd; i++) {
      const digit = u8[i] - digit0;
      if (digit >>> 0 > 9) break;
      n = n * 10 + digit;
    }
    if (i === start || i + 2 > this.end || u8[i] !== carriageReturn || u8[i + 1] !== newline) return -1;
    if (n > max) return -1;
    this.at = i + 2;
    return n;
  }

  /** Offset of the CR that ends the line at `start`; -1 when CR and LF have not both come. */
  findLineEnd(start: number): number {
    const u8 = this.u8;
    const searchEnd = Math.min(this.end, start + this.#lineBytesMax + 1);
    let i = start;
    while (i < searchEnd && u8[i] !== carriageReturn) i++;
    if (i === searchEnd) {
      if (i - start > this.#lineBytesMax) this.refuse(start, `a line of more than ${this.#lineBytesMax} bytes`);
      return -1;
    }
    if (i + 1 === this.end) return -1;
    if (u8[i + 1] !== newline) this.refuse(i + 1, `expected LF after CR, got ${show(u8[i + 1])}`);
    return i;
  }

  text(start: number, end: number): string {
    return this.#text.read(this.u8, start, end, this.end);
  }

  /** A value of bytes that nobody will write to. The rest of the chunk is copied in one go, and values are views of it. */
  bytes(start: number, end: number): Uint8Array<ArrayBuffer> {
    const u8 = this.u8 as Uint8Array<ArrayBuffer>;
    if (this.#ownsChunks) return new Uint8Array(u8.buffer, u8.byteOffset + start, end - start);
    if (this.#copy === undefined) {
      // A Buffer's own `slice` would not copy.
      this.#copy = new Uint8Array(new Uint8Array(u8.buffer, u8.byteOffset + start, this.end - start)).buffer;
      this.#copyStart = start;
    }
    return new Uint8Array(this.#copy, start - this.#copyStart, end - start);
  }

  /** The byte at `at`, behind a bulk, is not what it should be. */
  refuseBodyEnd(at: number): never {
    return this.refuse(at, `expected CRLF after a bulk, got ${show(this.u8[at])}`);
  }

  refuseLine(expected: string, start: number, end: number): never {
    const line = decodeText(this.u8, start, Math.min(end, start + 32));
    return this.refuse(start, `expected ${expected}, got ${JSON.stringify(line)}`);
  }

  refuse(at: number, what: string): never {
    throw new ProtocolError(`Protocol error: ${what} (byte ${this.#baseOffset + at} of the replies)`);
  }
}

/** A byte in an error message. */
export function show(byte: number): string {
  return JSON.stringify(String.fromCharCode(byte));
}
