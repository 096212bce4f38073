import { type ByteBuffer, equalBytes, parseInteger } from '@kvartz/base';

const headBytes = 6;
const packEnd = 0xff;
/** As the number of elements: nobody has counted them. */
const uncounted = 0xffff;
/** Longer texts are no integers. */
const integerTextMax = 20;
const digit9 = 0x39;
/** Packs of more elements are looked at by ListpackReader. */
const elementsMax = 2 ** 16;
/** So few are compared with each other. */
const comparedMax = 16;

/**
 * Looks at a listpack as ListpackReader does, without reading its elements: 8 ns for each in place of 40. What is unusual in any way it
 * leaves to the reader, which knows how to say so.
 */
export class PackScan {
  /** Elements, and where they begin in the buffer. */
  count = 0;
  starts = new Int32Array(256);
  #buffer: ByteBuffer | undefined;
  #prints = new Int32Array(256);
  #sizes = new Int32Array(256);
  /** Open addressing: numbers of elements, plus one. */
  #places = new Int32Array(512);

  /** Whether `buffer[start, end)` is a listpack with every element in the one form that Redis gives it. */
  scan(buffer: ByteBuffer, start: number, end: number): boolean {
    this.count = 0;
    if (end - start <= headBytes || buffer.u8[end - 1] !== packEnd) return false;
    if (buffer.dv.getUint32(start, true) !== end - start) return false;
    const count = this.#scan(buffer, start + headBytes, end - 1);
    const said = buffer.dv.getUint16(start + 4, true);
    if (count < 0 || (said !== count && said !== uncounted)) return false;
    this.#buffer = buffer;
    this.count = count;
    return true;
  }

  /** Elements in `[start, last)`; -1: something is unusual. */
  #scan(buffer: ByteBuffer, start: number, last: number): number {
    const { dv, u8 } = buffer;
    let { starts } = this;
    let count = 0;
    let at = start;
    while (at < last) {
      if (count === starts.length) {
        if (count === elementsMax) return -1;
        starts = this.#grow();
      }
      starts[count++] = at;
      const first = u8[at];
      if (first < 0x80) {
        if (u8[at + 1] !== 1) return -1;
        at += 2;
        continue;
      }
      let sizeBytes = 0;
      let text = at + 1;
      if (first < 0xc0) sizeBytes = 1 + (first & 0x3f);
      else if (first < 0xe0) sizeBytes = 2;
      else if (first < 0xf0) {
        const length = ((first & 15) << 8) | u8[at + 1];
        if (length < 64) return -1;
        text = at + 2;
        sizeBytes = 2 + length;
      } else if (first === 0xf0) {
        if (last - at < 5) return -1;
        const length = dv.getUint32(at + 1, true);
        if (length < 4096) return -1;
        text = at + 5;
        sizeBytes = 5 + length;
      } else if (first < 0xf5) sizeBytes = first === 0xf4 ? 9 : first - 0xee;
      else return -1;
      const next = at + sizeBytes;
      // One byte of size behind it, mostly.
      const following = sizeBytes <= 127 ? (u8[next] === sizeBytes ? next + 1 : 0) : backlenEnd(u8, next, sizeBytes);
      if (following === 0 || following > last) return -1;
      if (first < 0xc0 || (first >= 0xe0 && first <= 0xf0)) {
        if (next - text <= integerTextMax && next > text && u8[text] <= digit9) {
          const value = parseInteger(u8, text, next);
          if (value === value) return -1;
        }
      } else if (!isShortest(buffer, at, first)) return -1;
      at = following;
    }
    return at === last ? count : -1;
  }

  /** Whether two of the elements 0, `step`, 2 * `step`, ... of the pack that was scanned are equal. */
  hasTwins(step: number): boolean {
    const buffer = this.#buffer!;
    const { count, starts } = this;
    if (count <= step) return false;
    const last = starts[0] + buffer.dv.getUint32(starts[0] - headBytes, true) - headBytes - 1;
    const prints = this.#prints.length < starts.length ? (this.#prints = new Int32Array(starts.length)) : this.#prints;
    const sizes = this.#sizes.length < starts.length ? (this.#sizes = new Int32Array(starts.length)) : this.#sizes;
    let members = 0;
    for (let i = 0; i < count; i += step, members++) {
      const end = i + 1 < count ? starts[i + 1] : last;
      sizes[members] = end - starts[i];
      prints[members] = printOf(buffer, starts[i], end);
    }
    return members <= comparedMax ? this.#compareAll(members, step) : this.#look(members, step);
  }

  #compareAll(members: number, step: number): boolean {
    const prints = this.#prints;
    for (let i = 1; i < members; i++) {
      const print = prints[i];
      for (let j = 0; j < i; j++) if (prints[j] === print && this.#areTwins(i, j, step)) return true;
    }
    return false;
  }

  #look(members: number, step: number): boolean {
    const mask = 2 ** Math.ceil(Math.log2(members * 2)) - 1;
    if (this.#places.length <= mask) this.#places = new Int32Array(mask + 1);
    const prints = this.#prints;
    const places = this.#places;
    places.fill(0, 0, mask + 1);
    for (let i = 0; i < members; i++) {
      let place = prints[i] & mask;
      for (; places[place] !== 0; place = (place + 1) & mask) {
        const j = places[place] - 1;
        if (prints[j] === prints[i] && this.#areTwins(i, j, step)) return true;
      }
      places[place] = i + 1;
    }
    return false;
  }

  #areTwins(i: number, j: number, step: number): boolean {
    const a = this.starts[i * step];
    const b = this.starts[j * step];
    const buffer = this.#buffer!;
    return equalBytes(buffer, a, a + this.#sizes[i], buffer, b, b + this.#sizes[j]);
  }

  #grow(): Int32Array<ArrayBuffer> {
    const larger = new Int32Array(this.starts.length * 2);
    larger.set(this.starts);
    return (this.starts = larger);
  }
}

/** The end of the size behind an element of more than 127 bytes; 0: it is not that size. */
function backlenEnd(u8: Uint8Array, at: number, sizeBytes: number): number {
  const bytes = sizeBytes < 16_383 ? 2 : sizeBytes < 2_097_151 ? 3 : sizeBytes < 268_435_455 ? 4 : 5;
  let rest = sizeBytes;
  for (let i = bytes - 1; i >= 0; i--) {
    if (u8[at + i] !== ((rest & 127) | (i === 0 ? 0 : 128))) return 0;
    rest = Math.floor(rest / 128);
  }
  return at + bytes;
}

/** Whether an integer would not have fitted the next smaller form. */
function isShortest({ dv, u8 }: ByteBuffer, at: number, first: number): boolean {
  if (first < 0xe0) return (first & 31) !== 0 || u8[at + 1] >= 128;
  if (first === 0xf1) {
    const value = dv.getInt16(at + 1, true);
    return value < -4096 || value >= 4096;
  }
  if (first === 0xf2) {
    const value = dv.getUint16(at + 1, true) | (dv.getInt8(at + 3) << 16);
    return value !== (value << 16) >> 16;
  }
  const low = dv.getInt32(at + 1, true);
  return first === 0xf3 ? low !== (low << 8) >> 8 : dv.getInt32(at + 5, true) !== low >> 31;
}

function printOf({ dv, u8 }: ByteBuffer, start: number, end: number): number {
  let print = end - start;
  let i = start;
  for (; i < end - 3; i += 4) {
    print = Math.imul(print ^ dv.getInt32(i, true), 0x9e37_79b1);
    print ^= print >>> 15;
  }
  for (; i < end; i++) print = Math.imul(print ^ u8[i], 0x85eb_ca6b);
  return print ^ (print >>> 13);
}
