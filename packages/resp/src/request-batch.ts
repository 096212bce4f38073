import { ByteBuffer } from '@kvartz/base';
import { Args } from './args.ts';

/** Requests decoded ahead of their run; see `RequestDecoder.nextBatch`. Made once, used by all connections in turn. */
export class RequestBatch {
  readonly capacity: number;
  /** Request i is `args[i]`, for i below `count`; views into the chunk. */
  readonly args: readonly Args[];
  count = 0;
  /** Where each begins in the chunk. */
  readonly starts: Int32Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    const nothing = new ByteBuffer(0);
    this.args = Array.from({ length: capacity }, () => new Args(nothing, 16));
    this.starts = new Int32Array(capacity);
  }
}
