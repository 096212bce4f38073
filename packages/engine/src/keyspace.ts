import { assert, ByteBuffer, copyBytes, parseInt64, parseInteger, type Random } from '@kvartz/base';
import { AccessClock, type AccessPolicy } from './access-clock.ts';
import type { Arena, BlockRef } from './arena.ts';
import {
  bodyOf,
  bodyOffset,
  byteOf,
  bytesOf,
  clockMask,
  clockOf,
  cloneEntry,
  cutMarkShift,
  type Encoding,
  encodingMask,
  encodingShift,
  entryBytes,
  type EntryRef,
  expiryOf,
  freeEntry,
  hasExpiryField,
  hasSpare,
  headOf,
  inlineBytesMax,
  inlineBytesOf,
  isExternal,
  isWide,
  keyLengthOf,
  keyOffset,
  keyStartOf,
  longKey,
  rawEncoding,
  setBody,
  setClock,
  setWideBody,
  typeMask,
  ValueType,
  wideBodyOf,
  writeEntry,
  writeExpiry,
} from './entry.ts';
import { type ExpireBudget, ExpireCycle, type ExpireResult } from './expire-cycle.ts';
import { halfSipHash13 } from './hash.ts';
import { scanTables } from './scan.ts';
import { classOfUnits, slabBlockBytesMax } from './size-classes.ts';
import { slotCount, SlotTables } from './slot-tables.ts';
import { Span } from './span.ts';
import {
  createInt,
  createString,
  createZeros,
  formatIntOf,
  growString,
  highWord,
  int64Of,
  isInt,
  lowWord,
  numberOf,
  overwriteInt,
  overwriteString,
  valueBytesOf,
  valueStartOf,
} from './string-value.ts';

/** In place of an expiry: none. (Times of -1 and -2 ms cannot be stored.) */
export const NO_EXPIRY = -1;
/** In place of an expiry: the one the key has. */
export const KEEP_TTL = -2;

/**
 * What becomes of an entry whose time has come. `delete`: it is removed when it is met (a master). `hide`: it stays, unseen
 * (a replica, which waits for its master's word). `ignore`: it is as good as any other (loading, and a master's stream).
 */
export type ExpiryMode = 'delete' | 'hide' | 'ignore';

export interface KeyspaceOptions {
  readonly arena: Arena;
  /** Two secret random integers of 32 bits. */
  readonly hashKey: readonly [number, number];
  /** Slot of a key, in [0, 16384). Default: 14 bits of its hash. */
  readonly slotOf?: ((key: ByteBuffer, start: number, end: number) => number) | undefined;
  /** Called before an expired entry is removed, whoever met it. May not change any keyspace. */
  readonly onExpired?: ((keyspace: Keyspace, key: Span) => void) | undefined;
}

/** Digits of a 64-bit integer with its sign. */
const integerDigitsMax = 20;
const digit0 = 0x30;
const digit9 = 0x39;
const minus = 0x2d;
/** What keeps `setString` from its shortest way: another type, an int, a value block, spare room, a long key. */
const notPlain = typeMask | isWide | hasSpare;
const plainKeyBytesMax = slabBlockBytesMax - inlineBytesMax - 32;
const hiddenTriesMax = 100;
const announcedMax = 64;
/** With fewer keys index and entries are in the cache as it is. */
const announcedKeysMin = 200_000;
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
export class Keyspace {
  readonly arena: Arena;
  /** Filled by `keyOf` and `stringOf`. */
  readonly span: Span;
  expiryMode: ExpiryMode = 'delete';

  readonly #tables: SlotTables;
  readonly #clock: AccessClock;
  readonly #cycle: ExpireCycle;
  readonly #hash0: number;
  readonly #hash1: number;
  readonly #slotOf: KeyspaceOptions['slotOf'];
  readonly #onExpired: KeyspaceOptions['onExpired'];
  readonly #expiredKey: Span;
  /** Digits of ints. */
  readonly #scratch = new ByteBuffer(32);
  #nowMs = 0;
  readonly #hashes = new Int32Array(announcedMax);
  readonly #slots = new Int32Array(announcedMax);
  #announced = 0;
  /** Takes up what was read ahead, so that reading is not optimised away. */
  #read = 0;

  constructor(options: KeyspaceOptions) {
    this.arena = options.arena;
    this.#hash0 = options.hashKey[0] | 0;
    this.#hash1 = options.hashKey[1] | 0;
    this.#slotOf = options.slotOf;
    this.#onExpired = options.onExpired;
    this.#tables = new SlotTables(this.arena);
    this.#clock = new AccessClock(this.#hash0 ^ this.#hash1);
    this.#cycle = new ExpireCycle(this.arena, this.#tables, () => this.#expireCell());
    this.span = new Span(this.#scratch);
    this.#expiredKey = new Span(this.#scratch);
  }

  /** Milliseconds since the epoch. Expiry, LRU and LFU go by it. */
  get nowMs(): number {
    return this.#nowMs;
  }

  set nowMs(nowMs: number) {
    if (nowMs === this.#nowMs) return;
    this.#nowMs = nowMs;
    this.#clock.setNow(nowMs);
  }

  /** Keys, with those that have expired and were not met since. */
  get keyCount(): number {
    return this.#tables.keyCount;
  }

  get expiringCount(): number {
    return this.#tables.expiringCount;
  }

  /** Mean time to live of the keys that expire, estimated; 0 when there are none. */
  get averageTtlMs(): number {
    if (this.#tables.expiringCount === 0) return 0;
    return Math.max(0, Math.round(this.#tables.meanExpiryMs - this.#nowMs));
  }

  // Looking up

  /** The entry with this key, marked as used now; 0 when there is none. */
  find(key: ByteBuffer, start: number, end: number): EntryRef {
    const e = this.peek(key, start, end);
    if (e === 0) return 0;
    const arena = this.arena;
    const words = arena.segments[e >>> arena.refShift].u32;
    const at = ((e & arena.refMask) << 1) + 1;
    const bits = words[at];
    const clock = this.#clock;
    const touched = clock.isLfu ? clock.touched(bits & clockMask) : clock.seconds;
    // Usually the same second: the cache line stays clean.
    if ((bits & clockMask) !== touched) words[at] = (bits & ~clockMask) | touched;
    return e;
  }

  /** The same without marking it as used. */
  peek(key: ByteBuffer, start: number, end: number): EntryRef {
    const hash = halfSipHash13(key, start, end, this.#hash0, this.#hash1);
    const slotOf = this.#slotOf;
    const slot = slotOf === undefined ? hash & (slotCount - 1) : slotOf(key, start, end);
    const e = this.#tables.locate(key, start, end, hash, slot);
    if (e === 0) return 0;
    const arena = this.arena;
    const head = arena.segments[e >>> arena.refShift].u32[(e & arena.refMask) << 1];
    return (head & hasExpiryField) !== 0 && this.#isGone(e) ? 0 : e;
  }

  slotOfKey(key: ByteBuffer, start: number, end: number): number {
    if (this.#slotOf !== undefined) return this.#slotOf(key, start, end);
    return halfSipHash13(key, start, end, this.#hash0, this.#hash1) & (slotCount - 1);
  }

  /**
   * Says that a key will be looked up soon; up to 64 are remembered until `prefetch`. With a million keys most of a lookup
   * is two cache misses, one after the other; announcing the keys of a batch before its commands run lets those of different
   * keys overlap. Changes nothing but speed: 110 ns less for each of 16 keys among 3 million, 35 ns more where all is in the
   * cache, so it does nothing for a small keyspace.
   */
  announce(key: ByteBuffer, start: number, end: number): void {
    const i = this.#announced;
    if (i === announcedMax || this.#tables.keyCount < announcedKeysMin) return;
    const hash = halfSipHash13(key, start, end, this.#hash0, this.#hash1);
    this.#hashes[i] = hash;
    this.#slots[i] = this.#slotOf === undefined ? hash & (slotCount - 1) : this.#slotOf(key, start, end);
    this.#announced = i + 1;
  }

  /** Brings what the announced keys need into the cache, and forgets them. */
  prefetch(): void {
    if (this.#announced === 0) return;
    this.#read ^= this.#tables.prefetch(this.#hashes, this.#slots, this.#announced);
    this.#announced = 0;
  }

  // Reading an entry

  typeOf(e: EntryRef): ValueType {
    this.#check(e);
    return (headOf(this.arena, e) & typeMask) as ValueType;
  }

  encodingOf(e: EntryRef): Encoding {
    this.#check(e);
    return ((headOf(this.arena, e) & encodingMask) >> encodingShift) as Encoding;
  }

  /** The key, in `span`. */
  keyOf(e: EntryRef): Span {
    this.#check(e);
    return this.#spanOfKey(e, this.span);
  }

  /** Milliseconds since the epoch, or NO_EXPIRY. */
  expireAtMs(e: EntryRef): number {
    this.#check(e);
    const at = expiryOf(this.arena, e);
    return at === Infinity ? NO_EXPIRY : at;
  }

  /** Bytes that the entry takes: its blocks and its cell in the index. */
  memoryOf(e: EntryRef): number {
    this.#check(e);
    const own = this.arena.blockBytes(e) + 8;
    return (headOf(this.arena, e) & isExternal) === 0 ? own : own + this.arena.blockBytes(wideBodyOf(this.arena, e));
  }

  /** A number in [0, 256) for whoever takes a cut; 0 in a new entry. */
  cutMarkOf(e: EntryRef): number {
    this.#check(e);
    return clockOf(this.arena, e) >>> cutMarkShift;
  }

  setCutMark(e: EntryRef, mark: number): void {
    this.#check(e);
    setClock(this.arena, e, ((clockOf(this.arena, e) & clockMask) | (mark << cutMarkShift)) >>> 0);
  }

  // Use of an entry: LRU and LFU

  get accessPolicy(): AccessPolicy {
    return this.#clock.isLfu ? 'lfu' : 'lru';
  }

  set accessPolicy(policy: AccessPolicy) {
    this.#clock.isLfu = policy === 'lfu';
  }

  /** Redis's `lfu-log-factor` and `lfu-decay-time` (minutes). */
  setLfuRates(logFactor: number, decayMinutes: number): void {
    this.#clock.lfuLogFactor = logFactor;
    this.#clock.lfuDecayMinutes = decayMinutes;
  }

  /** Time since the last access, in whole seconds; under the policy `lru`. */
  idleMs(e: EntryRef): number {
    this.#check(e);
    return this.#clock.idleMs(clockOf(this.arena, e) & clockMask);
  }

  setIdleMs(e: EntryRef, idleMs: number): void {
    this.#setAccess(e, this.#clock.bitsOfIdle(idleMs));
  }

  /** Logarithmic access counter in [0, 256), decayed up to now; under the policy `lfu`. */
  lfuCounter(e: EntryRef): number {
    this.#check(e);
    return this.#clock.lfuCounter(clockOf(this.arena, e) & clockMask);
  }

  setLfuCounter(e: EntryRef, counter: number): void {
    this.#setAccess(e, this.#clock.bitsOfCounter(counter));
  }

  /** Marks the entry as used now. */
  touch(e: EntryRef): void {
    this.#check(e);
    this.#setAccess(e, this.#clock.touched(clockOf(this.arena, e) & clockMask));
  }

  // Strings

  /** Bytes. */
  stringLength(e: EntryRef): number {
    this.#check(e);
    const head = headOf(this.arena, e);
    return isInt(head) ? formatIntOf(this.arena, e, this.#scratch.u8) : bodyOf(this.arena, e);
  }

  /** The string, in `span`. After `editString` it may be written to. */
  stringOf(e: EntryRef): Span {
    this.#check(e);
    const arena = this.arena;
    const segment = arena.segments[e >>> arena.refShift];
    const at = (e & arena.refMask) << 3;
    const words = segment.u32;
    const head = words[at >>> 2];
    if ((head & isWide) !== 0 || head >>> 16 === longKey) return this.#wideStringOf(e, head);
    const span = this.span;
    const start = at + keyOffset(head) + (head >>> 16);
    span.buffer = segment.bytes;
    span.start = start;
    span.end = start + words[(at + bodyOffset(head)) >>> 2];
    return span;
  }

  /** Value of an int-encoded string; Infinity or -Infinity beyond the safe integers; NaN when it is not int-encoded. */
  integerOf(e: EntryRef): number {
    this.#check(e);
    const arena = this.arena;
    const words = arena.segments[e >>> arena.refShift].u32;
    const at = (e & arena.refMask) << 1;
    const head = words[at];
    if (!isInt(head)) return NaN;
    const body = at + (bodyOffset(head) >>> 2);
    const low = words[body];
    const high = words[body + 1] | 0;
    // Most fit in 31 bits.
    if (high === low >> 31) return low | 0;
    return numberOf(arena, e);
  }

  /** The same, exact. The entry must be int-encoded. */
  int64Of(e: EntryRef): bigint {
    this.#check(e);
    return int64Of(this.arena, e);
  }

  /** Changes the value of an int-encoded entry to another safe integer. */
  storeInteger(e: EntryRef, value: number): void {
    this.#check(e);
    const arena = this.arena;
    const words = arena.segments[e >>> arena.refShift].u32;
    const at = (e & arena.refMask) << 1;
    const body = at + (bodyOffset(words[at]) >>> 2);
    words[body] = value;
    words[body + 1] = highWord(value);
  }

  /**
   * Sets the key to a string, whatever it held; a canonical 64-bit integer is stored as one. The value may lie in this
   * arena. Returns the entry, or 0 when there is no memory: then nothing has changed.
   */
  setString(
    key: ByteBuffer,
    ks: number,
    ke: number,
    value: ByteBuffer,
    vs: number,
    ve: number,
    expireAtMs: number,
  ): EntryRef {
    const size = ve - vs;
    if (size <= integerDigitsMax && size > 0) {
      const first = value.u8[vs];
      if (first <= digit9 && (first >= digit0 || first === minus)) {
        const integer = parseInteger(value.u8, vs, ve);
        if (Number.isFinite(integer)) {
          return this.#setInt(key, ks, ke, lowWord(integer), highWord(integer), expireAtMs);
        }
        if (!Number.isNaN(integer)) {
          return this.setInteger(key, ks, ke, parseInt64(value.u8, vs, ve) ?? 0n, expireAtMs);
        }
      }
    }
    const hash = halfSipHash13(key, ks, ke, this.#hash0, this.#hash1);
    const slotOf = this.#slotOf;
    const slot = slotOf === undefined ? hash & (slotCount - 1) : slotOf(key, ks, ke);
    const old = this.#tables.locate(key, ks, ke, hash, slot);
    if (old !== 0) {
      const e = this.#overwritePlain(old, key, ks, ke, value, vs, ve, expireAtMs);
      if (e !== 0) return e;
    }
    return this.#setStringAnyway(old, hash, key, ks, ke, value, vs, ve, expireAtMs);
  }

  /** The same for an integer of 64 bits. */
  setInteger(key: ByteBuffer, ks: number, ke: number, value: number | bigint, expireAtMs: number): EntryRef {
    if (typeof value === 'number') return this.#setInt(key, ks, ke, lowWord(value), highWord(value), expireAtMs);
    const low = Number(BigInt.asUintN(32, value));
    return this.#setInt(key, ks, ke, low, Number(BigInt.asUintN(32, value >> 32n)), expireAtMs);
  }

  /**
   * Makes the key a raw string of at least `length` bytes, with zeros behind what was there, and keeps its expiry; a key
   * that is absent is created. Then `stringOf` may be written to. The key must be absent or a string. Growing byte by byte
   * costs time in proportion to the bytes. Returns the entry, or 0 when there is no memory: then nothing has changed.
   */
  editString(key: ByteBuffer, ks: number, ke: number, length: number): EntryRef {
    const { arena } = this;
    const tables = this.#tables;
    const old = this.#locateLive(key, ks, ke);
    if (old === 0 || this.#isHidden(old)) {
      const created = createZeros(arena, key, ks, ke, this.#clock.fresh, length);
      return created === 0 ? 0 : this.#place(created, old, key, ks, ke, Infinity);
    }
    assert((headOf(arena, old) & typeMask) === ValueType.string, 'editString of another type');
    const e = growString(arena, old, this.#scratch, length);
    if (e === 0) return 0;
    if (e !== old) {
      setClock(arena, e, clockOf(arena, old));
      tables.replace(e);
      freeEntry(arena, old);
    }
    this.#setAccess(e, this.#clock.touched(clockOf(arena, e) & clockMask));
    return e;
  }

  // Expiry, removal, renaming

  /** Returns the entry, which may have moved; 0 when there is no memory: then nothing has changed. */
  setExpireAtMs(e: EntryRef, atMs: number): EntryRef {
    this.#check(e);
    const arena = this.arena;
    const from = expiryOf(arena, e);
    const to = atMs === NO_EXPIRY ? Infinity : atMs;
    if (from === to) return e;
    this.#locateEntry(e);
    let moved = e;
    if ((headOf(arena, e) & hasExpiryField) !== 0) writeExpiry(arena, e, to);
    else {
      moved = this.#addExpiryField(e, to);
      if (moved === 0) return 0;
    }
    this.#tables.changeExpiry(from, to);
    return moved;
  }

  /** True when a live key was removed. */
  remove(key: ByteBuffer, start: number, end: number): boolean {
    const e = this.#locateLive(key, start, end);
    if (e === 0 || this.#isHidden(e)) return false;
    this.#removeLocated(e);
    return true;
  }

  removeEntry(e: EntryRef): void {
    this.#check(e);
    this.#locateEntry(e);
    this.#removeLocated(e);
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
    const target = this.#locateLive(to, ts, te);
    if (target === source) return 'ok';
    const clock = clockOf(arena, source) & clockMask;
    const isOwnBlock = (headOf(arena, source) & isExternal) !== 0;
    const renamed = cloneEntry(arena, source, isOwnBlock ? wideBodyOf(arena, source) : 0, clock, to, ts, te);
    if (renamed === 0) return 'oom';
    const at = expiryOf(arena, source);
    if (!this.#placeOrKeep(renamed, target, to, ts, te, at)) {
      arena.free(renamed);
      return 'oom';
    }
    // By its key: the entry itself was perhaps moved within its table when the other one went in.
    this.#locateEntry(source);
    this.#tables.remove(at);
    arena.free(source);
    return 'ok';
  }

  /** A deep copy with its expiry under a key that `target` (which may be this keyspace) does not have; 0: no memory. */
  copyTo(e: EntryRef, target: Keyspace, key: ByteBuffer, ks: number, ke: number): EntryRef {
    this.#check(e);
    const { arena } = this;
    target.nowMs = this.#nowMs;
    let valueRef = 0;
    if ((headOf(arena, e) & isExternal) !== 0) {
      valueRef = this.#cloneValue(e);
      if (valueRef === 0) return 0;
    }
    const copy = cloneEntry(arena, e, valueRef, target.#clock.fresh, key, ks, ke);
    if (copy === 0) {
      if (valueRef !== 0) arena.free(valueRef);
      return 0;
    }
    return target.#place(copy, target.#locateLive(key, ks, ke), key, ks, ke, expiryOf(arena, e));
  }

  /** Moves an entry to another keyspace of the same arena; 0 when its key is there already, or there is no memory. */
  moveTo(e: EntryRef, target: Keyspace): EntryRef {
    this.#check(e);
    const { arena } = this;
    target.nowMs = this.#nowMs;
    const key = this.#spanOfKey(e, this.span);
    const there = target.#locateLive(key.buffer, key.start, key.end);
    if (there !== 0 && !target.#isHidden(there)) return 0;
    const at = expiryOf(arena, e);
    if (!target.#placeOrKeep(e, there, key.buffer, key.start, key.end, at)) return 0;
    this.#locateEntry(e);
    this.#tables.remove(at);
    return e;
  }

  // Walking

  /**
   * Visits about `count` entries and returns the cursor of the next call, 0 at the end. An entry that is there from the
   * first call to the last is visited exactly once, however the keyspace grows and shrinks meanwhile. `visit` may not
   * change anything. Cursors are integers below 2^53; any number is accepted.
   */
  scan(cursor: number, count: number, visit: (e: EntryRef) => void): number {
    return scanTables(this.#tables, cursor, Math.max(1, count), (e) => {
      if (!this.#isHidden(e)) visit(e);
    });
  }

  /** Visits all live entries. `visit` may not change anything. */
  forEach(visit: (e: EntryRef) => void): void {
    const tables = this.#tables;
    for (let slot = tables.nextOccupied(0); slot < slotCount; slot = tables.nextOccupied(slot + 1)) {
      this.forEachInSlot(slot, Infinity, visit);
    }
  }

  /** Keys of a slot, with those that have expired and were not met since. */
  slotCount(slot: number): number {
    return this.#tables.countOf(slot);
  }

  /** Visits up to `limit` live entries of a slot. `visit` may not change anything. */
  forEachInSlot(slot: number, limit: number, visit: (e: EntryRef) => void): void {
    const tables = this.#tables;
    if (tables.countOf(slot) === 0) return;
    const cells = tables.cellsOf(slot);
    for (let cell = 0, left = limit; cell < cells && left > 0; cell++) {
      const e = tables.entryAt(slot, cell);
      if (e === 0 || this.#isHidden(e)) continue;
      visit(e);
      left--;
    }
  }

  /** Removes all entries of a slot and returns their number. Large slots are freed later, by `freeSome`. */
  dropSlot(slot: number): number {
    if (this.#tables.countOf(slot) === 0) return 0;
    const { table, cells, count } = this.#tables.detach(slot);
    this.arena.lazyFree.add(table, cells);
    if (count <= dropAtOnceMax) this.arena.lazyFree.run(count + cells);
    return count;
  }

  /** A live entry, each as likely as any other; 0 when there is none. */
  randomEntry(random: Random): EntryRef {
    const tables = this.#tables;
    for (let tries = 0; tables.keyCount > 0; tries++) {
      const e = tables.pick(random);
      if (expiryOf(this.arena, e) === Infinity || !this.#isGone(e)) return e;
      if (this.expiryMode === 'hide' && tries === hiddenTriesMax) return this.#anyLive();
    }
    return 0;
  }

  // Housekeeping

  /** Removes everything at once; what is not freed by that is left to `freeSome`. */
  clear(): void {
    const { arena } = this;
    const tables = this.#tables;
    if (tables.keyCount === 0) return;
    if (arena.occupants === 1) {
      tables.forget();
      arena.reset();
      return;
    }
    for (let slot = tables.nextOccupied(0); slot < slotCount; slot = tables.nextOccupied(slot + 1)) {
      const { table, cells } = tables.detach(slot);
      arena.lazyFree.add(table, cells);
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
   * Frees up to about `budgetUnits` entries that `clear` and `dropSlot` of any keyspace left; when there are none, gives an
   * empty segment back to the operating system, which takes some milliseconds. True: more is left.
   */
  freeSome(budgetUnits: number): boolean {
    const { arena } = this;
    return arena.lazyFree.isEmpty ? arena.releaseOne() : arena.lazyFree.run(budgetUnits) || true;
  }

  // Below: tables.slot and tables.cell point at the entry after #locate...

  #check(e: EntryRef): void {
    if (this.arena.isChecked) this.arena.assertLive(e);
  }

  #locateLive(key: ByteBuffer, start: number, end: number): EntryRef {
    const hash = halfSipHash13(key, start, end, this.#hash0, this.#hash1);
    const slot = this.#slotOf === undefined ? hash & (slotCount - 1) : this.#slotOf(key, start, end);
    const e = this.#tables.locate(key, start, end, hash, slot);
    return e === 0 || !this.#expireIfDue(e) ? e : 0;
  }

  #locateEntry(e: EntryRef): void {
    const tables = this.#tables;
    if (tables.isAt(e)) return;
    const start = keyStartOf(this.arena, e);
    const end = start + keyLengthOf(this.arena, e);
    const key = bytesOf(this.arena, e);
    const hash = halfSipHash13(key, start, end, this.#hash0, this.#hash1);
    tables.locateEntry(e, hash, this.#slotOf === undefined ? hash & (slotCount - 1) : this.#slotOf(key, start, end));
  }

  /** The string of an entry that is an int, has a value block, or a very long key. */
  #wideStringOf(e: EntryRef, head: number): Span {
    const { arena, span } = this;
    if (isInt(head)) {
      span.buffer = this.#scratch;
      span.start = 0;
      span.end = formatIntOf(arena, e, this.#scratch.u8);
      return span;
    }
    const start = valueStartOf(arena, e);
    span.buffer = valueBytesOf(arena, e);
    span.start = start;
    span.end = start + bodyOf(arena, e);
    return span;
  }

  #spanOfKey(e: EntryRef, span: Span): Span {
    const start = keyStartOf(this.arena, e);
    span.buffer = bytesOf(this.arena, e);
    span.start = start;
    span.end = start + keyLengthOf(this.arena, e);
    return span;
  }

  /** The located entry is not there for the caller: hidden, or removed just now. */
  #isGone(e: EntryRef): boolean {
    return this.#isHidden(e) && (this.expiryMode === 'hide' || this.#expireIfDue(e));
  }

  #isHidden(e: EntryRef): boolean {
    return expiryOf(this.arena, e) < this.#nowMs && this.expiryMode !== 'ignore';
  }

  /** Removes the located entry if its time has come and this keyspace removes such entries. */
  #expireIfDue(e: EntryRef): boolean {
    if (this.expiryMode !== 'delete' || !this.#isHidden(e)) return false;
    const slot = this.#tables.slot;
    this.#expireCell();
    this.#tables.shrink(slot);
    return true;
  }

  #expireCell(): void {
    const tables = this.#tables;
    const e = tables.entryAt(tables.slot, tables.cell);
    this.#onExpired?.(this, this.#spanOfKey(e, this.#expiredKey));
    tables.removeCell(expiryOf(this.arena, e));
    freeEntry(this.arena, e);
  }

  #removeLocated(e: EntryRef): void {
    this.#tables.remove(expiryOf(this.arena, e));
    freeEntry(this.arena, e);
  }

  #setAccess(e: EntryRef, bits: number): void {
    this.#check(e);
    setClock(this.arena, e, ((clockOf(this.arena, e) & ~clockMask) | bits) >>> 0);
  }

  /** The short way of SET, for a plain string that replaces another one; 0 when that does not do. */
  #overwritePlain(
    e: EntryRef,
    key: ByteBuffer,
    ks: number,
    ke: number,
    value: ByteBuffer,
    vs: number,
    ve: number,
    expireAtMs: number,
  ): EntryRef {
    const arena = this.arena;
    const segment = arena.segments[e >>> arena.refShift];
    const at = (e & arena.refMask) << 3;
    const words = segment.u32;
    const head = words[at >>> 2];
    const size = ve - vs;
    const keyBytes = ke - ks;
    if ((head & notPlain) !== 0 || size > inlineBytesMax || keyBytes > plainKeyBytesMax) return 0;
    const hasField = (head & hasExpiryField) !== 0;
    if (!hasField && expireAtMs !== NO_EXPIRY && expireAtMs !== KEEP_TTL) return 0;
    const clock = this.#clock;
    const bits = words[(at >>> 2) + 1];
    const touched = (bits & ~clockMask) | (clock.isLfu ? clock.touched(bits & clockMask) : clock.seconds);
    const headBytes = keyOffset(head) + keyBytes;
    const body = (at + bodyOffset(head)) >>> 2;
    const oldUnits = (headBytes + words[body] + 7) >>> 3;
    if (classOfUnits[oldUnits] !== classOfUnits[(headBytes + size + 7) >>> 3]) {
      return hasField ? 0 : this.#movePlain(e, key, ks, ke, touched >>> 0, value, vs, ve);
    }
    if (hasField && !this.#overwriteExpiry(e, expireAtMs)) return 0;
    words[at >>> 2] = (head & ~encodingMask) | (rawEncoding(size) << encodingShift);
    words[(at >>> 2) + 1] = touched;
    words[body] = size;
    copyBytes(value, vs, ve, segment.bytes, at + headBytes);
    return e;
  }

  /** The same in a block of another size; 0 when there is no memory. */
  #movePlain(
    e: EntryRef,
    key: ByteBuffer,
    ks: number,
    ke: number,
    clock: number,
    value: ByteBuffer,
    vs: number,
    ve: number,
  ): EntryRef {
    const moved = createString(this.arena, key, ks, ke, clock, Infinity, value, vs, ve);
    if (moved === 0) return 0;
    this.#tables.replace(moved);
    this.arena.free(e);
    return moved;
  }

  /** Changes the expiry of the located entry as SET does; false when it has expired. */
  #overwriteExpiry(e: EntryRef, expireAtMs: number): boolean {
    const from = expiryOf(this.arena, e);
    if (from < this.#nowMs) return false;
    if (expireAtMs === KEEP_TTL) return true;
    const to = expireAtMs === NO_EXPIRY ? Infinity : expireAtMs;
    if (from === to) return true;
    writeExpiry(this.arena, e, to);
    this.#tables.changeExpiry(from, to);
    return true;
  }

  #setStringAnyway(
    located: EntryRef,
    hash: number,
    key: ByteBuffer,
    ks: number,
    ke: number,
    value: ByteBuffer,
    vs: number,
    ve: number,
    expireAtMs: number,
  ): EntryRef {
    const { arena } = this;
    const old = located === 0 || this.#expireIfDue(located) ? 0 : located;
    const from = old === 0 ? Infinity : expiryOf(arena, old);
    const to = this.#expiryFor(old, expireAtMs);
    if (old !== 0 && overwriteString(arena, old, to, value, vs, ve)) {
      this.#overwritten(old, from, to);
      return old;
    }
    const created = createString(arena, key, ks, ke, this.#clockAfter(old), to, value, vs, ve);
    return created === 0 ? 0 : this.#placeHashed(created, old, hash, key, ks, ke, to);
  }

  #setInt(key: ByteBuffer, ks: number, ke: number, low: number, high: number, expireAtMs: number): EntryRef {
    const { arena } = this;
    const old = this.#locateLive(key, ks, ke);
    const from = old === 0 ? Infinity : expiryOf(arena, old);
    const to = this.#expiryFor(old, expireAtMs);
    if (old !== 0 && overwriteInt(arena, old, to, low, high)) {
      this.#overwritten(old, from, to);
      return old;
    }
    const created = createInt(arena, key, ks, ke, this.#clockAfter(old), to, low, high);
    return created === 0 ? 0 : this.#place(created, old, key, ks, ke, to);
  }

  /** The expiry that a value takes on which replaces `old`. A hidden entry's does not live on. */
  #expiryFor(old: EntryRef, expireAtMs: number): number {
    if (expireAtMs === NO_EXPIRY) return Infinity;
    if (expireAtMs !== KEEP_TTL) return expireAtMs;
    return old === 0 || this.#isHidden(old) ? Infinity : expiryOf(this.arena, old);
  }

  /** A key that is set again keeps its LFU counter, as in Redis, and its cut mark. */
  #clockAfter(old: EntryRef): number {
    if (old === 0) return this.#clock.fresh;
    const bits = clockOf(this.arena, old);
    return ((bits & ~clockMask) | this.#clock.touched(bits & clockMask)) >>> 0;
  }

  #overwritten(e: EntryRef, from: number, to: number): void {
    this.#tables.changeExpiry(from, to);
    this.#setAccess(e, this.#clock.touched(clockOf(this.arena, e) & clockMask));
  }

  /** Puts a new entry into the index, in place of `old`, which is located, or as a new key. 0, and freed, if it cannot. */
  #place(e: EntryRef, old: EntryRef, key: ByteBuffer, ks: number, ke: number, expireAtMs: number): EntryRef {
    if (this.#placeOrKeep(e, old, key, ks, ke, expireAtMs)) return e;
    freeEntry(this.arena, e);
    return 0;
  }

  #placeOrKeep(e: EntryRef, old: EntryRef, key: ByteBuffer, ks: number, ke: number, expireAtMs: number): boolean {
    const hash = old === 0 ? halfSipHash13(key, ks, ke, this.#hash0, this.#hash1) : 0;
    return this.#index(e, old, hash, key, ks, ke, expireAtMs);
  }

  #placeHashed(
    e: EntryRef,
    old: EntryRef,
    hash: number,
    key: ByteBuffer,
    ks: number,
    ke: number,
    expireAtMs: number,
  ): EntryRef {
    if (this.#index(e, old, hash, key, ks, ke, expireAtMs)) return e;
    freeEntry(this.arena, e);
    return 0;
  }

  #index(
    e: EntryRef,
    old: EntryRef,
    hash: number,
    key: ByteBuffer,
    ks: number,
    ke: number,
    expireAtMs: number,
  ): boolean {
    const tables = this.#tables;
    if (old !== 0) {
      const from = expiryOf(this.arena, old);
      tables.replace(e);
      tables.changeExpiry(from, expireAtMs);
      freeEntry(this.arena, old);
      return true;
    }
    const slot = this.#slotOf === undefined ? hash & (slotCount - 1) : this.#slotOf(key, ks, ke);
    if (!tables.reserve(slot)) return false;
    tables.insert(e, hash, slot, expireAtMs);
    return true;
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
    this.#tables.replace(moved);
    arena.free(e);
    return moved;
  }

  /** A copy of a value that is a block of its own; 0 when there is no memory. */
  #cloneValue(e: EntryRef): BlockRef {
    const { arena } = this;
    const from = wideBodyOf(arena, e);
    const size = bodyOf(arena, e);
    const head = headOf(arena, e);
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

  /** Replicas may hold nothing but entries that wait for the master's word: a bounded search. */
  #anyLive(): EntryRef {
    let found = 0;
    let left = 10_000;
    scanTables(this.#tables, 0, left, (e) => {
      if (found === 0 && left-- > 0 && !this.#isHidden(e)) found = e;
    });
    return found;
  }
}
