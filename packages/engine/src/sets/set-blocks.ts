import type { ByteBuffer, Random } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import type { CollectionLimits } from '../collection-limits.ts';
import { Encoding } from '../entry.ts';
import { IntSets } from '../intset.ts';
import { Packs } from '../listpack.ts';
import { randomBelow } from '../random-below.ts';
import { Span } from '../span.ts';
import { createRecord, readRecordKey } from '../table/record.ts';
import { Table } from '../table/table.ts';
import type { MemberBatch } from './member-batch.ts';
import { Addition, SetValue } from './set-value.ts';
import { memberAt, SetWalk } from './set-walk.ts';

/** Redis's bound on the number of members of an intset, whatever the directive says. */
const intsetEntriesMax = 2 ** 30;
/** And on the bytes of a listpack. */
const packBytesMax = 2 ** 30;

/**
 * What can be done with the value of a set, whichever of its three encodings it has:
 *
 *   intset      integers only, up to set-max-intset-entries
 *   listpack    up to set-max-listpack-entries members of up to set-max-listpack-value bytes
 *   hashtable   a Table of records [ length u32 | member ]
 *
 * Encodings go from above to below, never back; an intset that has too many members for a listpack becomes a table at once.
 * What counts is the members that there are, never how many a command announced.
 * Source: Redis 7.2, `setTypeAddAux`.
 */
export class SetBlocks {
  /** Filled by `pick`. */
  readonly picked: Span;
  readonly #arena: Arena;
  readonly #host: { readonly limits: CollectionLimits };
  readonly #ints: IntSets;
  readonly #packs: Packs;
  readonly #table: Table;
  readonly #walk: SetWalk;
  /** What a conversion makes. */
  readonly #converted = new SetValue();
  /** Index, position or record of the picked member, by encoding. */
  #place = 0;

  constructor(arena: Arena, host: { readonly limits: CollectionLimits }) {
    this.#arena = arena;
    this.#host = host;
    this.#ints = new IntSets(arena);
    this.#packs = new Packs(arena);
    this.#table = new Table(arena, memberAt);
    this.#walk = new SetWalk(arena, this.#table);
    this.picked = new Span(this.#ints.member.buffer);
  }

  get table(): Table {
    return this.#table;
  }

  /** Of a table: the record that `pick` has found. */
  get pickedRecord(): BlockRef {
    return this.#place;
  }

  /** Makes `value` a set of one member, with room for as many as are known to come. False: no memory. */
  create(value: SetValue, buffer: ByteBuffer, start: number, end: number, members = 1): boolean {
    const { limits } = this.#host;
    if (members <= this.#intsetMax() && this.#ints.parse(buffer, start, end)) value.encoding = Encoding.intset;
    else if (members <= limits.setMaxListpackEntries) value.encoding = Encoding.listpack;
    else value.encoding = Encoding.hashtable;
    value.count = 0;
    value.root = value.encoding === Encoding.hashtable ? this.#table.create(members) : this.#createRoot(value.encoding);
    if (value.root === 0) return false;
    if (this.add(value, buffer, start, end) === Addition.added) return true;
    this.free(value);
    return false;
  }

  #createRoot(encoding: Encoding): BlockRef {
    if (encoding === Encoding.intset) return this.#ints.create();
    return encoding === Encoding.listpack ? this.#packs.create() : this.#table.create();
  }

  free(value: SetValue): void {
    this.#arena.lazyFree.addValue(value.encoding, value.root, value.count);
    value.root = 0;
  }

  has(value: SetValue, buffer: ByteBuffer, start: number, end: number): boolean {
    if (value.encoding === Encoding.hashtable) return this.#table.find(value.root, buffer, start, end) !== 0;
    if (value.encoding === Encoding.intset) {
      return this.#ints.parse(buffer, start, end) && this.#ints.find(value.root) >= 0;
    }
    return this.#positionOf(value, buffer, start, end) !== 0;
  }

  /** Of a listpack. */
  elements(value: SetValue): Span {
    return this.#packs.elements(value.root);
  }

  isInteger(buffer: ByteBuffer, start: number, end: number): boolean {
    return this.#ints.parse(buffer, start, end);
  }

  add(value: SetValue, buffer: ByteBuffer, start: number, end: number): Addition {
    if (value.encoding === Encoding.hashtable) return this.#addToTable(value, buffer, start, end);
    if (value.encoding === Encoding.listpack) return this.#addToPack(value, buffer, start, end);
    if (this.#ints.parse(buffer, start, end)) return this.#addToIntset(value, buffer, start, end);
    const { limits } = this.#host;
    const fits =
      value.count < limits.setMaxListpackEntries &&
      Math.max(end - start, this.#longestDigits(value)) <= limits.setMaxListpackValue;
    if (!this.#convert(value, fits ? Encoding.listpack : Encoding.hashtable)) return Addition.noMemory;
    return fits ? this.#append(value, buffer, start, end) : this.#addToTable(value, buffer, start, end);
  }

  /** The same for a member of a batch that is known not to be there. */
  addNew(value: SetValue, batch: MemberBatch, i: number): Addition {
    const { buffer, start, end } = batch.text(i);
    if (value.encoding === Encoding.hashtable) {
      if (batch.encoding !== Encoding.hashtable) return this.#addToTable(value, buffer, start, end);
      this.#table.aim(value.root, batch.hashes[i]);
      return this.#putIntoTable(value, buffer, start, end);
    }
    if (value.encoding === Encoding.listpack && this.#fitsPack(value, end - start)) {
      return this.#append(value, buffer, start, end);
    }
    return this.add(value, buffer, start, end);
  }

  /**
   * Makes `value` the listpack of a whole batch of elements of another one, copied as they are. False: the batch is not
   * such a one, or there is no memory; nothing has happened then.
   */
  createOfElements(value: SetValue, batch: MemberBatch): boolean {
    const { setMaxListpackEntries, setMaxListpackValue } = this.#host.limits;
    // Integers that come first may turn out to be an intset.
    if (batch.encoding !== Encoding.listpack || batch.isInteger(0) || batch.count > setMaxListpackEntries) return false;
    const root = this.#packs.createOf(batch.root, batch.places, batch.count, setMaxListpackValue);
    if (root === 0) return false;
    value.encoding = Encoding.listpack;
    value.count = batch.count;
    value.root = root;
    return true;
  }

  /** Makes `value` an empty table with room for so many members. False: no memory. */
  createTable(value: SetValue, members: number): boolean {
    value.encoding = Encoding.hashtable;
    value.count = 0;
    value.root = this.#table.create(members);
    return value.root !== 0;
  }

  #addToIntset(value: SetValue, buffer: ByteBuffer, start: number, end: number): Addition {
    const index = this.#ints.find(value.root);
    if (index >= 0) return Addition.present;
    if (value.count >= this.#intsetMax()) {
      if (!this.#convert(value, Encoding.hashtable)) return Addition.noMemory;
      return this.#addToTable(value, buffer, start, end);
    }
    const root = this.#ints.insert(value.root, ~index);
    if (root === 0) return Addition.noMemory;
    value.root = root;
    value.count++;
    return Addition.added;
  }

  #addToPack(value: SetValue, buffer: ByteBuffer, start: number, end: number): Addition {
    if (this.#positionOf(value, buffer, start, end) !== 0) return Addition.present;
    if (this.#fitsPack(value, end - start)) return this.#append(value, buffer, start, end);
    if (!this.#convert(value, Encoding.hashtable)) return Addition.noMemory;
    return this.#addToTable(value, buffer, start, end);
  }

  /** Whether a listpack stays one with a new member of so many bytes. */
  #fitsPack(value: SetValue, length: number): boolean {
    const { limits } = this.#host;
    return (
      value.count < limits.setMaxListpackEntries &&
      length <= limits.setMaxListpackValue &&
      this.#packs.bytes(value.root) + length < packBytesMax
    );
  }

  #append(value: SetValue, buffer: ByteBuffer, start: number, end: number): Addition {
    const root = this.#packs.append(value.root, buffer, start, end);
    if (root === 0) return Addition.noMemory;
    value.root = root;
    value.count++;
    return Addition.added;
  }

  #addToTable(value: SetValue, buffer: ByteBuffer, start: number, end: number): Addition {
    if (this.#table.find(value.root, buffer, start, end) !== 0) return Addition.present;
    return this.#putIntoTable(value, buffer, start, end);
  }

  /** Where the table was asked, or aimed at, last. */
  #putIntoTable(value: SetValue, buffer: ByteBuffer, start: number, end: number): Addition {
    const record = createRecord(this.#arena, memberAt, 0, buffer, start, end);
    if (record === 0) return Addition.noMemory;
    if (!this.#table.add(value.root, record)) {
      this.#arena.free(record);
      return Addition.noMemory;
    }
    value.count++;
    return Addition.added;
  }

  /** True when the member was there. */
  remove(value: SetValue, buffer: ByteBuffer, start: number, end: number): boolean {
    if (value.encoding === Encoding.hashtable) this.#place = this.#table.find(value.root, buffer, start, end);
    else if (value.encoding === Encoding.listpack) this.#place = this.#positionOf(value, buffer, start, end);
    else {
      this.#place = this.#ints.parse(buffer, start, end) ? this.#ints.find(value.root) : -1;
      if (this.#place < 0) return false;
      this.#removeAt(value);
      return true;
    }
    if (this.#place === 0) return false;
    this.#removeAt(value);
    return true;
  }

  /** A member, each as likely as any other, in `picked`. The set must have one. */
  pick(value: SetValue, random: Random): Span {
    const { picked } = this;
    if (value.encoding === Encoding.hashtable) {
      this.#place = this.#table.random(value.root, random);
      return readRecordKey(this.#arena, this.#place, memberAt, picked);
    }
    let span: Span;
    if (value.encoding === Encoding.intset) {
      this.#place = randomBelow(random, value.count);
      this.#ints.load(value.root, this.#place);
      span = this.#ints.read();
    } else {
      this.#place = this.#packs.seek(value.root, randomBelow(random, value.count));
      span = this.#packs.read(value.root, this.#place);
    }
    picked.buffer = span.buffer;
    picked.start = span.start;
    picked.end = span.end;
    return picked;
  }

  /** Removes what `pick` has returned; nothing may have happened in between. */
  removePicked(value: SetValue): void {
    this.#removeAt(value);
  }

  /** Of a table: where its `find` or `random` has just been. */
  #removeAt(value: SetValue): void {
    value.count--;
    if (value.encoding === Encoding.hashtable) {
      this.#table.remove(value.root);
      this.#arena.free(this.#place);
    } else if (value.encoding === Encoding.intset) value.root = this.#ints.remove(value.root, this.#place);
    else value.root = this.#packs.remove(value.root, this.#place, 1);
  }

  /** Makes the value one of another encoding. False: no memory, and it is as it was. */
  #convert(value: SetValue, encoding: Encoding): boolean {
    const walk = this.#walk;
    const converted = this.#converted;
    converted.encoding = encoding;
    converted.count = 0;
    converted.root = this.#createRoot(encoding);
    if (converted.root === 0) return false;
    walk.begin(value);
    while (walk.next()) {
      const { buffer, start, end } = walk.text();
      const addition =
        encoding === Encoding.listpack
          ? this.#append(converted, buffer, start, end)
          : this.#addToTable(converted, buffer, start, end);
      if (addition !== Addition.noMemory) continue;
      this.free(converted);
      return false;
    }
    this.#arena.free(value.root);
    value.encoding = encoding;
    value.root = converted.root;
    return true;
  }

  #positionOf(value: SetValue, buffer: ByteBuffer, start: number, end: number): number {
    const { root } = value;
    return this.#packs.find(root, this.#packs.first(root), 1, buffer, start, end);
  }

  /** Bytes of the longest member of an intset: the first or the last. */
  #longestDigits(value: SetValue): number {
    if (value.count === 0) return 0;
    this.#ints.load(value.root, 0);
    const first = this.#ints.read().sizeBytes;
    this.#ints.load(value.root, value.count - 1);
    return Math.max(first, this.#ints.read().sizeBytes);
  }

  #intsetMax(): number {
    return Math.min(this.#host.limits.setMaxIntsetEntries, intsetEntriesMax);
  }
}
