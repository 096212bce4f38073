import { ByteBuffer, Crc64 } from '@kvartz/base';
import { length32, length64, StringForm } from './format.ts';
import { lzfDecompress } from './lzf.ts';
import type { RdbBytes } from './rdb-bytes.ts';
import { RdbError, type RdbErrorCode } from './rdb-error.ts';

/** Three bytes of LZF are 264 at most. */
const lzfRatioMax = 88;
/** More than Redis and the engine take; a length beyond it is not waited for. */
const stringBytesMax = 2 ** 32 - 1;
const twoTo32 = 2 ** 32;
/** Memory for what was cut that is not given back. */
const keptBytesMax = 2 ** 22;

/**
 * The bytes of a file as they arrive, and the readers of its primitives. A reader that misses bytes returns false or -1; whoever
 * reads several in a row commits when all are there, or rolls back and begins again with the next chunk. What is waited for
 * is never allocated: memory grows by doubling with what has arrived, so all is linear in the bytes.
 */
export class RdbInput {
  buffer = new ByteBuffer(0);
  /** The next byte. */
  at = 0;
  /** Behind the last byte that has arrived. */
  end = 0;
  /** Halves of the length that was read last. */
  high = 0;
  low = 0;
  readonly #crc: Crc64 | undefined;
  #committed = 0;
  /** Offset in the file minus place in the buffer. */
  #origin = 0;
  /** Up to here is summed. */
  #summedTo = 0;
  #own = new ByteBuffer(0);

  constructor(isChecksummed: boolean) {
    this.#crc = isChecksummed ? new Crc64() : undefined;
  }

  /** Offset in the file of the next byte. */
  get offset(): number {
    return this.at + this.#origin;
  }

  /** The next bytes, which are used where they are until more are needed. */
  feed(chunk: Uint8Array): void {
    if (this.#committed < this.end) this.#append(chunk);
    else this.#adopt(chunk);
  }

  commit(): void {
    this.#committed = this.at;
  }

  /** Back to what was committed, which is moved out of the caller's memory. */
  rollback(): void {
    this.at = this.#committed;
    if (this.buffer !== this.#own) this.#keep(0);
  }

  /** The sum of all up to the next byte; undefined when nobody asked for it. */
  get crc(): bigint | undefined {
    this.#sum(this.at);
    return this.#crc?.value;
  }

  has(count: number): boolean {
    return this.end - this.at >= count;
  }

  /** -1: missing. */
  byte(): number {
    return this.at < this.end ? this.buffer.u8[this.at++] : -1;
  }

  /** A length, or a number that is written like one: also in `high` and `low`. -1: missing. Beyond 2^53 it is rounded. */
  length(): number {
    const { at, end } = this;
    if (at >= end) return -1;
    const { dv, u8 } = this.buffer;
    const first = u8[at];
    this.high = 0;
    if (first < 0x40) {
      this.at = at + 1;
      return (this.low = first);
    }
    if (first < 0x80) {
      if (end - at < 2) return -1;
      this.at = at + 2;
      return (this.low = ((first & 0x3f) << 8) | u8[at + 1]);
    }
    if (first === length32) {
      if (end - at < 5) return -1;
      this.at = at + 5;
      return (this.low = dv.getUint32(at + 1));
    }
    if (first !== length64) throw this.error('a length', `byte ${first}`);
    if (end - at < 9) return -1;
    this.at = at + 9;
    this.high = dv.getUint32(at + 1);
    this.low = dv.getUint32(at + 5);
    return this.high * twoTo32 + this.low;
  }

  string(into: RdbBytes): boolean {
    const { at } = this;
    if (at >= this.end) return false;
    const first = this.buffer.u8[at];
    if (first >= StringForm.int8) return this.#encodedString(first, into);
    const sizeBytes = this.length();
    if (sizeBytes > this.end - this.at) {
      if (sizeBytes > stringBytesMax) throw this.error('a string', `one of ${sizeBytes} bytes`);
      return false;
    }
    if (sizeBytes < 0) return false;
    into.set(this.buffer, this.at, this.at + sizeBytes);
    this.at += sizeBytes;
    return true;
  }

  /** A signed integer of 64 bits, the lowest byte first, rounded beyond 2^53. `has(8)` must be true. */
  int64(): number {
    const { at } = this;
    const { dv } = this.buffer;
    this.at = at + 8;
    return dv.getInt32(at + 4, true) * twoTo32 + dv.getUint32(at, true);
  }

  error(expected: string, found: string, code: RdbErrorCode = 'corrupt'): RdbError {
    return new RdbError({ code, offset: this.offset, expected, found });
  }

  #encodedString(form: number, into: RdbBytes): boolean {
    const { at, end } = this;
    const { dv } = this.buffer;
    if (form === StringForm.lzf) return this.#compressedString(into);
    if (form > StringForm.lzf) throw this.error('a string', `byte ${form}`);
    const width = 1 << (form - StringForm.int8);
    if (end - at <= width) return false;
    this.at = at + 1 + width;
    if (width === 1) into.setInteger(dv.getInt8(at + 1));
    else into.setInteger(width === 2 ? dv.getInt16(at + 1, true) : dv.getInt32(at + 1, true));
    return true;
  }

  #compressedString(into: RdbBytes): boolean {
    const { at } = this;
    this.at++;
    const compressedBytes = this.length();
    const sizeBytes = compressedBytes < 0 ? -1 : this.length();
    if (sizeBytes < 0) return false;
    if (sizeBytes > compressedBytes * lzfRatioMax || sizeBytes > stringBytesMax) {
      this.at = at;
      throw this.error('a compressed string', `${compressedBytes} bytes that shall become ${sizeBytes}`);
    }
    const dataAt = this.at;
    if (compressedBytes > this.end - dataAt) return false;
    this.at = dataAt + compressedBytes;
    const target = into.reserve(sizeBytes);
    if (lzfDecompress(this.buffer, dataAt, this.at, target, 0, sizeBytes)) return true;
    this.at = dataAt;
    throw this.error(`LZF of ${sizeBytes} bytes`, 'something else');
  }

  #adopt(chunk: Uint8Array): void {
    this.#sum(this.#committed);
    const offset = this.at + this.#origin;
    if (this.buffer.u8.buffer !== chunk.buffer) this.buffer = new ByteBuffer(chunk.buffer as ArrayBuffer);
    if (this.#own.sizeBytes > keptBytesMax) this.#own = new ByteBuffer(0);
    this.at = chunk.byteOffset;
    this.end = chunk.byteOffset + chunk.length;
    this.#committed = this.at;
    this.#summedTo = this.at;
    this.#origin = offset - this.at;
  }

  #append(chunk: Uint8Array): void {
    if (this.buffer !== this.#own || this.#own.sizeBytes - this.end < chunk.length) this.#keep(chunk.length);
    this.#own.u8.set(chunk, this.end);
    this.end += chunk.length;
  }

  /** Moves what is not committed into memory of this object, with room for so many more bytes. */
  #keep(moreBytes: number): void {
    this.#sum(this.#committed);
    const from = this.#committed;
    const tailBytes = this.end - from;
    const needBytes = tailBytes + moreBytes;
    const source = this.buffer.u8;
    const isOwn = this.buffer === this.#own;
    // Within the same memory only if that was paid for by as many bytes that are done with.
    if (this.#own.sizeBytes < needBytes || (isOwn && from < tailBytes)) {
      this.#own = new ByteBuffer(Math.max(64, needBytes * 2));
    }
    this.#own.u8.set(source.subarray(from, this.end), 0);
    this.#origin += from;
    this.buffer = this.#own;
    this.at -= from;
    this.end = tailBytes;
    this.#committed = 0;
    this.#summedTo = 0;
  }

  #sum(to: number): void {
    if (this.#crc !== undefined && to > this.#summedTo) this.#crc.update(this.buffer.u8, this.#summedTo, to);
    this.#summedTo = to;
  }
}
