import { ByteBuffer } from '@kvartz/base';
import type { RdbBytes } from '../rdb-bytes.ts';
import { packError, type PackReader } from './pack-reader.ts';

const mapEnd = 0xff;
/** In place of a length: four bytes follow. */
const longLength = 0xfe;

/**
 * Goes over a zipmap, which small hashes were before Redis 2.6: fields and values by turns.
 *
 *   [ pairs u8 ] [ length | field | length | spare bytes u8 | value | spare bytes ] ... 0xFF
 */
export class ZipmapReader implements PackReader {
  #buffer = new ByteBuffer(0);
  #start = 0;
  #at = 0;
  #end = 0;
  #count = 0;

  begin({ buffer, start, end }: RdbBytes): void {
    this.#buffer = buffer;
    this.#start = start;
    this.#at = start + 1;
    this.#end = end - 1;
    this.#count = 0;
    if (end - start < 2) throw this.#error('the head', `${end - start} bytes`);
    if (buffer.u8[end - 1] !== mapEnd) throw this.#error('0xFF at the end', `byte ${buffer.u8[end - 1]}`);
  }

  next(into: RdbBytes): boolean {
    const { dv, u8 } = this.#buffer;
    const isField = (this.#count & 1) === 0;
    if (isField && this.#at === this.#end) return this.#checkCount();
    let length = u8[this.#take(1)];
    if (length === longLength) length = dv.getUint32(this.#take(4), true);
    else if (length === mapEnd) throw this.#error('a length', '0xFF');
    const spare = isField ? 0 : u8[this.#take(1)];
    const at = this.#take(length + spare);
    into.set(this.#buffer, at, at + length);
    this.#count++;
    return true;
  }

  #take(sizeBytes: number): number {
    const at = this.#at;
    if (this.#end - at < sizeBytes) throw this.#error(`${sizeBytes} bytes more`, `${this.#end - at} to the end`);
    this.#at = at + sizeBytes;
    return at;
  }

  #checkCount(): false {
    const said = this.#buffer.u8[this.#start];
    if (said < longLength && said * 2 !== this.#count) throw this.#error(`${said} pairs`, `${this.#count / 2}`);
    return false;
  }

  #error(expected: string, found: string): Error {
    return packError('zipmap', this.#at - this.#start, expected, found);
  }
}
