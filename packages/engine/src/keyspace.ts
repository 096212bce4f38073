import { assert, copyBytes, type ByteBuffer } from '@kvartz/base';
import type { Arena, BlockRef } from './arena.ts';
import { copyCollection } from './collections.ts';
import {
  bodyOf,
  byteOf,
  bytesOf,
  clockOf,
  cloneEntry,
  entryBytes,
  type EntryRef,
  expiryOf,
  hasExpiryField,
  hasSpare,
  headOf,
  inlineBytesOf,
  isExternal,
  isWide,
  keyLengthOf,
  keyStartOf,
  setBody,
  setWideBody,
  typeMask,
  ValueType,
  wideBodyOf,
  writeEntry,
  writeExpiry,
} from './entry.ts';
import { type ExpireBudget, ExpireCycle, type ExpireResult } from './expire-cycle.ts';
import { NO_EXPIRY, type SlotOf } from './keyspace-base.ts';
import { soonestFieldTime } from './hashes/field-times.ts';
import { KeyspaceSampling } from './keyspace-sampling.ts';
import { scanTables } from './scan.ts';
import { slotCount } from './slot-groups.ts';
import type { Span } from './span.ts';

export interface KeyspaceOptions {
  readonly arena: Arena;
  /** Two secret random integers of 32 bits. */
  readonly hashKey: readonly [number, number];
  /** Slot of a key, in [0, 16384). Default: 14 bits of its hash. */
  readonly slotOf?: SlotOf | undefined;
  /** Called before an expired entry is removed, whoever met it. May not change any keyspace. */
  readonly onExpired?: ((keyspace: Keyspace, key: Span) => void) | undefined;
  /** The same for an expired field of a hash. */
  readonly onFieldExpired?: ((keyspace: Keyspace, key: Span, field: Span) => void) | undefined;
  /** Called after one or more calls of `onFieldExpired` for a hash. `isGone`: no field is left, and the key is about to go. */
  readonly onFieldsExpired?: ((keyspace: Keyspace, key: Span, isGone: boolean) => void) | undefined;
  /** Called when a key has come into being, while `tellsAdded`. May look into no keyspace. */
  readonly onAdded?: ((keyspace: Keyspace, key: Span) => void) | undefined;
}

/** Fewer entries than this are freed at once when their slot is dropped. */
const dropAtOnceMax = 64;

/**
 * One database: the keys of an index over entries in an arena.
 *
 * Keys and values go in as `(buffer, start, end)` and come out as a Span; entries are references, valid until the next call
 * that changes any keyspace of the same arena. Nothing throws for want of memory: what could not be done returns 0 and
 * has changed nothing.
 *
 * The caller sets `nowMs` before it calls; that is all the time there is.
 */
export class Keyspace extends KeyspaceSampling {
  readonly #cycle: ExpireCycle;
  readonly #options: KeyspaceOptions;

  constructor(options: KeyspaceOptions) {
    super(options.arena, options.hashKey, options.slotOf);
    this.#options = options;
    this.arena.cuts.join(this, this.tables);
    this.#cycle = new ExpireCycle(
      this.arena,
      this.tables,
      () => this.expireCell(),
      (max) => this.expireFieldsOfCell(max),
    );
  }

  /** Returns the entry, which may have moved; 0 when there is no memory: then nothing has changed. */
  setExpireAtMs(e: EntryRef, atMs: number): EntryRef {
    this.check(e);
    const arena = this.arena;
    const from = expiryOf(arena, e);
    const to = atMs === NO_EXPIRY ? Infinity : atMs;
    if (from === to) return e;
    this.changing(e);
    this.locateEntry(e);
    let moved = e;
    if ((headOf(arena, e) & hasExpiryField) !== 0) writeExpiry(arena, e, to);
    else {
      moved = this.#addExpiryField(e, to);
      if (moved === 0) return 0;
    }
    const fieldsAtMs = soonestFieldTime(arena, moved);
    this.tables.changeExpiry(from, to, fieldsAtMs, fieldsAtMs);
    return moved;
  }

  /** True when a live key was removed. */
  remove(key: ByteBuffer, start: number, end: number): boolean {
    const e = this.locateLive(key, start, end);
    if (e === 0 || this.isHidden(e)) return false;
    this.removeLocated(e);
    return true;
  }

  removeEntry(e: EntryRef): void {
    this.check(e);
    this.locateEntry(e);
    this.removeLocated(e);
  }

  /**
   * Gives an entry another key, in place of what that key held. The expiry goes along; a value in a block of its own is not
   * copied. `missing`: there is no such key.
   */
  rename(from: ByteBuffer, fs: number, fe: number, to: ByteBuffer, ts: number, te: number): 'ok' | 'missing' | 'oom' {
    const { arena } = this;
    const source = this.peek(from, fs, fe);
    if (source === 0) return 'missing';
    // Drops a target that has expired; that frees nothing of the source, unless both are one.
    const target = this.locateLive(to, ts, te);
    if (target === source) return 'ok';
    this.changing(source);
    const clock = clockOf(arena, source);
    const isOwnBlock = (headOf(arena, source) & isExternal) !== 0;
    const renamed = cloneEntry(arena, source, isOwnBlock ? wideBodyOf(arena, source) : 0, clock, to, ts, te);
    if (renamed === 0) return 'oom';
    const at = expiryOf(arena, source);
    if (!this.index(renamed, target, at)) {
      arena.free(renamed);
      return 'oom';
    }
    // What is renamed is a new key, whatever was there.
    if (target !== 0 && this.tellsAdded) this.tellAdded(renamed);
    // By its key: the entry itself was perhaps moved within its table when the other one went in.
    this.locateEntry(source);
    this.tables.remove(at, soonestFieldTime(arena, source));
    arena.free(source);
    return 'ok';
  }

  /**
   * A deep copy with its expiry into `target`, which may be this keyspace, in place of what the key held there. 0 when there is
   * no memory: then nothing has changed.
   */
  copyTo(e: EntryRef, target: Keyspace, key: ByteBuffer, ks: number, ke: number): EntryRef {
    this.check(e);
    assert(target.arena === this.arena, 'copy into a keyspace of another arena');
    const { arena } = this;
    target.nowMs = this.nowMs;
    let valueRef = 0;
    if ((headOf(arena, e) & isExternal) !== 0) {
      valueRef = this.#cloneValue(e);
      if (valueRef === 0) return 0;
    }
    const copy = cloneEntry(arena, e, valueRef, target.freshClock, key, ks, ke);
    if (copy === 0) {
      if (valueRef !== 0) this.#freeValue(e, valueRef);
      return 0;
    }
    const there = target.locateLive(key, ks, ke);
    const placed = target.place(copy, there, expiryOf(arena, e));
    if (placed !== 0 && there !== 0 && target.tellsAdded) target.tellAdded(placed);
    return placed;
  }

  /**
   * Moves an entry to another keyspace of the same arena; 0 when its key is there already, unless that `isReplaced`, or there is no
   * memory: then nothing has changed.
   */
  moveTo(e: EntryRef, target: Keyspace, isReplaced = false): EntryRef {
    this.check(e);
    assert(target.arena === this.arena, 'move into a keyspace of another arena');
    const { arena } = this;
    target.nowMs = this.nowMs;
    const key = this.spanOfKey(e, this.span);
    const there = target.locateLive(key.buffer, key.start, key.end);
    if (there !== 0 && !isReplaced && !target.isHidden(there)) return 0;
    this.changing(e);
    const at = expiryOf(arena, e);
    if (!target.index(e, there, at)) return 0;
    if (there !== 0 && target.tellsAdded) target.tellAdded(e);
    this.locateEntry(e);
    this.tables.remove(at, soonestFieldTime(arena, e));
    return e;
  }

  /**
   * Visits about `count` entries and returns the cursor of the next call, 0 at the end. An entry that is there from the
   * first call to the last is visited exactly once, however the keyspace grows and shrinks meanwhile. `visit` may not
   * change anything. Cursors are integers below 2^53; any number is accepted.
   */
  scan(cursor: number, count: number, visit: (e: EntryRef) => void): number {
    return scanTables(this.tables, cursor, Math.max(1, count), (e) => {
      if (!this.isHidden(e)) visit(e);
    });
  }

  /** Visits all live entries. `visit` may not change anything. */
  forEach(visit: (e: EntryRef) => void): void {
    const tables = this.tables;
    for (let slot = tables.nextOccupied(0); slot < slotCount; slot = tables.nextOccupied(slot + 1)) {
      this.forEachInSlot(slot, Infinity, visit);
    }
  }

  /** Keys of a slot, with those that have expired and were not met since. */
  slotCount(slot: number): number {
    return this.tables.countOf(slot);
  }

  /** Visits up to `limit` live entries of a slot. `visit` may not change anything. */
  forEachInSlot(slot: number, limit: number, visit: (e: EntryRef) => void): void {
    const tables = this.tables;
    if (tables.countOf(slot) === 0) return;
    const cells = tables.cellsOf(slot);
    for (let cell = 0, left = limit; cell < cells && left > 0; cell++) {
      const e = tables.entryAt(slot, cell);
      if (e === 0 || this.isHidden(e)) continue;
      visit(e);
      left--;
    }
  }

  /** Removes all entries of a slot and returns their number. Large slots are freed later, by `freeSome`. */
  dropSlot(slot: number): number {
    if (this.tables.countOf(slot) === 0) return 0;
    const { table, cells, count } = this.tables.detach(slot);
    const { arena } = this;
    if (arena.cuts.isOpen) arena.cuts.detached(this, slot, table, cells, count);
    else {
      arena.lazyFree.add(table, cells, count);
      if (count <= dropAtOnceMax) arena.lazyFree.run(count + cells);
    }
    return count;
  }

  /** Removes everything at once; what is not freed by that is left to `freeSome`. */
  clear(): void {
    const { arena } = this;
    const tables = this.tables;
    if (tables.keyCount === 0) return;
    const { cuts } = arena;
    if (arena.occupants === 1 && !cuts.isOpen && arena.viewCount === 0) {
      tables.forget();
      arena.reset();
      return;
    }
    for (let slot = tables.nextOccupied(0); slot < slotCount; slot = tables.nextOccupied(slot + 1)) {
      const { table, cells, count } = tables.detach(slot);
      if (cuts.isOpen) cuts.detached(this, slot, table, cells, count);
      else arena.lazyFree.add(table, cells, count);
    }
    tables.forget();
  }

  /** Removes entries whose time has come, within the budget, and goes on next time where it stopped. */
  expireCycle(budget: ExpireBudget, nowMs: number): ExpireResult {
    this.nowMs = nowMs;
    if (this.expiryMode !== 'delete') return { removed: 0, visited: 0, isDone: true };
    return this.#cycle.run(nowMs, budget);
  }

  /**
   * Frees up to about `budgetUnits` entries that `clear` and `dropSlot` of any keyspace left, or goes over what a cut left that was
   * given up; when there are none, gives an empty segment back to the operating system, which takes some milliseconds. True: more is left.
   */
  freeSome(budgetUnits: number): boolean {
    const { arena } = this;
    if (!arena.lazyFree.isEmpty) return arena.lazyFree.run(budgetUnits) || true;
    return arena.cuts.sweepSome(budgetUnits) || arena.releaseOne();
  }

  /** Moves the located entry to a block with room for an expiry. */
  #addExpiryField(e: EntryRef, atMs: number): EntryRef {
    const { arena } = this;
    const head = headOf(arena, e);
    const key = bytesOf(arena, e);
    const ks = keyStartOf(arena, e);
    const ke = ks + keyLengthOf(arena, e);
    const valueBytes = inlineBytesOf(arena, e);
    const inlineFlags = (head & isExternal) === 0 ? ~hasSpare : ~0;
    const newHead = ((head & inlineFlags) | hasExpiryField) >>> 0;
    const moved = arena.alloc(entryBytes(newHead, ke - ks) + valueBytes);
    if (moved === 0) return 0;
    const valueAt = writeEntry(arena, moved, newHead, clockOf(arena, e), atMs, key, ks, ke);
    setBody(arena, moved, bodyOf(arena, e));
    if ((head & isWide) !== 0) setWideBody(arena, moved, wideBodyOf(arena, e));
    copyBytes(key, ke, ke + valueBytes, bytesOf(arena, moved), valueAt);
    this.tables.replace(moved);
    arena.free(e);
    return moved;
  }

  /** A copy of a value that is a block of its own; 0 when there is no memory. */
  #cloneValue(e: EntryRef): BlockRef {
    const { arena } = this;
    const from = wideBodyOf(arena, e);
    const size = bodyOf(arena, e);
    const head = headOf(arena, e);
    if ((head & typeMask) !== ValueType.string) return copyCollection(arena, this.encodingOf(e), from);
    // The head is copied as it is, so a block with spare room needs one, too.
    const capacity = (head & hasSpare) !== 0 ? arena.blockBytes(from) : Math.max(1, size);
    const block = arena.alloc(capacity);
    if (block === 0) return 0;
    copyBytes(
      bytesOf(arena, from),
      byteOf(arena, from),
      byteOf(arena, from) + size,
      bytesOf(arena, block),
      byteOf(arena, block),
    );
    return block;
  }

  /** Frees a copy of the value of `e` that nobody took. */
  #freeValue(e: EntryRef, valueRef: BlockRef): void {
    const { arena } = this;
    if (this.typeOf(e) === ValueType.string) arena.free(valueRef);
    else arena.lazyFree.addValue(this.encodingOf(e), valueRef, bodyOf(arena, e));
  }

  protected override takeForCuts(e: EntryRef): void {
    this.arena.cuts.take(this, e);
  }

  protected override expired(key: Span): void {
    this.#options.onExpired?.(this, key);
  }

  protected override fieldExpired(key: Span, field: Span): void {
    this.#options.onFieldExpired?.(this, key, field);
  }

  protected override fieldsExpired(key: Span, isGone: boolean): void {
    this.#options.onFieldsExpired?.(this, key, isGone);
  }

  protected override added(key: Span): void {
    this.#options.onAdded?.(this, key);
  }
}
