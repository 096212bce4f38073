import { ByteBuffer } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { Encoding } from '../entry.ts';
import { Packs } from '../listpack.ts';
import { Span } from '../span.ts';
import { readRecordKey } from '../table/record.ts';
import { type Table, TableCursor } from '../table/table.ts';
import { RootWord, rootWord } from '../zsets/tree-search.ts';
import { isTimedEncoding } from './field-times.ts';
import { fieldAt, readValue, timeOfField } from './hash-record.ts';

/**
 * Goes over the fields of a hash that does not change meanwhile. Two readers of listpacks, because the digits of an integer
 * stand in a reader's own memory, and a field and its value may both be integers.
 */
export class HashWalk {
  /** The field at which the walk stands, and its value; valid until the next step. */
  field: Span;
  value: Span;
  readonly #arena: Arena;
  readonly #table: Table;
  readonly #fields: Packs;
  readonly #values: Packs;
  readonly #fieldSpan = new Span(new ByteBuffer(0));
  readonly #valueSpan = new Span(new ByteBuffer(0));
  readonly #cursor = new TableCursor();
  /** The listpack, or the root of the table. */
  #root: BlockRef = 0;
  #isTable = false;
  #isTimed = false;
  /** Fields that expire before this moment are passed over. */
  #visibleFromMs = -Infinity;
  /** Of a listpack: where the next field is. */
  #at = 0;
  /** Where the time of the field is, if it can have one: a record, or a place in a listpack. */
  #timeAt = 0;

  constructor(arena: Arena, table: Table) {
    this.#arena = arena;
    this.#table = table;
    this.#fields = new Packs(arena);
    this.#values = new Packs(arena);
    this.field = this.#fieldSpan;
    this.value = this.#valueSpan;
  }

  /** Infinity: the field does not expire. */
  get expireAtMs(): number {
    if (!this.#isTimed) return Infinity;
    if (this.#isTable) return timeOfField(this.#arena, this.#timeAt);
    return this.#values.integerAt(this.#root, this.#timeAt) || Infinity;
  }

  /** Before the first of the fields that do not expire before `visibleFromMs`. */
  begin(encoding: Encoding, root: BlockRef, visibleFromMs: number): void {
    this.#isTable = encoding === Encoding.hashtable || encoding === Encoding.hashtableex;
    this.#isTimed = isTimedEncoding(encoding);
    this.#visibleFromMs = visibleFromMs;
    this.#root = encoding === Encoding.hashtableex ? rootWord(this.#arena, root, RootWord.table) : root;
    if (this.#isTable) this.#cursor.reset();
    else this.#at = this.#fields.first(root);
  }

  /** False at the end. */
  next(): boolean {
    do {
      if (this.#isTable) {
        const record = this.#table.next(this.#root, this.#cursor);
        if (record === 0) return false;
        this.readRecord(record);
      } else {
        if (this.#at === 0) return false;
        this.#at = this.readAt(this.#at);
      }
    } while (this.#isTimed && this.expireAtMs < this.#visibleFromMs);
    return true;
  }

  /** Stands at this field of the table. */
  readRecord(record: BlockRef): void {
    this.field = readRecordKey(this.#arena, record, fieldAt, this.#fieldSpan);
    this.value = readValue(this.#arena, record, this.#valueSpan);
    this.#timeAt = record;
  }

  /** Stands at this field of the listpack, and returns where the next one is. */
  readAt(at: number): number {
    const fields = this.#fields;
    const valueAt = fields.next(this.#root, at);
    this.field = fields.read(this.#root, at);
    this.value = this.#values.read(this.#root, valueAt);
    const behind = fields.next(this.#root, valueAt);
    if (!this.#isTimed) return behind;
    this.#timeAt = behind;
    return fields.next(this.#root, behind);
  }
}
