import { ByteBuffer } from '@kvartz/base';
import { elementBytes, ElementForm } from '../listpack-element.ts';
import type { Span } from '../span.ts';

/**
 * Finds several fields of a hash that is a listpack. A search begins behind the field that the last one has found, and goes
 * around: fields that are wanted in the order in which they lie cost one pass together.
 */
export class PackedFields {
  readonly #form = new ElementForm(new ByteBuffer(16));
  #pack = new ByteBuffer(0);
  #start = 0;
  #end = 0;
  #from = 0;

  /** `elements`: fields and values in turn, as `Hashes.elements` gives them. */
  begin({ buffer, start, end }: Span): void {
    this.#pack = buffer;
    this.#start = start;
    this.#end = end;
    this.#from = start;
  }

  /** Where the element of the field's value begins in the buffer of the elements; 0: no such field. */
  find(field: ByteBuffer, start: number, end: number): number {
    const form = this.#form;
    const pack = this.#pack;
    const from = this.#from;
    form.set(field, start, end);
    const at = form.find(pack, from, this.#end, 2, field, start) || form.find(pack, this.#start, from, 2, field, start);
    if (at === 0) return 0;
    const valueAt = at + form.totalBytes;
    this.#from = valueAt + elementBytes(pack, valueAt);
    return valueAt;
  }
}
