import { ByteBuffer } from '@kvartz/base';

/**
 * The arguments of one request, as views: argument i is `buffer.u8[start[i], end[i])`. Nothing is copied and no string
 * is made; all of it is valid until the command returns. Whoever keeps an argument longer copies it (`clone`).
 */
export class Args {
  buffer: ByteBuffer;
  count = 0;
  start: Int32Array<ArrayBuffer>;
  end: Int32Array<ArrayBuffer>;

  constructor(buffer: ByteBuffer, capacity = 64) {
    this.buffer = buffer;
    this.start = new Int32Array(capacity);
    this.end = new Int32Array(capacity);
  }

  /** An owned copy, with the arguments packed one after another: what MULTI queues. */
  clone(): Args {
    let sizeBytes = 0;
    for (let i = 0; i < this.count; i++) sizeBytes += this.end[i] - this.start[i];
    const copy = new Args(new ByteBuffer(sizeBytes), this.count);
    copy.count = this.count;
    let at = 0;
    for (let i = 0; i < this.count; i++) {
      copy.buffer.u8.set(this.buffer.u8.subarray(this.start[i], this.end[i]), at);
      copy.start[i] = at;
      at += this.end[i] - this.start[i];
      copy.end[i] = at;
    }
    return copy;
  }

  /** Makes room for `capacity` arguments, keeping those that are there. */
  reserve(capacity: number): void {
    if (capacity <= this.start.length) return;
    const start = new Int32Array(capacity);
    const end = new Int32Array(capacity);
    start.set(this.start);
    end.set(this.end);
    this.start = start;
    this.end = end;
  }

  /** Appends the view [start, end) of `buffer`. */
  push(start: number, end: number): void {
    const index = this.count;
    if (index === this.start.length) this.reserve(Math.max(8, index * 2));
    this.start[index] = start;
    this.end[index] = end;
    this.count = index + 1;
  }

  /** From strings (UTF-8) and bytes: for tests, scripts and effects, not for the path of a request. */
  static of(...parts: readonly (string | Uint8Array)[]): Args {
    const encoder = new TextEncoder();
    const pieces = parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part));
    const sizeBytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const args = new Args(new ByteBuffer(sizeBytes), pieces.length);
    args.count = pieces.length;
    let at = 0;
    for (const [i, piece] of pieces.entries()) {
      args.buffer.u8.set(piece, at);
      args.start[i] = at;
      at += piece.length;
      args.end[i] = at;
    }
    return args;
  }
}
