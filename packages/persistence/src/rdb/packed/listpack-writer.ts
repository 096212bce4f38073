import { ByteBuffer, parseInt64, parseInteger } from '@kvartz/base';
import { RdbOutput } from '../rdb-output.ts';

const headBytes = 6;
const packEnd = 0xff;
const uncounted = 0xffff;
const integerTextMax = 20;
const twoTo32 = 2 ** 32;

/** Writes a listpack element by element; see ListpackReader. */
export class ListpackWriter {
  readonly out: RdbOutput = new RdbOutput();
  count = 0;

  constructor() {
    this.clear();
  }

  clear(): void {
    this.out.clear();
    this.out.open(headBytes);
    this.count = 0;
  }

  string(bytes: Uint8Array): void {
    const { out } = this;
    const integer = bytes.length <= integerTextMax ? parseInteger(bytes, 0, bytes.length) : NaN;
    if (Number.isFinite(integer)) return this.integer(integer);
    const from = out.length;
    if (!Number.isNaN(integer)) {
      const at = out.open(9);
      out.buffer.u8[at] = 0xf4;
      out.buffer.dv.setBigInt64(at + 1, parseInt64(bytes, 0, bytes.length)!, true);
      return this.#close(from);
    }
    const { length } = bytes;
    if (length < 64) out.byte(0x80 | length);
    else if (length < 4096) {
      out.byte(0xe0 | (length >>> 8));
      out.byte(length & 0xff);
    } else {
      out.byte(0xf0);
      const at = out.open(4);
      out.buffer.dv.setUint32(at, length, true);
    }
    const at = out.open(length);
    out.buffer.u8.set(bytes, at);
    this.#close(from);
  }

  /** A safe integer. */
  integer(n: number): void {
    const { out } = this;
    const from = out.length;
    if (n >= -4096 && n < 4096) {
      if (n >= 0 && n < 128) out.byte(n);
      else {
        const at = out.open(2);
        out.buffer.dv.setUint16(at, 0xc000 | (n & 0x1fff));
      }
      return this.#close(from);
    }
    const isWide = n !== (n | 0);
    const width = isWide ? 8 : n === (n << 16) >> 16 ? 2 : n === (n << 8) >> 8 ? 3 : 4;
    const at = out.open(9);
    out.buffer.u8[at] = isWide ? 0xf4 : 0xf1 + width - 2;
    out.buffer.dv.setInt32(at + 1, (n % twoTo32) | 0, true);
    out.buffer.dv.setInt32(at + 5, Math.floor(n / twoTo32), true);
    out.cut(at + 1 + width);
    this.#close(from);
  }

  /** Ends the listpack and returns where its bytes end in `out`. */
  finish(): ByteBuffer {
    const { out } = this;
    out.byte(packEnd);
    out.buffer.dv.setUint32(0, out.length, true);
    out.buffer.dv.setUint16(4, Math.min(this.count, uncounted), true);
    return out.buffer;
  }

  /** The size of the element that began at `from` once more. */
  #close(from: number): void {
    const { out } = this;
    const size = out.length - from;
    const bytes = size <= 127 ? 1 : size < 16_383 ? 2 : size < 2_097_151 ? 3 : size < 268_435_455 ? 4 : 5;
    let rest = size;
    const at = out.open(bytes);
    for (let i = bytes - 1; i >= 0; i--) {
      out.buffer.u8[at + i] = (rest & 127) | (i === 0 ? 0 : 128);
      rest = Math.floor(rest / 128);
    }
    this.count++;
  }
}
