import { ByteBuffer, copyBytes } from '@kvartz/base';
import type { RdbWriter } from '../rdb/rdb-writer.ts';

const packHeadBytes = 6;
const packEnd = 0xff;
const uncounted = 0xffff;

/** Writes elements that lie in a list as listpacks, with head and end. */
export class PackString {
  #pack = new ByteBuffer(256);

  write(writer: RdbWriter, bytes: ByteBuffer, start: number, end: number, elements: number): void {
    const sizeBytes = packHeadBytes + end - start + 1;
    if (this.#pack.sizeBytes < sizeBytes) this.#pack = new ByteBuffer(sizeBytes * 2);
    const pack = this.#pack;
    pack.dv.setUint32(0, sizeBytes, true);
    pack.dv.setUint16(4, Math.min(elements, uncounted), true);
    copyBytes(bytes, start, end, pack, packHeadBytes);
    pack.u8[sizeBytes - 1] = packEnd;
    writer.string(pack, 0, sizeBytes);
  }
}
