import { ByteBuffer, copyBytes, Crc64 } from '@kvartz/base';

/** Memory that is kept for the next piece: so many buffers, of so many bytes at most. */
const spareMax = 32;
const spareBytesMax = 2 ** 20;

/** Bytes that are being written, in memory that grows by doubling and is taken away piece by piece. */
export class RdbOutput {
  buffer: ByteBuffer = new ByteBuffer(0);
  /** Bytes that wait in `buffer`, from 0 on. */
  length = 0;
  readonly #crc = new Crc64();
  /** What memory begins with, after each `take`. */
  firstBytes = 2 ** 16;
  readonly #spare: ByteBuffer[] = [];
  #summedTo = 0;
  #taken = 0;

  /** Bytes that have been written since the start, taken or not. */
  get offset(): number {
    return this.#taken + this.length;
  }

  /** The sum of all bytes since the start. */
  get crc(): bigint {
    this.#sum();
    return this.#crc.value;
  }

  /** The bytes that wait, which are the caller's from now on. */
  take(): Uint8Array<ArrayBuffer> {
    this.#sum();
    const bytes = this.buffer.u8.subarray(0, this.length);
    this.#taken += this.length;
    this.buffer = new ByteBuffer(0);
    this.length = 0;
    this.#summedTo = 0;
    return bytes;
  }

  /** Nobody needs these bytes any more, which were taken here: their memory is written to again. */
  reuse({ buffer }: Uint8Array<ArrayBuffer>): void {
    const isUseful = buffer.byteLength <= spareBytesMax && this.#spare.length < spareMax;
    if (isUseful) this.#spare.push(new ByteBuffer(buffer));
  }

  /** Forgets everything; the memory stays. */
  clear(): void {
    this.#crc.reset();
    this.length = 0;
    this.#summedTo = 0;
    this.#taken = 0;
  }

  /** Room for so many bytes more; returns where they begin. The caller writes them all. */
  open(sizeBytes: number): number {
    const at = this.length;
    const needed = at + sizeBytes;
    if (needed > this.buffer.sizeBytes) this.#grow(needed);
    this.length = needed;
    return at;
  }

  /** Gives back the last bytes of what was opened. */
  cut(length: number): void {
    this.length = length;
  }

  byte(value: number): void {
    const at = this.open(1);
    this.buffer.u8[at] = value;
  }

  bytes(from: ByteBuffer, start: number, end: number): void {
    const at = this.open(end - start);
    copyBytes(from, start, end, this.buffer, at);
  }

  #grow(needed: number): void {
    const spare = this.length === 0 && needed <= this.firstBytes ? this.#spare.pop() : undefined;
    if (spare !== undefined) {
      this.buffer = spare;
      return;
    }
    const larger = new ByteBuffer(Math.max(this.firstBytes, needed, Math.min(this.buffer.sizeBytes * 2, 2 ** 32)));
    larger.u8.set(this.buffer.u8.subarray(0, this.length));
    this.buffer = larger;
  }

  #sum(): void {
    this.#crc.update(this.buffer.u8, this.#summedTo, this.length);
    this.#summedTo = this.length;
  }
}
