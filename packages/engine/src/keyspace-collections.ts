import type { ByteBuffer } from '@kvartz/base';
import type { Arena, BlockRef } from './arena.ts';
import { type CollectionLimits, defaultCollectionLimits } from './collection-limits.ts';
import {
  bodyOf,
  type Encoding,
  encodingShift,
  entryBytes,
  type EntryRef,
  expiryOf,
  freeEntry,
  isExternal,
  isWide,
  keyLengthBits,
  setBody,
  setWideBody,
  type ValueType,
  wideBodyOf,
  writeEntry,
} from './entry.ts';
import { soonestFieldTime } from './hashes/field-times.ts';
import { Hashes } from './hashes/hashes.ts';
import { KeyspaceStrings } from './keyspace-strings.ts';
import { Lists } from './lists/lists.ts';
import { Span } from './span.ts';
import { Sets } from './sets/sets.ts';
import { StreamGroups } from './streams/groups/groups.ts';
import { Streams } from './streams/streams.ts';
import { SortedSets } from './zsets/sorted-sets.ts';

/** What the collection types need of the keyspace that holds them. */
export interface CollectionHost {
  readonly arena: Arena;
  readonly limits: CollectionLimits;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Fields of hashes that expire before this moment are not there for the caller. */
  readonly visibleFromMs: number;
  setCollection(
    key: ByteBuffer,
    ks: number,
    ke: number,
    type: ValueType,
    encoding: Encoding,
    root: BlockRef,
    count: number,
  ): EntryRef;
  /** To be called before an entry, or its value, changes: see `KeyspaceBase.changing`. */
  changing(e: EntryRef): void;
  /** Clock of an entry that is made now. */
  readonly freshClock: number;
  /** The moment at which the first field of a hash expires is another one now; Infinity: none does. */
  changeFieldTimes(e: EntryRef, fromMs: number, toMs: number): void;
}

/** The chapter of a keyspace that deals with lists, hashes, sets, sorted sets and streams. */
export abstract class KeyspaceCollections extends KeyspaceStrings implements CollectionHost {
  /** May be changed at any time. */
  limits: CollectionLimits = defaultCollectionLimits();
  readonly lists: Lists = new Lists(this);
  readonly hashes: Hashes = new Hashes(this);
  readonly sets: Sets = new Sets(this);
  readonly sortedSets: SortedSets = new SortedSets(this);
  readonly streams: Streams = new Streams(this);
  readonly streamGroups: StreamGroups = new StreamGroups(this);
  readonly #hashKeySpan = new Span(this.scratch);
  readonly #fieldSpan = new Span(this.scratch);

  /** Called before an expired field of a hash is removed. */
  protected abstract fieldExpired(key: Span, field: Span): void;

  /** Called after that, for all fields that were removed together. `isGone`: none is left, and the key is about to go. */
  protected abstract fieldsExpired(key: Span, isGone: boolean): void;

  changeFieldTimes(e: EntryRef, fromMs: number, toMs: number): void {
    this.locateEntry(e);
    const atMs = expiryOf(this.arena, e);
    this.tables.changeExpiry(atMs, atMs, fromMs, toMs);
  }

  /** Elements of a collection: fields, members, items. */
  countOf(e: EntryRef): number {
    this.check(e);
    return bodyOf(this.arena, e);
  }

  /** The first block of a collection's value, which its encoding explains. */
  rootOf(e: EntryRef): BlockRef {
    this.check(e);
    return wideBodyOf(this.arena, e);
  }

  /**
   * Sets the key to a collection, whatever it held, without an expiry. The value under `root` then belongs to the entry. 0
   * when there is no memory: then nothing has changed, and the value belongs to the caller.
   */
  setCollection(
    key: ByteBuffer,
    ks: number,
    ke: number,
    type: ValueType,
    encoding: Encoding,
    root: BlockRef,
    count: number,
  ): EntryRef {
    const { arena } = this;
    const old = this.locateLive(key, ks, ke);
    const head = (keyLengthBits(ke - ks) | (encoding << encodingShift) | type | isWide | isExternal) >>> 0;
    const e = arena.alloc(entryBytes(head, ke - ks));
    if (e === 0) return 0;
    writeEntry(arena, e, head, this.clockAfter(old), Infinity, key, ks, ke);
    setBody(arena, e, count);
    setWideBody(arena, e, root);
    if (this.index(e, old, Infinity)) return e;
    arena.free(e);
    return 0;
  }

  /**
   * Removes a field of a hash if its time has come and this keyspace removes what has expired. Returns the entry, or 0 when
   * that was the last field and the key is gone.
   */
  expireField(e: EntryRef, field: ByteBuffer, start: number, end: number): EntryRef {
    this.check(e);
    const { timed } = this.hashes;
    if (!timed.isDue(e) || this.expiryMode !== 'delete') return e;
    if (!(timed.timeOf(e, field, start, end) < this.nowMs)) return e;
    const span = this.#fieldSpan;
    span.buffer = field;
    span.start = start;
    span.end = end;
    const key = this.spanOfKey(e, this.#hashKeySpan);
    this.fieldExpired(key, span);
    this.hashes.remove(e, field, start, end);
    const isGone = bodyOf(this.arena, e) === 0;
    this.fieldsExpired(key, isGone);
    if (!isGone) return e;
    this.locateEntry(e);
    this.removeLocated(e);
    return 0;
  }

  /** The same for up to `max` of all fields that have expired. */
  expireFields(e: EntryRef, max: number): EntryRef {
    this.check(e);
    if (!this.hashes.timed.isDue(e) || this.expiryMode !== 'delete') return e;
    this.locateEntry(e);
    const { slot } = this.tables;
    this.expireFieldsOfCell(max);
    const isGone = this.tables.entryAt(slot, this.tables.cell) !== e;
    this.tables.shrink(slot);
    return isGone ? 0 : e;
  }

  /** Removes expired fields of the hash that `tables` points at, and the hash with the last one; leaves its table as large as it is. */
  protected expireFieldsOfCell(max: number): number {
    const { arena, tables } = this;
    const { hash, slot, cell } = tables;
    const e = tables.entryAt(slot, cell);
    const from = soonestFieldTime(arena, e);
    const key = this.spanOfKey(e, this.#hashKeySpan);
    const removed = this.hashes.timed.removeExpired(e, max, (field) => this.fieldExpired(key, field));
    const isGone = bodyOf(arena, e) === 0;
    this.fieldsExpired(key, isGone);
    // Who was told may have looked something up.
    tables.hash = hash;
    tables.slot = slot;
    tables.cell = cell;
    const atMs = expiryOf(arena, e);
    if (!isGone) tables.changeExpiry(atMs, atMs, from, soonestFieldTime(arena, e));
    else {
      tables.removeCell(atMs, from);
      freeEntry(arena, e);
    }
    return removed;
  }
}
