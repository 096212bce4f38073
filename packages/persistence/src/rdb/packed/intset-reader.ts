import { ByteBuffer } from '@kvartz/base';
import type { RdbBytes } from '../rdb-bytes.ts';
import { packError, type PackReader } from './pack-reader.ts';

const headBytes = 8;
const twoTo32 = 2 ** 32;

/**
 * Goes over an intset, whose members must rise:
 *
 *   [ width u32: 2, 4, 8 | members u32 ] [ smallest ] ... [ largest ]
 */
export class IntsetReader implements PackReader {
  count = 0;
  #buffer = new ByteBuffer(0);
  #start = 0;
  #at = 0;
  #end = 0;
  #width = 0;
  #high = 0;
  #low = 0;

  begin({ buffer, start, end }: RdbBytes): void {
    this.#buffer = buffer;
    this.#start = start;
    this.#at = start + headBytes;
    this.#end = end;
    const sizeBytes = end - start;
    if (sizeBytes < headBytes) throw this.#error('the head', `${sizeBytes} bytes`);
    const width = buffer.dv.getUint32(start, true);
    const count = buffer.dv.getUint32(start + 4, true);
    if (width !== 2 && width !== 4 && width !== 8) throw this.#error('2, 4 or 8 bytes to the member', `${width}`);
    if (sizeBytes !== headBytes + count * width)
      throw this.#error(`${headBytes + count * width} bytes`, `${sizeBytes}`);
    this.count = count;
    this.#width = width;
  }

  next(into: RdbBytes): boolean {
    const at = this.#at;
    if (at === this.#end) return false;
    const { dv } = this.#buffer;
    const width = this.#width;
    const low = width === 2 ? dv.getInt16(at, true) : dv.getInt32(at, true);
    const high = width === 8 ? dv.getInt32(at + 4, true) : low >> 31;
    if (at > this.#start + headBytes && (high < this.#high || (high === this.#high && low >>> 0 <= this.#low >>> 0))) {
      throw this.#error('members that rise', 'others');
    }
    this.#high = high;
    this.#low = low;
    this.#at = at + width;
    const value = high * twoTo32 + (low >>> 0);
    if (Number.isSafeInteger(value)) into.setInteger(value);
    else into.setInt64(dv.getBigInt64(at, true));
    return true;
  }

  #error(expected: string, found: string): Error {
    return packError('intset', this.#at - this.#start, expected, found);
  }
}
