import { ByteBuffer, copyBytes } from '@kvartz/base';

/** So that every number is exact. */
export const bytesPerNumber = 6;

/** Strings of bytes, one behind another: item i is `bytes.u8[startOf(i), ends[i])`. No object for any of them. */
export class ByteList {
  count = 0;
  bytes: ByteBuffer;
  ends: Float64Array<ArrayBuffer>;

  /** Room for so many items; it grows. */
  constructor(capacity: number) {
    this.ends = new Float64Array(capacity);
    this.bytes = new ByteBuffer(Math.max(64, capacity * 16));
  }

  startOf(i: number): number {
    return i === 0 ? 0 : this.ends[i - 1];
  }

  /** Throws a RangeError when there is no memory. */
  push(buffer: ByteBuffer, start: number, end: number): void {
    const i = this.count;
    const at = this.startOf(i);
    const itemEnd = at + end - start;
    if (i === this.ends.length) {
      const ends = new Float64Array(i * 2);
      ends.set(this.ends);
      this.ends = ends;
    }
    if (itemEnd > this.bytes.sizeBytes) {
      const bytes = new ByteBuffer(Math.max(itemEnd, this.bytes.sizeBytes * 2));
      bytes.u8.set(this.bytes.u8.subarray(0, at));
      this.bytes = bytes;
    }
    copyBytes(buffer, start, end, this.bytes, at);
    this.ends[i] = itemEnd;
    this.count = i + 1;
  }

  /** Below 0, 0 or above 0: by bytes, and the shorter one first. */
  compare(a: number, b: number): number {
    const aStart = this.startOf(a);
    const bStart = this.startOf(b);
    const aLength = this.ends[a] - aStart;
    const bLength = this.ends[b] - bStart;
    const common = Math.min(aLength, bLength);
    const { dv, u8 } = this.bytes;
    let i = 0;
    for (; i + 4 <= common; i += 4) {
      const x = dv.getUint32(aStart + i);
      const y = dv.getUint32(bStart + i);
      if (x !== y) return x < y ? -1 : 1;
    }
    for (; i < common; i++) {
      const difference = u8[aStart + i] - u8[bStart + i];
      if (difference !== 0) return difference;
    }
    return aLength - bLength;
  }

  /** Six bytes from `offset` on as a number: where those of two items differ, it tells which one comes first. */
  bytesAt(i: number, offset: number): number {
    const { u8 } = this.bytes;
    const end = this.ends[i];
    let number = 0;
    for (let at = this.startOf(i) + offset, n = 0; n < bytesPerNumber; n++, at++) {
      number = number * 256 + (at < end ? u8[at] : 0);
    }
    return number;
  }
}
