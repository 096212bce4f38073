/** What is being read: bytes, the position in them, values cut from them, and what to say when they are wrong. */
import { ChunkText, decodeText } from './chunk-text.ts';
import { ProtocolError } from './errors.ts';
import type { ReplyDecoderOptions } from './reply-value.ts';

const carriageReturn = 0x0d;
const newline = 0x0a;
const digit0 = 0x30;

const viewBytesMin = 512;

/** V8's longest string has 24 characters less than 512 MiB. */
const v8TextBytesMax = 2 ** 29 - 24;

const nothing = new Uint8Array(0);

export class ReplyChunk {
  /** The bytes from `at` to `end` have not been read. The chunk or, for a moment, a line that was cut. */
  u8: Uint8Array = nothing;
  at = 0;
  end = 0;
  /** The same bytes for `readShort`, once it is worth it. */
  view: DataView | undefined = undefined;
  /** Bulks are to be bytes. */
  readonly isBytes: boolean;
  readonly bulkBytesMax: number;
  /** Of a bulk that is text in any case. */
  readonly textBytesMax: number;
  readonly lineBytesMax: number;
  readonly elementsMax: number;
  /** Offset in the stream of `u8[0]`, for error messages. */
  #baseOffset = 0;
  readonly #ownsChunks: boolean;
  readonly #text = new ChunkText();
  /** What values of bytes are views of, once there is one: the chunk's own memory or a copy, and where `u8[0]` is in it. */
  #memory: ArrayBuffer | undefined = undefined;
  #memoryOffset = 0;

  constructor(options: ReplyDecoderOptions) {
    const bulkBytesMax = options.bulkBytesMax ?? 512 * 1024 * 1024;
    this.isBytes = options.bytes ?? false;
    this.textBytesMax = Math.min(bulkBytesMax, v8TextBytesMax);
    this.bulkBytesMax = this.isBytes ? bulkBytesMax : this.textBytesMax;
    this.lineBytesMax = options.lineBytesMax ?? 64 * 1024;
    this.elementsMax = options.elementsMax ?? 2 ** 27;
    this.#ownsChunks = options.ownsChunks ?? false;
  }

  begin(u8: Uint8Array): void {
    this.u8 = u8;
    this.at = 0;
    this.end = u8.length;
  }

  /** A chunk has been read elsewhere. */
  skip(sizeBytes: number): void {
    this.#baseOffset += sizeBytes;
  }

  /** The chunk has been used up, or what is left of it no longer counts. */
  release(): void {
    this.#baseOffset += this.end;
    this.u8 = nothing;
    this.at = 0;
    this.end = 0;
    this.#text.reset();
    if (this.#memory !== undefined) this.#memory = undefined;
    if (this.view !== undefined) this.view = undefined;
  }

  /** Makes `view`, which costs as much as to read forty short replies, if much is left. */
  prepareView(): void {
    const { u8 } = this;
    if (this.end - this.at < viewBytesMin) return;
    this.view = new DataView(u8.buffer, u8.byteOffset, u8.byteLength);
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

  /** The count in the line at `at`, when that has the usual form, is at most `elementsMax` and all there; else -1, and nothing is read. */
  readUsualCount(): number {
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
    if (n > this.elementsMax) return -1;
    this.at = i + 2;
    return n;
  }

  /** Offset of the CR that ends the line at `start`; -1 when CR and LF have not both come. */
  findLineEnd(start: number): number {
    const u8 = this.u8;
    const searchEnd = Math.min(this.end, start + this.lineBytesMax + 1);
    let i = start;
    while (i < searchEnd && u8[i] !== carriageReturn) i++;
    if (i === searchEnd) {
      if (i - start > this.lineBytesMax) this.refuse(start, `a line of more than ${this.lineBytesMax} bytes`);
      return -1;
    }
    if (i + 1 === this.end) return -1;
    if (u8[i + 1] !== newline) this.refuse(i + 1, `expected LF after CR, got ${show(u8[i + 1])}`);
    return i;
  }

  text(start: number, end: number): string {
    return this.#text.read(this.u8, start, end, this.end);
  }

  /** A value of bytes that nobody will write to: a view, because a copy of its own costs twice as much. */
  bytes(start: number, end: number): Uint8Array<ArrayBuffer> {
    if (this.#memory === undefined) this.#view(this.u8 as Uint8Array<ArrayBuffer>, start, this.end);
    return new Uint8Array(this.#memory!, this.#memoryOffset + start, end - start);
  }

  /** The same out of a chunk that is not this one, for a single value. */
  loneBytes(u8: Uint8Array, start: number, sizeBytes: number): Uint8Array<ArrayBuffer> {
    const view = new Uint8Array((u8 as Uint8Array<ArrayBuffer>).buffer, u8.byteOffset + start, sizeBytes);
    // A Buffer's own `slice` would not copy.
    return this.#ownsChunks ? view : new Uint8Array(view);
  }

  /** Keeps the chunk's memory, or a copy from `start` on, because a typed array's getters cost as much as a new view. */
  #view(u8: Uint8Array<ArrayBuffer>, start: number, end: number): void {
    if (this.#ownsChunks) {
      this.#memory = u8.buffer;
      this.#memoryOffset = u8.byteOffset;
    } else {
      this.#memory = this.loneBytes(u8, start, end - start).buffer;
      this.#memoryOffset = -start;
    }
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
