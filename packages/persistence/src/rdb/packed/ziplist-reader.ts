import { ByteBuffer } from '@kvartz/base';
import type { RdbBytes } from '../rdb-bytes.ts';
import { packError, type PackReader } from './pack-reader.ts';

const headBytes = 10;
const listEnd = 0xff;
/** As the size of the element before: four bytes follow. */
const longSize = 0xfe;
const uncounted = 0xffff;
const Integer = {
  int16: 0xc0,
  int32: 0xd0,
  int64: 0xe0,
  int24: 0xf0,
  int8: 0xfe,
  immediateMin: 0xf1,
  immediateMax: 0xfd,
} as const;
const twoTo32 = 2 ** 32;

/**
 * Goes over a ziplist, the packed form before Redis 7:
 *
 *   [ bytes u32 | last element u32 | elements u16 ] [ size of the element before | form | ... ] ... 0xFF
 */
export class ZiplistReader implements PackReader {
  #buffer = new ByteBuffer(0);
  #start = 0;
  #at = 0;
  #end = 0;
  #count = 0;
  /** Of the element before. */
  #sizeBytes = 0;
  #lastAt = 0;

  begin({ buffer, start, end }: RdbBytes): void {
    this.#buffer = buffer;
    this.#start = start;
    this.#at = start + headBytes;
    this.#end = end - 1;
    this.#count = 0;
    this.#sizeBytes = 0;
    this.#lastAt = this.#at;
    const sizeBytes = end - start;
    if (sizeBytes < headBytes + 1) throw this.#error('the head', `${sizeBytes} bytes`);
    const said = buffer.dv.getUint32(start, true);
    if (said !== sizeBytes) throw this.#error(`${said} bytes`, `${sizeBytes}`);
    if (buffer.u8[end - 1] !== listEnd) throw this.#error('0xFF at the end', `byte ${buffer.u8[end - 1]}`);
  }

  next(into: RdbBytes): boolean {
    const from = this.#at;
    if (from === this.#end) return this.#checkHead();
    const { dv, u8 } = this.#buffer;
    this.#lastAt = from;
    let before = u8[from];
    this.#at++;
    if (before === longSize) {
      before = dv.getUint32(this.#take(4), true);
    } else if (before === listEnd) throw this.#error('the size of the element before', '0xFF');
    if (before !== this.#sizeBytes)
      throw this.#error(`${this.#sizeBytes} as the size of the element before`, `${before}`);
    const form = u8[this.#take(1)];
    if (form < 0xc0) {
      let length = form & 0x3f;
      if (form >= 0x80) length = dv.getUint32(this.#take(4));
      else if (form >= 0x40) length = (length << 8) | u8[this.#take(1)];
      const at = this.#take(length);
      into.set(this.#buffer, at, at + length);
    } else this.#integer(into, form);
    this.#sizeBytes = this.#at - from;
    this.#count++;
    return true;
  }

  #integer(into: RdbBytes, form: number): void {
    const { dv } = this.#buffer;
    if (form === Integer.int16) into.setInteger(dv.getInt16(this.#take(2), true));
    else if (form === Integer.int32) into.setInteger(dv.getInt32(this.#take(4), true));
    else if (form === Integer.int8) into.setInteger(dv.getInt8(this.#take(1)));
    else if (form === Integer.int24) {
      const at = this.#take(3);
      into.setInteger(dv.getUint16(at, true) | (dv.getInt8(at + 2) << 16));
    } else if (form === Integer.int64) {
      const at = this.#take(8);
      const value = dv.getInt32(at + 4, true) * twoTo32 + dv.getUint32(at, true);
      if (Number.isSafeInteger(value)) into.setInteger(value);
      else into.setInt64(dv.getBigInt64(at, true));
    } else if (form >= Integer.immediateMin && form <= Integer.immediateMax)
      into.setInteger(form - Integer.immediateMin);
    else throw this.#error('an element', `form ${form}`);
  }

  /** Where so many bytes begin, which are passed. */
  #take(sizeBytes: number): number {
    const at = this.#at;
    if (this.#end - at < sizeBytes) throw this.#error(`${sizeBytes} bytes more`, `${this.#end - at} to the end`);
    this.#at = at + sizeBytes;
    return at;
  }

  #checkHead(): false {
    const { dv } = this.#buffer;
    const said = dv.getUint16(this.#start + 8, true);
    if (said !== uncounted && said !== this.#count) throw this.#error(`${said} elements`, `${this.#count}`);
    const last = dv.getUint32(this.#start + 4, true);
    if (last !== this.#lastAt - this.#start)
      throw this.#error(`the last element at ${last}`, `${this.#lastAt - this.#start}`);
    return false;
  }

  #error(expected: string, found: string): Error {
    return packError('ziplist', this.#at - this.#start, expected, found);
  }
}
