import { ByteBuffer } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import {
  bodyOf,
  Encoding,
  encodingMask,
  encodingShift,
  type EntryRef,
  headOf,
  setBody,
  setEncoding,
  setWideBody,
  wideBodyOf,
} from '../entry.ts';
import type { CollectionHost } from '../keyspace-collections.ts';
import { Packs } from '../listpack.ts';
import { Span } from '../span.ts';
import type { Table } from '../table/table.ts';
import { FieldResult } from './field-result.ts';
import { isTimedEncoding, soonestTime } from './field-times.ts';
import { readValue, timeOfField } from './hash-record.ts';
import { HashWalk } from './hash-walk.ts';
import { tableFromTriples } from './pack-to-table.ts';
import { TimedTable } from './timed-table.ts';
import { TriplePack } from './triple-pack.ts';

/**
 * Times of fields, and all that is different in the two encodings of hashes that have them: listpackex (triple-pack.ts) and
 * hashtableex (timed-table.ts). Whatever changes when the first field of a hash expires tells the keyspace so, whose expire
 * cycle finds the hash by that.
 */
export class TimedHashes {
  readonly #host: CollectionHost;
  readonly #arena: Arena;
  readonly #packs: Packs;
  readonly #triples: TriplePack;
  readonly #table: Table;
  readonly #tables: TimedTable;
  readonly #walk: HashWalk;
  readonly #value: Span;
  /** A reader apart from the one that is used by those who change listpacks. */
  readonly #fields: Packs;

  constructor(host: CollectionHost, packs: Packs, table: Table) {
    const noBytes = new ByteBuffer(0);
    this.#host = host;
    this.#arena = host.arena;
    this.#packs = packs;
    this.#triples = new TriplePack(packs);
    this.#table = table;
    this.#tables = new TimedTable(host.arena, table, noBytes);
    this.#walk = new HashWalk(host.arena, table);
    this.#value = new Span(noBytes);
    this.#fields = new Packs(host.arena);
  }

  /** When the first field expires; Infinity: none does. */
  soonestOf(e: EntryRef): number {
    const encoding = this.#encodingOf(e);
    return isTimedEncoding(encoding) ? soonestTime(this.#arena, encoding, this.#rootOf(e)) : Infinity;
  }

  /** Whether a field has expired that is still there. */
  isDue(e: EntryRef): boolean {
    return this.soonestOf(e) < this.#host.visibleFromMs;
  }

  /** Fields that have expired and are still there. */
  expiredCount(e: EntryRef): number {
    if (!this.isDue(e)) return 0;
    const root = this.#rootOf(e);
    const fromMs = this.#host.visibleFromMs;
    return this.#isPack(e) ? this.#triples.countBefore(root, fromMs) : this.#tables.countBefore(root, fromMs);
  }

  /** When a field expires, whether or not it has; Infinity: never; NaN: there is no such field. Of any hash. */
  timeOf(e: EntryRef, field: ByteBuffer, start: number, end: number): number {
    const root = this.#rootOf(e);
    switch (this.#encodingOf(e)) {
      case Encoding.hashtable:
        return this.#table.find(root, field, start, end) === 0 ? NaN : Infinity;
      case Encoding.hashtableex: {
        const record = this.#tables.find(root, field, start, end);
        return record === 0 ? NaN : timeOfField(this.#arena, record);
      }
      case Encoding.listpackex: {
        const place = this.#triples.find(root, field, start, end);
        return place === 0 ? NaN : this.#triples.timeAt(root, place);
      }
      default:
        return this.#packs.find(root, this.#packs.first(root), 2, field, start, end) === 0 ? NaN : Infinity;
    }
  }

  /**
   * Gives a field of any hash another time; Infinity: none. There must be such a field. False: no memory, and nothing has
   * changed; taking a time away never fails.
   */
  setTime(e: EntryRef, field: ByteBuffer, start: number, end: number, atMs: number): boolean {
    this.#host.changing(e);
    if (!isTimedEncoding(this.#encodingOf(e))) {
      if (atMs === Infinity) return true;
      if (!this.#becomeTimed(e)) return false;
    }
    const from = this.soonestOf(e);
    const root = this.#rootOf(e);
    if (this.#isPack(e)) {
      const changed = this.#triples.setTime(root, this.#triples.find(root, field, start, end), atMs);
      if (changed === 0) return false;
      setWideBody(this.#arena, e, changed);
    } else {
      const record = this.#tables.find(root, field, start, end);
      if (atMs === Infinity) this.#tables.persist(root, record);
      else if (!this.#tables.setTime(root, record, atMs)) return false;
    }
    this.#tellSoonest(e, from);
    return true;
  }

  /** The value of a field that has not expired; valid until the next call. */
  read(e: EntryRef, field: ByteBuffer, start: number, end: number): Span | undefined {
    const root = this.#rootOf(e);
    const fromMs = this.#host.visibleFromMs;
    if (this.#isPack(e)) {
      const place = this.#triples.find(root, field, start, end);
      if (place === 0 || this.#triples.timeAt(root, place) < fromMs) return undefined;
      return this.#packs.read(root, this.#triples.valueOf(root, place));
    }
    const record = this.#tables.find(root, field, start, end);
    if (record === 0 || timeOfField(this.#arena, record) < fromMs) return undefined;
    return readValue(this.#arena, record, this.#value);
  }

  /** See `Hashes.set`. */
  set(
    e: EntryRef,
    field: ByteBuffer,
    fs: number,
    fe: number,
    value: ByteBuffer,
    vs: number,
    ve: number,
    isTimeKept: boolean,
  ): FieldResult {
    this.#host.changing(e);
    const { hashMaxListpackValue } = this.#host.limits;
    const isLong = fe - fs > hashMaxListpackValue || ve - vs > hashMaxListpackValue;
    if (this.#isPack(e) && isLong && !this.#toTable(e)) return FieldResult.noMemory;
    const from = this.soonestOf(e);
    const result = this.#isPack(e)
      ? this.#setTriple(e, field, fs, fe, value, vs, ve, isTimeKept)
      : this.#setRecord(e, field, fs, fe, value, vs, ve, isTimeKept);
    if (result === FieldResult.changed && !isTimeKept) this.#tellSoonest(e, from);
    return result;
  }

  #setTriple(
    e: EntryRef,
    field: ByteBuffer,
    fs: number,
    fe: number,
    value: ByteBuffer,
    vs: number,
    ve: number,
    isTimeKept: boolean,
  ): FieldResult {
    const triples = this.#triples;
    const root = this.#rootOf(e);
    const place = triples.find(root, field, fs, fe);
    let changed: BlockRef;
    if (place === 0) {
      if (bodyOf(this.#arena, e) >= this.#host.limits.hashMaxListpackEntries) {
        return this.#toTable(e) ? this.#setRecord(e, field, fs, fe, value, vs, ve, false) : FieldResult.noMemory;
      }
      changed = triples.add(root, field, fs, fe, value, vs, ve, Infinity);
    } else changed = triples.setValue(root, place, value, vs, ve);
    if (changed === 0) return FieldResult.noMemory;
    if (place === 0) setBody(this.#arena, e, bodyOf(this.#arena, e) + 1);
    else if (!isTimeKept && triples.timeAt(changed, place) !== Infinity) {
      changed = triples.setTime(changed, place, Infinity);
    }
    setWideBody(this.#arena, e, changed);
    return place === 0 ? FieldResult.added : FieldResult.changed;
  }

  #setRecord(
    e: EntryRef,
    field: ByteBuffer,
    fs: number,
    fe: number,
    value: ByteBuffer,
    vs: number,
    ve: number,
    isTimeKept: boolean,
  ): FieldResult {
    const tables = this.#tables;
    const root = this.#rootOf(e);
    const record = tables.find(root, field, fs, fe);
    if (record !== 0) {
      const isSet = tables.setValue(root, record, value, vs, ve, isTimeKept);
      return isSet ? FieldResult.changed : FieldResult.noMemory;
    }
    if (!tables.add(root, field, fs, fe, value, vs, ve, Infinity)) return FieldResult.noMemory;
    setBody(this.#arena, e, bodyOf(this.#arena, e) + 1);
    return FieldResult.added;
  }

  /** False: no such field. */
  remove(e: EntryRef, field: ByteBuffer, start: number, end: number): boolean {
    this.#host.changing(e);
    const arena = this.#arena;
    const root = this.#rootOf(e);
    const from = this.soonestOf(e);
    if (this.#isPack(e)) {
      const place = this.#triples.find(root, field, start, end);
      if (place === 0) return false;
      setWideBody(arena, e, this.#triples.remove(root, place));
    } else {
      const record = this.#tables.find(root, field, start, end);
      if (record === 0) return false;
      this.#tables.remove(root, record);
    }
    setBody(arena, e, bodyOf(arena, e) - 1);
    this.#tellSoonest(e, from);
    return true;
  }

  /**
   * Removes up to `max` fields that have expired, those first that expired first, and tells of each before it goes. Returns how
   * many; the keyspace is not told.
   */
  removeExpired(e: EntryRef, max: number, tell: (field: Span) => void): number {
    this.#host.changing(e);
    const arena = this.#arena;
    const root = this.#rootOf(e);
    const fromMs = this.#host.visibleFromMs;
    let removed: number;
    if (this.#isPack(e)) {
      const triples = this.#triples;
      removed = triples.countBefore(root, fromMs, max);
      const first = this.#packs.first(root);
      for (let i = 0, place = first; i < removed; i++, place = triples.next(root, place)) {
        tell(this.#fields.read(root, place));
      }
      setWideBody(arena, e, this.#packs.remove(root, first, removed * 3));
    } else removed = this.#tables.removeBefore(root, fromMs, max, tell);
    setBody(arena, e, bodyOf(arena, e) - removed);
    return removed;
  }

  /** The table under a root of hashtableex. */
  tableOf(root: BlockRef): BlockRef {
    return this.#tables.tableOf(root);
  }

  #tellSoonest(e: EntryRef, from: number): void {
    const to = this.soonestOf(e);
    if (to !== from) this.#host.changeFieldTimes(e, from, to);
  }

  #encodingOf(e: EntryRef): Encoding {
    return ((headOf(this.#arena, e) & encodingMask) >> encodingShift) as Encoding;
  }

  #isPack(e: EntryRef): boolean {
    return this.#encodingOf(e) === Encoding.listpackex;
  }

  #rootOf(e: EntryRef): BlockRef {
    return wideBodyOf(this.#arena, e);
  }

  /** A hash without times becomes one with times. False: no memory, and nothing has changed. */
  #becomeTimed(e: EntryRef): boolean {
    const arena = this.#arena;
    const old = this.#rootOf(e);
    const isPack = this.#encodingOf(e) === Encoding.listpack;
    const root = isPack ? this.#triples.fromPairs(arena, old) : this.#tables.create(old);
    if (root === 0) return false;
    setWideBody(arena, e, root);
    setEncoding(arena, e, isPack ? Encoding.listpackex : Encoding.hashtableex);
    if (isPack) arena.free(old);
    return true;
  }

  /** listpackex becomes hashtableex. False: no memory, and nothing has changed. */
  #toTable(e: EntryRef): boolean {
    const arena = this.#arena;
    const old = this.#rootOf(e);
    const root = tableFromTriples(arena, this.#table, this.#tables, this.#walk, old, bodyOf(arena, e));
    if (root === 0) return false;
    setWideBody(arena, e, root);
    setEncoding(arena, e, Encoding.hashtableex);
    arena.free(old);
    return true;
  }
}
