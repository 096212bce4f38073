import { ByteBuffer, formatInteger, textOf } from '@kvartz/base';

/** What is longer is not kept for the next string. */
const ownBytesMax = 2 ** 20;

/**
 * A string of an RDB file: `buffer.u8[start, end)`. It lies in the chunk in which it came, or, if it was compressed or is an
 * integer, in memory of this object. To be used again and again.
 */
export class RdbBytes {
  buffer: ByteBuffer;
  start = 0;
  end = 0;
  #own = new ByteBuffer(64);

  constructor() {
    this.buffer = this.#own;
  }

  get sizeBytes(): number {
    return this.end - this.start;
  }

  set(buffer: ByteBuffer, start: number, end: number): void {
    this.buffer = buffer;
    this.start = start;
    this.end = end;
  }

  /** The digits of a safe integer. */
  setInteger(n: number): void {
    const own = this.#own;
    this.set(own, 0, formatInteger(own.u8, 0, n));
  }

  /** The digits of a signed integer of 64 bits. */
  setInt64(n: bigint): void {
    const digits = n.toString();
    for (let i = 0; i < digits.length; i++) this.#own.u8[i] = digits.charCodeAt(i);
    this.set(this.#own, 0, digits.length);
  }

  /** Memory for so many bytes, which then are the string. */
  reserve(sizeBytes: number): ByteBuffer {
    const own = this.#own;
    if (own.sizeBytes < sizeBytes || own.sizeBytes > ownBytesMax) {
      this.#own = new ByteBuffer(Math.max(64, sizeBytes <= ownBytesMax ? sizeBytes * 2 : sizeBytes));
    }
    this.set(this.#own, 0, sizeBytes);
    return this.#own;
  }

  /** A copy. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.buffer.u8.slice(this.start, this.end);
  }

  /** As UTF-8. */
  toString(): string {
    return textOf(this.buffer.u8, this.start, this.end);
  }
}
