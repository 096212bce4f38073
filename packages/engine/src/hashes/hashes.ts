import type { ByteBuffer, Random } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import {
  bodyOf,
  Encoding,
  type EntryRef,
  headOf,
  encodingMask,
  encodingShift,
  setBody,
  setEncoding,
} from '../entry.ts';
import { setWideBody, ValueType, wideBodyOf } from '../entry.ts';
import type { CollectionHost } from '../keyspace-collections.ts';
import { Packs } from '../listpack.ts';
import { randomBelow } from '../random-below.ts';
import { Table } from '../table/table.ts';
import { FieldResult } from './field-result.ts';
import { createField, fieldAt, overwriteValue, readValue, valueBytesOfField } from './hash-record.ts';
import { HashWalk } from './hash-walk.ts';
import { tableFromPairs } from './pack-to-table.ts';
import { Span } from '../span.ts';
import { TimedHashes } from './timed-hashes.ts';

/**
 * Hashes of a keyspace, by their entries:
 *
 *   listpack     field, value, field, value, ...: up to hash-max-listpack-entries fields, each side up to hash-max-listpack-value
 *   hashtable    a Table of records [ lengths | field | value ]
 *   listpackex   the first, and hashtableex the second, of hashes whose fields have, or had, times: `timed` knows more
 *
 * A listpack becomes a table, and a hash without times one with times, never the other way. Whoever removes the last field
 * removes the entry. A field that has expired is not found and not walked over, but counts, and can be removed and set, until
 * it has been removed.
 */
export class Hashes {
  /** Filled by `get`; valid until the next call. */
  value: Span;
  /** Times of fields. */
  readonly timed: TimedHashes;
  readonly #host: CollectionHost;
  readonly #arena: Arena;
  readonly #packs: Packs;
  readonly #table: Table;
  readonly #walk: HashWalk;
  readonly #visitor: HashWalk;
  readonly #valueSpan: Span;

  constructor(host: CollectionHost) {
    this.#host = host;
    this.#arena = host.arena;
    this.#packs = new Packs(host.arena);
    this.#table = new Table(host.arena, fieldAt);
    this.#walk = new HashWalk(host.arena, this.#table);
    this.#visitor = new HashWalk(host.arena, this.#table);
    this.#valueSpan = new Span(this.#packs.value.buffer);
    this.value = this.#valueSpan;
    this.timed = new TimedHashes(host, this.#packs, this.#table);
  }

  /** An empty hash under a key that is not there, with room for so many `fields`, if they are known; 0: no memory. */
  create(key: ByteBuffer, ks: number, ke: number, fields = 1): EntryRef {
    const isPacked = fields <= this.#host.limits.hashMaxListpackEntries;
    const encoding = isPacked ? Encoding.listpack : Encoding.hashtable;
    const root = isPacked ? this.#packs.create() : this.#table.create(fields);
    if (root === 0) return 0;
    const e = this.#host.setCollection(key, ks, ke, ValueType.hash, encoding, root, 0);
    if (e === 0) this.#arena.lazyFree.addValue(encoding, root, 0);
    return e;
  }

  /** Whether there is such a field; its value is then in `value`. */
  get(e: EntryRef, field: ByteBuffer, start: number, end: number): boolean {
    const arena = this.#arena;
    const root = wideBodyOf(arena, e);
    const encoding = this.#encodingOf(e);
    if (encoding === Encoding.hashtable) {
      const record = this.#table.find(root, field, start, end);
      if (record === 0) return false;
      this.value = readValue(arena, record, this.#valueSpan);
      return true;
    }
    if (encoding !== Encoding.listpack) {
      const found = this.timed.read(e, field, start, end);
      if (found === undefined) return false;
      this.value = found;
      return true;
    }
    const packs = this.#packs;
    const at = packs.find(root, packs.first(root), 2, field, start, end);
    if (at === 0) return false;
    this.value = packs.read(root, packs.next(root, at));
    return true;
  }

  has(e: EntryRef, field: ByteBuffer, start: number, end: number): boolean {
    const root = wideBodyOf(this.#arena, e);
    const encoding = this.#encodingOf(e);
    if (encoding === Encoding.hashtable) return this.#table.find(root, field, start, end) !== 0;
    if (encoding !== Encoding.listpack) return this.timed.read(e, field, start, end) !== undefined;
    return this.#packs.find(root, this.#packs.first(root), 2, field, start, end) !== 0;
  }

  /** Length of the field's value in bytes; -1: no such field. */
  valueLength(e: EntryRef, field: ByteBuffer, start: number, end: number): number {
    if (this.#encodingOf(e) !== Encoding.hashtable) return this.get(e, field, start, end) ? this.value.sizeBytes : -1;
    const record = this.#table.find(wideBodyOf(this.#arena, e), field, start, end);
    return record === 0 ? -1 : valueBytesOfField(this.#arena, record);
  }

  /** Fields that a walk comes to: all but those that have expired. */
  visibleCount(e: EntryRef): number {
    return bodyOf(this.#arena, e) - this.timed.expiredCount(e);
  }

  /**
   * Sets a field, whose time goes unless it `isTimeKept`. The value may not lie in this hash. Without memory nothing
   * changes.
   */
  set(
    e: EntryRef,
    field: ByteBuffer,
    fs: number,
    fe: number,
    value: ByteBuffer,
    vs: number,
    ve: number,
    isTimeKept = false,
  ): FieldResult {
    this.#host.changing(e);
    const encoding = this.#encodingOf(e);
    if (encoding === Encoding.hashtable) return this.#setRecord(e, field, fs, fe, value, vs, ve);
    if (encoding !== Encoding.listpack) return this.timed.set(e, field, fs, fe, value, vs, ve, isTimeKept);
    const { hashMaxListpackValue } = this.#host.limits;
    const isLong = fe - fs > hashMaxListpackValue || ve - vs > hashMaxListpackValue;
    if (!isLong) return this.#setPair(e, field, fs, fe, value, vs, ve);
    return this.#toTable(e) ? this.#setRecord(e, field, fs, fe, value, vs, ve) : FieldResult.noMemory;
  }

  #setPair(
    e: EntryRef,
    field: ByteBuffer,
    fs: number,
    fe: number,
    value: ByteBuffer,
    vs: number,
    ve: number,
  ): FieldResult {
    const arena = this.#arena;
    const packs = this.#packs;
    const root = wideBodyOf(arena, e);
    const at = packs.find(root, packs.first(root), 2, field, fs, fe);
    if (at !== 0) {
      const changed = packs.replace(root, packs.next(root, at), value, vs, ve);
      if (changed === 0) return FieldResult.noMemory;
      setWideBody(arena, e, changed);
      return FieldResult.changed;
    }
    const count = bodyOf(arena, e);
    if (count >= this.#host.limits.hashMaxListpackEntries) {
      if (!this.#toTable(e)) return FieldResult.noMemory;
      return this.#setRecord(e, field, fs, fe, value, vs, ve);
    }
    const withField = packs.append(root, field, fs, fe);
    if (withField === 0) return FieldResult.noMemory;
    const grown = packs.append(withField, value, vs, ve);
    if (grown === 0) {
      setWideBody(arena, e, packs.remove(withField, packs.last(withField), 1));
      return FieldResult.noMemory;
    }
    setWideBody(arena, e, grown);
    setBody(arena, e, count + 1);
    return FieldResult.added;
  }

  #setRecord(
    e: EntryRef,
    field: ByteBuffer,
    fs: number,
    fe: number,
    value: ByteBuffer,
    vs: number,
    ve: number,
  ): FieldResult {
    const arena = this.#arena;
    const table = this.#table;
    const root = wideBodyOf(arena, e);
    const old = table.find(root, field, fs, fe);
    if (old !== 0 && arena.viewCount !== 0) arena.views.recordChanges(root, old);
    if (old !== 0 && overwriteValue(arena, old, value, vs, ve)) return FieldResult.changed;
    const record = createField(arena, field, fs, fe, value, vs, ve);
    if (record === 0) return FieldResult.noMemory;
    if (old !== 0) {
      table.replace(root, record);
      arena.free(old);
      return FieldResult.changed;
    }
    if (!table.add(root, record)) {
      arena.free(record);
      return FieldResult.noMemory;
    }
    setBody(arena, e, bodyOf(arena, e) + 1);
    return FieldResult.added;
  }

  /** False: no such field. */
  remove(e: EntryRef, field: ByteBuffer, start: number, end: number): boolean {
    this.#host.changing(e);
    const arena = this.#arena;
    const root = wideBodyOf(arena, e);
    const encoding = this.#encodingOf(e);
    if (encoding === Encoding.hashtable) {
      const record = this.#table.find(root, field, start, end);
      if (record === 0) return false;
      this.#table.remove(root);
      arena.free(record);
    } else if (encoding !== Encoding.listpack) return this.timed.remove(e, field, start, end);
    else {
      const packs = this.#packs;
      const at = packs.find(root, packs.first(root), 2, field, start, end);
      if (at === 0) return false;
      setWideBody(arena, e, packs.remove(root, at, 2));
    }
    setBody(arena, e, bodyOf(arena, e) - 1);
    return true;
  }

  /** The elements of a hash that is a listpack, fields and values in turn; undefined: it is none, or some of them may have expired. */
  elements(e: EntryRef): Span | undefined {
    if (this.#encodingOf(e) !== Encoding.listpack) return undefined;
    return this.#packs.elements(wideBodyOf(this.#arena, e));
  }

  /** At the first field of the hash, before it: `while (walk.next())`. One walk at a time. */
  walk(e: EntryRef): HashWalk {
    this.#begin(this.#walk, e);
    return this.#walk;
  }

  /** Standing at a field, each as likely as any other. There must be one that has not expired. */
  pick(e: EntryRef, random: Random): HashWalk {
    const arena = this.#arena;
    const visitor = this.#visitor;
    this.#begin(visitor, e);
    const root = wideBodyOf(arena, e);
    const encoding = this.#encodingOf(e);
    if (encoding === Encoding.listpack) {
      visitor.readAt(this.#packs.seek(root, 2 * randomBelow(random, bodyOf(arena, e))));
    } else if (encoding === Encoding.hashtable) visitor.readRecord(this.#table.random(root, random));
    else this.#pickTimed(e, root, encoding, random);
    return visitor;
  }

  /** Where many fields have expired, picking ends and counting begins. */
  #pickTimed(e: EntryRef, root: BlockRef, encoding: Encoding, random: Random): void {
    const visitor = this.#visitor;
    const { visibleFromMs } = this.#host;
    if (encoding === Encoding.hashtableex) {
      const table = this.timed.tableOf(root);
      for (let tries = 0; tries < triesMax; tries++) {
        visitor.readRecord(this.#table.random(table, random));
        if (visitor.expireAtMs >= visibleFromMs) return;
      }
    }
    for (let left = randomBelow(random, this.visibleCount(e)); left >= 0; left--) visitor.next();
  }

  /**
   * Visits about `count` fields and returns the next cursor, 0 at the end; a listpack is visited whole. A field that is there from
   * the first call to the last is visited, once unless the hash becomes a table meanwhile.
   */
  scan(e: EntryRef, cursor: number, count: number, visit: (at: HashWalk) => void): number {
    const visitor = this.#visitor;
    const { visibleFromMs } = this.#host;
    const encoding = this.#encodingOf(e);
    this.#begin(visitor, e);
    if (encoding === Encoding.hashtable || encoding === Encoding.hashtableex) {
      const root = wideBodyOf(this.#arena, e);
      const table = encoding === Encoding.hashtable ? root : this.timed.tableOf(root);
      return this.#table.scan(table, cursor, count, (record) => {
        visitor.readRecord(record);
        if (visitor.expireAtMs >= visibleFromMs) visit(visitor);
      });
    }
    while (visitor.next()) visit(visitor);
    return 0;
  }

  #begin(walk: HashWalk, e: EntryRef): void {
    walk.begin(this.#encodingOf(e), wideBodyOf(this.#arena, e), this.#host.visibleFromMs);
  }

  #encodingOf(e: EntryRef): Encoding {
    return ((headOf(this.#arena, e) & encodingMask) >> encodingShift) as Encoding;
  }

  /** False: no memory, nothing has changed. */
  #toTable(e: EntryRef): boolean {
    const arena = this.#arena;
    const old = wideBodyOf(arena, e);
    const root = tableFromPairs(arena, this.#table, this.#visitor, old, bodyOf(arena, e));
    if (root === 0) return false;
    setWideBody(arena, e, root);
    setEncoding(arena, e, Encoding.hashtable);
    arena.free(old);
    return true;
  }
}

/** So many fields are picked before those that have not expired are counted. */
const triesMax = 32;
