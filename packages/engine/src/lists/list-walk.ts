import { ByteBuffer, equalBytes } from '@kvartz/base';
import { elementBytes, ElementForm, previousElement, readElement } from '../listpack-element.ts';
import { Span } from '../span.ts';
import type { Place } from './place.ts';

/**
 * Goes through a list from an element on, forward or backward, without an object for each. The list must not change
 * meanwhile.
 *
 *   walk.seek(entry, count, from, false);  while (walk.next()) use(walk.read())
 */
export class ListWalk {
  /** Of the element that `next` has reached. */
  index = 0;
  /** In a run: its elements lie in `bytes[p, to)`, or are one plain element that is all of it. */
  bytes: ByteBuffer;
  p = 0;
  to = 0;
  count = 0;
  isPlain = false;

  readonly #locate: (entry: number, index: number) => Place;
  readonly #digits = new ByteBuffer(32);
  readonly #form = new ElementForm(new ByteBuffer(16));
  readonly #span: Span;
  #entry = 0;
  #total = 0;
  #isBackward = false;
  /** Elements of the pack that `next` has not reached. */
  #left = 0;

  constructor(locate: (entry: number, index: number) => Place) {
    this.#locate = locate;
    this.bytes = this.#digits;
    this.#span = new Span(this.#digits);
  }

  /** The next element will be that at `index`, in [-1, total]. */
  seek(entry: number, total: number, index: number, isBackward: boolean): void {
    this.#entry = entry;
    this.#total = total;
    this.#isBackward = isBackward;
    this.#left = 0;
    this.index = isBackward ? index + 1 : index - 1;
  }

  /** False at the end. */
  next(): boolean {
    if (this.#left > 0) {
      this.#left--;
      if (this.#isBackward) {
        this.index--;
        this.p = previousElement(this.bytes, this.p);
      } else {
        this.index++;
        this.p += elementBytes(this.bytes, this.p);
      }
      return true;
    }
    const index = this.#isBackward ? this.index - 1 : this.index + 1;
    if (index < 0 || index >= this.#total) return false;
    this.index = index;
    const place = this.#enter(index);
    this.#left = this.#isBackward ? place.at : place.count - place.at - 1;
    return true;
  }

  /** The element that was reached; valid until the next call of the walk, or of the lists. */
  read(): Span {
    if (!this.isPlain) return readElement(this.bytes, this.p, this.#span, this.#digits);
    const span = this.#span;
    span.buffer = this.bytes;
    span.start = this.p;
    span.end = this.to;
    return span;
  }

  /** Decides what `isEqual` will look for. */
  lookFor(buffer: ByteBuffer, start: number, end: number): void {
    this.#form.set(buffer, start, end);
  }

  /** Whether the element that was reached is the one that `lookFor` was given. */
  isEqual(buffer: ByteBuffer, start: number, end: number): boolean {
    if (this.isPlain) return equalBytes(this.bytes, this.p, this.to, buffer, start, end);
    return this.#form.isAt(this.bytes, this.p, buffer, start);
  }

  /**
   * Goes forward by whole packs: `bytes`, `p`, `to` and `count` tell of the elements from the next one to the end of its pack.
   * False at the end.
   */
  nextRun(): boolean {
    const index = this.index + 1;
    if (index >= this.#total) return false;
    const place = this.#enter(index);
    this.count = place.count - place.at;
    this.index = index + this.count - 1;
    return true;
  }

  #enter(index: number): Place {
    const place = this.#locate(this.#entry, index);
    this.bytes = place.bytes;
    this.p = place.p;
    this.to = place.to;
    this.isPlain = place.isPlain;
    return place;
  }
}
