import type { ByteBuffer } from '@kvartz/base';

/** The bytes `buffer.u8[start, end)`. A keyspace has one and fills it again and again: read it before the next call. */
export class Span {
  buffer: ByteBuffer;
  start = 0;
  end = 0;

  constructor(buffer: ByteBuffer) {
    this.buffer = buffer;
  }

  get sizeBytes(): number {
    return this.end - this.start;
  }
}
