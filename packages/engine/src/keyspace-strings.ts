import { assert, type ByteBuffer, copyBytes, parseInt64, parseInteger } from '@kvartz/base';
import {
  bodyOf,
  bodyOffset,
  clockMask,
  clockOf,
  encodingMask,
  encodingShift,
  type EntryRef,
  expiryOf,
  freeEntry,
  hasExpiryField,
  hasSpare,
  headOf,
  inlineBytesMax,
  isExternal,
  isWide,
  keyOffset,
  longKey,
  rawEncoding,
  setClock,
  typeMask,
  ValueType,
  writeExpiry,
} from './entry.ts';
import { KEEP_TTL, KeyspaceBase, NO_EXPIRY } from './keyspace-base.ts';
import { classOfUnits, slabBlockBytesMax } from './size-classes.ts';
import type { Span } from './span.ts';
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

/** Digits of a 64-bit integer with its sign. */
const integerDigitsMax = 20;
const digit0 = 0x30;
const digit9 = 0x39;
const minus = 0x2d;
/** What keeps `setString` from its shortest way: another type, an int, a value block, spare room, a long key. */
const notPlain = typeMask | isWide | hasSpare;
const plainKeyBytesMax = slabBlockBytesMax - inlineBytesMax - 32;

/** The chapter of a keyspace that deals with strings. */
export abstract class KeyspaceStrings extends KeyspaceBase {
  /** Bytes. */
  stringLength(e: EntryRef): number {
    this.check(e);
    const head = headOf(this.arena, e);
    return isInt(head) ? formatIntOf(this.arena, e, this.scratch.u8) : bodyOf(this.arena, e);
  }

  /** The string, in `span`. After `editString` it may be written to. */
  stringOf(e: EntryRef): Span {
    this.check(e);
    const arena = this.arena;
    const segment = arena.segments[e >>> arena.refShift];
    const at = (e & arena.refMask) << 3;
    const words = segment.u32;
    const head = words[at >>> 2];
    const span = this.span;
    if ((head & isExternal) !== 0) {
      const body = (at + bodyOffset(head)) >>> 2;
      const value = words[body + 1];
      span.buffer = arena.segments[value >>> arena.refShift].bytes;
      span.start = (value & arena.refMask) << 3;
      span.end = span.start + words[body];
      return span;
    }
    if ((head & isWide) !== 0 || head >>> 16 === longKey) return this.#wideStringOf(e, head);
    const start = at + keyOffset(head) + (head >>> 16);
    span.buffer = segment.bytes;
    span.start = start;
    span.end = start + words[(at + bodyOffset(head)) >>> 2];
    return span;
  }

  /** Value of an int-encoded string; Infinity or -Infinity beyond the safe integers; NaN when it is not int-encoded. */
  integerOf(e: EntryRef): number {
    this.check(e);
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
    this.check(e);
    return int64Of(this.arena, e);
  }

  /** Changes the value of an int-encoded entry to another safe integer. */
  storeInteger(e: EntryRef, value: number): void {
    this.check(e);
    this.changing(e);
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
    const old = this.locate(key, ks, ke);
    if (old !== 0) {
      this.changing(old);
      const e = this.#overwritePlain(old, key, ks, ke, value, vs, ve, expireAtMs);
      if (e !== 0) return e;
    }
    return this.#setStringAnyway(old, key, ks, ke, value, vs, ve, expireAtMs);
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
   * costs time in proportion to the bytes. Not marked as used: who edits has found it. Returns the entry, or 0 when there
   * is no memory: then nothing has changed.
   */
  editString(key: ByteBuffer, ks: number, ke: number, length: number): EntryRef {
    const { arena } = this;
    const tables = this.tables;
    const old = this.locateLive(key, ks, ke);
    if (old === 0 || this.isHidden(old)) {
      const created = createZeros(arena, key, ks, ke, this.freshClock, length);
      return this.place(created, old, Infinity);
    }
    assert((headOf(arena, old) & typeMask) === ValueType.string, 'editString of another type');
    this.changing(old);
    const e = growString(arena, old, this.scratch, length);
    if (e === 0) return 0;
    if (e !== old) {
      setClock(arena, e, clockOf(arena, old));
      tables.replace(e);
      freeEntry(arena, old);
    }
    return e;
  }

  /** The string of an entry that is an int or has a very long key. */
  #wideStringOf(e: EntryRef, head: number): Span {
    const { arena, span } = this;
    if (isInt(head)) {
      span.buffer = this.scratch;
      span.start = 0;
      span.end = formatIntOf(arena, e, this.scratch.u8);
      return span;
    }
    const start = valueStartOf(arena, e);
    span.buffer = valueBytesOf(arena, e);
    span.start = start;
    span.end = start + bodyOf(arena, e);
    return span;
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
    const clock = this.clock;
    const bits = words[(at >>> 2) + 1];
    const touched = (bits & ~clockMask) | (clock.isPlain ? clock.seconds : clock.replaced(bits & clockMask));
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
    this.tables.replace(moved);
    this.arena.free(e);
    return moved;
  }

  /** Changes the expiry of the located entry as SET does; false when it has expired. */
  #overwriteExpiry(e: EntryRef, expireAtMs: number): boolean {
    const from = expiryOf(this.arena, e);
    if (from < this.nowMs) return false;
    if (expireAtMs === KEEP_TTL) return true;
    const to = expireAtMs === NO_EXPIRY ? Infinity : expireAtMs;
    if (from === to) return true;
    writeExpiry(this.arena, e, to);
    this.tables.changeExpiry(from, to);
    return true;
  }

  #setStringAnyway(
    located: EntryRef,
    key: ByteBuffer,
    ks: number,
    ke: number,
    value: ByteBuffer,
    vs: number,
    ve: number,
    expireAtMs: number,
  ): EntryRef {
    const { arena } = this;
    const old = located === 0 || this.expireIfDue(located) ? 0 : located;
    const from = old === 0 ? Infinity : expiryOf(arena, old);
    const to = this.#expiryFor(old, expireAtMs);
    if (old !== 0 && overwriteString(arena, old, to, value, vs, ve)) {
      this.#overwritten(old, from, to);
      return old;
    }
    const created = createString(arena, key, ks, ke, this.clockAfter(old), to, value, vs, ve);
    return this.place(created, old, to);
  }

  #setInt(key: ByteBuffer, ks: number, ke: number, low: number, high: number, expireAtMs: number): EntryRef {
    const { arena } = this;
    const old = this.locateLive(key, ks, ke);
    if (old !== 0) this.changing(old);
    const from = old === 0 ? Infinity : expiryOf(arena, old);
    const to = this.#expiryFor(old, expireAtMs);
    if (old !== 0 && overwriteInt(arena, old, to, low, high)) {
      this.#overwritten(old, from, to);
      return old;
    }
    const created = createInt(arena, key, ks, ke, this.clockAfter(old), to, low, high);
    return this.place(created, old, to);
  }

  /** The expiry that a value takes on which replaces `old`. A hidden entry's does not live on. */
  #expiryFor(old: EntryRef, expireAtMs: number): number {
    if (expireAtMs === NO_EXPIRY) return Infinity;
    if (expireAtMs !== KEEP_TTL) return expireAtMs;
    return old === 0 || this.isHidden(old) ? Infinity : expiryOf(this.arena, old);
  }

  #overwritten(e: EntryRef, from: number, to: number): void {
    this.tables.changeExpiry(from, to);
    this.setAccess(e, this.clock.replaced(clockOf(this.arena, e) & clockMask));
  }
}
