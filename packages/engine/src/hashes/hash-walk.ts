import { ByteBuffer } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { Encoding } from '../entry.ts';
import { Packs } from '../listpack.ts';
import { Span } from '../span.ts';
import { readRecordKey } from '../table/record.ts';
import { type Table, TableCursor } from '../table/table.ts';
import { fieldAt, readValue } from './hash-record.ts';

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
  #root: BlockRef = 0;
  #isTable = false;
  /** Of a listpack: where the next field is. */
  #at = 0;

  constructor(arena: Arena, table: Table) {
    this.#arena = arena;
    this.#table = table;
    this.#fields = new Packs(arena);
    this.#values = new Packs(arena);
    this.field = this.#fieldSpan;
    this.value = this.#valueSpan;
  }

  begin(encoding: Encoding, root: BlockRef): void {
    this.#root = root;
    this.#isTable = encoding === Encoding.hashtable;
    if (this.#isTable) this.#cursor.reset();
    else this.#at = this.#fields.first(root);
  }

  /** False at the end. */
  next(): boolean {
    if (this.#isTable) {
      const record = this.#table.next(this.#root, this.#cursor);
      if (record === 0) return false;
      this.readRecord(record);
      return true;
    }
    const at = this.#at;
    if (at === 0) return false;
    this.#at = this.readPair(this.#root, at);
    return true;
  }

  /** Stands at this field of a table. */
  readRecord(record: BlockRef): void {
    this.field = readRecordKey(this.#arena, record, fieldAt, this.#fieldSpan);
    this.value = readValue(this.#arena, record, this.#valueSpan);
  }

  /** Stands at this field of a listpack, and returns where the next one is. */
  readPair(root: BlockRef, at: number): number {
    const valueAt = this.#fields.next(root, at);
    this.field = this.#fields.read(root, at);
    this.value = this.#values.read(root, valueAt);
    return this.#fields.next(root, valueAt);
  }
}
