import type { Arena, BlockRef } from '../arena.ts';
import { copyBlock } from '../copy-block.ts';
import { Encoding } from '../entry.ts';
import { createRecord, readRecordKey } from '../table/record.ts';
import { Span } from '../span.ts';
import { Table, TableCursor } from '../table/table.ts';

/** In the first word of a record: there was none of this key. No kind of table uses this flag. */
const absentFlag = 0x8000_0000;

/**
 * What records were when a view was opened, of those keys that a write has changed since: a table of copies of the records, and
 * of keys that had none. What is noted first stays.
 */
export class Overlay {
  readonly #arena: Arena;
  readonly #table: Table;
  readonly #keyAt: number;
  readonly #key: Span;
  readonly #cursor = new TableCursor();
  #root: BlockRef = 0;

  constructor(arena: Arena, keyAt: number, span: Span) {
    this.#arena = arena;
    this.#keyAt = keyAt;
    this.#table = new Table(arena, keyAt);
    this.#key = new Span(span.buffer);
  }

  get isEmpty(): boolean {
    return this.#root === 0;
  }

  /** Whether the key of a record of the value has been noted. */
  has(record: BlockRef): boolean {
    if (this.#root === 0) return false;
    const { buffer, start, end } = readRecordKey(this.#arena, record, this.#keyAt, this.#key);
    return this.#table.find(this.#root, buffer, start, end) !== 0;
  }

  /** Notes a record as it is, unless its key has been noted. False: no memory. */
  note(record: BlockRef): boolean {
    if (this.has(record)) return true;
    return this.#add(record, copyBlock(this.#arena, record));
  }

  /** Notes that there was no record of this key. False: no memory. */
  noteAbsent(record: BlockRef): boolean {
    if (this.has(record)) return true;
    const arena = this.#arena;
    const { buffer, start, end } = readRecordKey(arena, record, this.#keyAt, this.#key);
    const absent = createRecord(arena, this.#keyAt, 0, buffer, start, end);
    if (absent !== 0) arena.segments[absent >>> arena.refShift].u32[(absent & arena.refMask) << 1] |= absentFlag;
    return this.#add(record, absent);
  }

  #add(record: BlockRef, noted: BlockRef): boolean {
    if (noted === 0) return false;
    if (this.#root === 0) {
      this.#root = this.#table.create();
      if (this.#root !== 0) this.has(record);
    }
    if (this.#root !== 0 && this.#table.add(this.#root, noted)) return true;
    this.#arena.free(noted);
    return false;
  }

  /** The next of the records that were there; 0 at the end. Nothing may be noted any more. */
  next(): BlockRef {
    if (this.#root === 0) return 0;
    const arena = this.#arena;
    for (;;) {
      const record = this.#table.next(this.#root, this.#cursor);
      if (record === 0) return 0;
      if (arena.segments[record >>> arena.refShift].u32[(record & arena.refMask) << 1] < absentFlag) return record;
    }
  }

  free(): void {
    if (this.#root === 0) return;
    this.#arena.lazyFree.addValue(Encoding.hashtable, this.#root, this.#table.count(this.#root));
    this.#root = 0;
  }
}
