import type { ByteBuffer } from '@kvartz/base';
import { packHeadBytes } from '../listpack.ts';
import { elementBytes, integerElement, previousElement } from '../listpack-element.ts';

/*
 * A node of a stream is a listpack in Redis's layout, under the ID of its first entry, the "master ID":
 *
 *   master entry   count | deleted | fields | field ... | 0
 *   entry          flags | ms difference | seq difference | fields | field | value ... | elements
 *   entry          flags | ms difference | seq difference | value ...                 | elements        with the master entry's fields
 *
 * `count` and `deleted` add up to the entries that follow: one that is deleted is flagged and stays. Differences are to the master
 * ID, modulo 2^64. `elements` is how many stand before it in its entry, so that the node can be read from behind.
 *
 * Invariant: the block of a node has `nodeSlackBytes` beyond its pack, so that `deleted` may take more bytes than before and
 * deleting needs no memory.
 */
export const EntryFlag = { deleted: 1, sameFields: 2 } as const;
export const nodeSlackBytes = 4;
/** Flags and two differences; then what stands before the fields of an entry that has its own. */
export const entryHeadElements = 3;

/** What stands at the head of a node, with positions in its segment. Used again for one node after the other. */
export class NodeHead {
  count = 0;
  deleted = 0;
  /** Where `deleted` and the number of fields stand. */
  deletedAt = 0;
  fieldsAt = 0;
  fieldCount = 0;
  firstFieldAt = 0;
  firstEntryAt = 0;
  /** Where the listpack ends. */
  end = 0;

  /** Reads the node that begins at byte `base`. */
  read(bytes: ByteBuffer, base: number): this {
    this.readNumbers(bytes, base);
    const terminatorAt = skipElements(bytes, this.firstFieldAt, this.fieldCount);
    this.firstEntryAt = terminatorAt + elementBytes(bytes, terminatorAt);
    return this;
  }

  /** The same without looking for the first entry, which stands behind the fields. */
  readNumbers(bytes: ByteBuffer, base: number): this {
    const { u8 } = bytes;
    const countAt = base + packHeadBytes;
    this.end = base + bytes.dv.getUint32(base, true) - 1;
    if ((u8[countAt] | u8[countAt + 2] | u8[countAt + 4]) < 128) {
      // Three numbers below 128: two bytes each.
      this.count = u8[countAt];
      this.deletedAt = countAt + 2;
      this.deleted = u8[countAt + 2];
      this.fieldsAt = countAt + 4;
      this.fieldCount = u8[countAt + 4];
      this.firstFieldAt = countAt + 6;
      return this;
    }
    this.count = integerElement(bytes, countAt);
    this.deletedAt = countAt + elementBytes(bytes, countAt);
    this.deleted = integerElement(bytes, this.deletedAt);
    this.fieldsAt = this.deletedAt + elementBytes(bytes, this.deletedAt);
    this.fieldCount = integerElement(bytes, this.fieldsAt);
    this.firstFieldAt = this.fieldsAt + elementBytes(bytes, this.fieldsAt);
    return this;
  }
}

/** The position `count` elements further. */
export function skipElements(bytes: ByteBuffer, p: number, count: number): number {
  for (let left = count; left > 0; left--) p += elementBytes(bytes, p);
  return p;
}

/** Where the entry begins that ends at `end`. */
export function entryBefore(bytes: ByteBuffer, end: number): number {
  let p = previousElement(bytes, end);
  for (let left = integerElement(bytes, p); left > 0; left--) p = previousElement(bytes, p);
  return p;
}
