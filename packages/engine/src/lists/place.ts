import type { ByteBuffer } from '@kvartz/base';
import { elementBytes, previousElement, readElement } from '../listpack-element.ts';
import type { Span } from '../span.ts';
import type { EndWord } from './list-blocks.ts';

/** Where an element stands: in `bytes[from, to)` with `count` elements, of which `at` lie before it. */
export class Place {
  bytes: ByteBuffer;
  from = 0;
  to = 0;
  /** Where the element begins; a plain one with its first byte. */
  p = 0;
  at = 0;
  count = 0;
  isPlain = false;
  /** The end of the list that this is; 0: the place that the tree has found, or a list of one pack. */
  end: EndWord | 0 = 0;

  constructor(bytes: ByteBuffer) {
    this.bytes = bytes;
  }

  set(
    end: EndWord | 0,
    bytes: ByteBuffer,
    from: number,
    to: number,
    count: number,
    isPlain: boolean,
    at: number,
  ): Place {
    this.end = end;
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.count = count;
    this.isPlain = isPlain;
    this.at = at;
    if (isPlain || at === 0) this.p = from;
    else if (at <= count >>> 1) {
      let p = from;
      for (let i = 0; i < at; i++) p += elementBytes(bytes, p);
      this.p = p;
    } else {
      let p = to;
      for (let i = count; i > at; i--) p = previousElement(bytes, p);
      this.p = p;
    }
    return this;
  }

  read(span: Span, digits: ByteBuffer): Span {
    if (!this.isPlain) return readElement(this.bytes, this.p, span, digits);
    span.buffer = this.bytes;
    span.start = this.from;
    span.end = this.to;
    return span;
  }

  /** Elements of the first half of the bytes: at least one, and not all. */
  middle(): number {
    const half = (this.from + this.to) / 2;
    let p = this.from;
    let count = 0;
    while (p < half && count < this.count - 1) {
      p += elementBytes(this.bytes, p);
      count++;
    }
    return Math.max(1, count);
  }
}
