import type { Arena, BlockRef } from '../arena.ts';
import { byteOf, bytesOf, Encoding } from '../entry.ts';
import { IntSets } from '../intset.ts';
import { packHeadBytes, Packs } from '../listpack.ts';
import { elementBytes, isIntegerElement, packEnd } from '../listpack-element.ts';
import { Span } from '../span.ts';
import { readRecordKey } from '../table/record.ts';
import { TableCursor } from '../table/table.ts';
import { nextRecords } from '../table/table-batch.ts';
import type { SetValue } from './set-value.ts';
import { memberAt } from './set-walk.ts';

/** Members of one batch. */
export const batchMax = 512;

/**
 * The members of one set, up to 512 at a time, of which some are then dropped: how intersections and differences are made.
 * A member is a place: its index in an intset, its position in a listpack, or its record. The set may not change meanwhile.
 *
 *   for (batch.begin(value); batch.next(); ) for (let i = 0; i < batch.count; i++) use(batch.text(i));
 */
export class MemberBatch {
  /** Members that are left of this batch. */
  count = 0;
  readonly places = new Uint32Array(batchMax);
  /** Of the members of a table. */
  readonly hashes = new Uint32Array(batchMax);
  readonly ints: IntSets;
  encoding: Encoding = Encoding.intset;
  root: BlockRef = 0;
  readonly #arena: Arena;
  readonly #packs: Packs;
  readonly #cursor = new TableCursor();
  readonly #member: Span;
  /** Members of the set, and of its batches so far. */
  #total = 0;
  #seen = 0;
  /** Where the next batch of an intset or a listpack begins. */
  #place = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.ints = new IntSets(arena);
    this.#packs = new Packs(arena);
    this.#member = new Span(this.ints.member.buffer);
  }

  begin(value: SetValue): void {
    this.encoding = value.encoding;
    this.root = value.root;
    this.#total = value.count;
    this.#seen = 0;
    this.#place = value.encoding === Encoding.listpack ? packHeadBytes : 0;
    this.#cursor.reset();
  }

  /** False at the end. */
  next(): boolean {
    if (this.encoding === Encoding.hashtable) {
      this.count = nextRecords(this.#arena, this.root, this.#cursor, this.places, this.hashes);
    } else if (this.encoding === Encoding.intset) this.#nextIntegers();
    else this.#nextElements();
    this.#seen += this.count;
    return this.count > 0;
  }

  /** How many members are left of all batches, if it goes on as it began. */
  get expected(): number {
    return Math.ceil((this.count * this.#total) / this.#seen);
  }

  #nextIntegers(): void {
    const first = this.#place;
    const { places } = this;
    const count = Math.min(batchMax, this.ints.count(this.root) - first);
    for (let i = 0; i < count; i++) places[i] = first + i;
    this.count = count;
    this.#place = first + count;
  }

  #nextElements(): void {
    const bytes = bytesOf(this.#arena, this.root);
    const base = byteOf(this.#arena, this.root);
    const { places } = this;
    let p = base + this.#place;
    let count = 0;
    for (; count < batchMax && bytes.u8[p] !== packEnd; p += elementBytes(bytes, p)) places[count++] = p - base;
    this.count = count;
    this.#place = p - base;
  }

  /** A member, valid until the next call. */
  text(i: number): Span {
    const place = this.places[i];
    if (this.encoding === Encoding.hashtable) return readRecordKey(this.#arena, place, memberAt, this.#member);
    if (this.encoding === Encoding.listpack) return this.#packs.read(this.root, place);
    this.ints.load(this.root, place);
    return this.ints.read();
  }

  /** Of a listpack: whether the member is an integer. */
  isInteger(i: number): boolean {
    return isIntegerElement(bytesOf(this.#arena, this.root), byteOf(this.#arena, this.root) + this.places[i]);
  }

  /** A member as a safe integer; NaN when it is none, or does not come from an intset. */
  number(i: number): number {
    if (this.encoding !== Encoding.intset) return NaN;
    this.ints.load(this.root, this.places[i]);
    return this.ints.number;
  }
}
