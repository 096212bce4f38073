import { ByteBuffer, parseInteger } from '@kvartz/base';
import type { RdbBytes } from '../rdb-bytes.ts';
import { packError, type PackReader } from './pack-reader.ts';

const headBytes = 6;
const packEnd = 0xff;
const twoTo32 = 2 ** 32;
/** As the number of elements: nobody has counted them. */
const uncounted = 0xffff;
/** Integers of 16, 24, 32 and 64 bits. */
const integer16 = 0xf1;
const integer24 = 0xf2;
const integer32 = 0xf3;
const integer64 = 0xf4;
/** Longer texts are no integers. */
const integerTextMax = 20;

/**
 * Goes over a listpack, whatever its bytes are:
 *
 *   [ bytes u32 | elements u16 ] [ element | backlen ] ... 0xFF
 */
export class ListpackReader implements PackReader {
  /** Elements that have been read. */
  count = 0;
  /** Whether each of them stands in the one form that Redis would have given it: so far. */
  isCanonical = true;
  /** Of the longest string among them, and of the longest integer as text, at least. */
  longest = 0;
  /** Whether the element that was read last is stored as an integer. */
  isInteger = false;
  #buffer = new ByteBuffer(0);
  #start = 0;
  #at = 0;
  #end = 0;

  /** Bytes before the next element. */
  get offset(): number {
    return this.#at - this.#start;
  }

  begin({ buffer, start, end }: RdbBytes): void {
    this.#buffer = buffer;
    this.#start = start;
    this.#at = start + headBytes;
    this.#end = end - 1;
    this.count = 0;
    this.longest = 0;
    this.isCanonical = true;
    const sizeBytes = end - start;
    if (sizeBytes < headBytes + 1) throw this.#error('the head', `${sizeBytes} bytes`);
    const said = buffer.dv.getUint32(start, true);
    if (said !== sizeBytes) throw this.#error(`${said} bytes`, `${sizeBytes}`);
    if (buffer.u8[end - 1] !== packEnd) throw this.#error('0xFF at the end', `byte ${buffer.u8[end - 1]}`);
  }

  next(into: RdbBytes): boolean {
    const at = this.#at;
    if (at === this.#end) return this.#checkCount();
    const { dv, u8 } = this.#buffer;
    const first = u8[at];
    let sizeBytes: number;
    this.isInteger = true;
    if (first < 0x80) {
      into.setInteger(first);
      sizeBytes = 1;
    } else if (first < 0xc0) sizeBytes = this.#string(into, 1, first & 0x3f);
    else if (first < 0xe0) {
      this.#need(2);
      const value = ((((first & 31) << 8) | u8[at + 1]) << 19) >> 19;
      if (value >= 0 && value < 128) this.isCanonical = false;
      into.setInteger(value);
      sizeBytes = 2;
    } else if (first < 0xf0) {
      this.#need(2);
      const length = ((first & 15) << 8) | u8[at + 1];
      if (length < 64) this.isCanonical = false;
      sizeBytes = this.#string(into, 2, length);
    } else if (first === 0xf0) {
      this.#need(5);
      const length = dv.getUint32(at + 1, true);
      if (length < 4096) this.isCanonical = false;
      sizeBytes = this.#string(into, 5, length);
    } else sizeBytes = this.#integer(into, first);
    const length = into.end - into.start;
    if (length > this.longest) this.longest = length;
    this.#at = this.#checkBacklen(at + sizeBytes, sizeBytes);
    this.count++;
    return true;
  }

  #string(into: RdbBytes, headSize: number, length: number): number {
    this.#need(headSize + length);
    const start = this.#at + headSize;
    const { u8 } = this.#buffer;
    into.set(this.#buffer, start, start + length);
    this.isInteger = false;
    if (length <= integerTextMax && length > 0 && u8[start] <= 0x39) {
      const value = parseInteger(u8, start, start + length);
      if (value === value) this.isCanonical = false;
    }
    return headSize + length;
  }

  #integer(into: RdbBytes, first: number): number {
    const at = this.#at + 1;
    const { dv } = this.#buffer;
    switch (first) {
      case integer16: {
        this.#need(3);
        const value = dv.getInt16(at, true);
        if (value >= -4096 && value < 4096) this.isCanonical = false;
        into.setInteger(value);
        return 3;
      }
      case integer24: {
        this.#need(4);
        const value = dv.getUint16(at, true) | (dv.getInt8(at + 2) << 16);
        if (value === (value << 16) >> 16) this.isCanonical = false;
        into.setInteger(value);
        return 4;
      }
      case integer32: {
        this.#need(5);
        const value = dv.getInt32(at, true);
        if (value === (value << 8) >> 8) this.isCanonical = false;
        into.setInteger(value);
        return 5;
      }
      case integer64: {
        this.#need(9);
        const low = dv.getUint32(at, true);
        const high = dv.getInt32(at + 4, true);
        if (high === (low | 0) >> 31) this.isCanonical = false;
        const value = high * twoTo32 + low;
        if (Number.isSafeInteger(value)) into.setInteger(value);
        else into.setInt64(dv.getBigInt64(at, true));
        return 9;
      }
      default:
        throw this.#error('an element', `byte ${first}`);
    }
  }

  #need(sizeBytes: number): void {
    const left = this.#end - this.#at;
    if (left < sizeBytes) throw this.#error(`an element of ${sizeBytes} bytes`, `${left} to the end`);
  }

  /** The size once more, to be read from behind: 7 bits to the byte, the highest first. Returns its end. */
  #checkBacklen(at: number, sizeBytes: number): number {
    const { u8 } = this.#buffer;
    const bytes =
      sizeBytes <= 127 ? 1 : sizeBytes < 16_383 ? 2 : sizeBytes < 2_097_151 ? 3 : sizeBytes < 268_435_455 ? 4 : 5;
    if (at + bytes > this.#end) throw this.#error('the size behind an element', 'the end');
    let rest = sizeBytes;
    for (let i = bytes - 1; i >= 0; i--) {
      const expected = (rest & 127) | (i === 0 ? 0 : 128);
      if (u8[at + i] !== expected)
        throw this.#error(`${sizeBytes} as the size behind an element`, `byte ${u8[at + i]}`);
      rest = Math.floor(rest / 128);
    }
    return at + bytes;
  }

  #checkCount(): false {
    const said = this.#buffer.dv.getUint16(this.#start + 4, true);
    if (said !== uncounted && said !== this.count) throw this.#error(`${said} elements`, `${this.count}`);
    return false;
  }

  #error(expected: string, found: string): Error {
    return packError('listpack', this.#at - this.#start, expected, found);
  }
}
