import type { Arena, BlockRef } from '../arena.ts';
import { Encoding } from '../entry.ts';
import { IntSets } from '../intset.ts';
import { Packs } from '../listpack.ts';
import { Span } from '../span.ts';
import { readRecordKey } from '../table/record.ts';
import { type Table, TableCursor } from '../table/table.ts';
import type { SetValue } from './set-value.ts';

/** Byte of a table's record at which the member begins: after its length. */
export const memberAt = 4;

/**
 * Goes through the members of a set of any encoding, once each, without an object for any of them. The set may not change
 * meanwhile; what else is done to other sets does not matter.
 *
 *   for (walk.begin(value); walk.next(); ) use(walk.text());
 */
export class SetWalk {
  /** Holds the member in its halves when `isInteger`. */
  readonly ints: IntSets;
  /** The members are those of an intset. */
  isInteger = false;
  readonly #arena: Arena;
  readonly #packs: Packs;
  readonly #table: Table;
  readonly #cursor = new TableCursor();
  readonly #member: Span;
  #encoding: Encoding = Encoding.intset;
  #root: BlockRef = 0;
  /** Index of the next member of an intset; position of the present one in a listpack, its record in a table. */
  #place = 0;

  constructor(arena: Arena, table: Table) {
    this.#arena = arena;
    this.ints = new IntSets(arena);
    this.#packs = new Packs(arena);
    this.#table = table;
    this.#member = new Span(this.ints.member.buffer);
  }

  begin(value: SetValue): void {
    this.#encoding = value.encoding;
    this.#root = value.root;
    this.#place = 0;
    this.isInteger = value.encoding === Encoding.intset;
    this.#cursor.reset();
  }

  /** False at the end. */
  next(): boolean {
    const root = this.#root;
    if (this.#encoding === Encoding.hashtable) {
      this.#place = this.#table.next(root, this.#cursor);
      return this.#place !== 0;
    }
    if (this.#encoding === Encoding.listpack) {
      this.#place = this.#place === 0 ? this.#packs.first(root) : this.#packs.next(root, this.#place);
      return this.#place !== 0;
    }
    if (this.#place === this.ints.count(root)) return false;
    this.ints.load(root, this.#place++);
    return true;
  }

  /** The member, valid until the next call of `next`. */
  text(): Span {
    if (this.#encoding === Encoding.hashtable) {
      return readRecordKey(this.#arena, this.#place, memberAt, this.#member);
    }
    return this.#encoding === Encoding.listpack ? this.#packs.read(this.#root, this.#place) : this.ints.read();
  }

  /** The member as a safe integer; NaN when it is none, or does not come from an intset. */
  get number(): number {
    return this.isInteger ? this.ints.number : NaN;
  }
}
