import type { ByteBuffer, Random } from '@kvartz/base';
import type { Arena, BlockRef } from './arena.ts';
import { closeGap, homeOf, rehash } from './cells.ts';
import { type EntryRef, expiryOf, hasKey, headOf, isExternal, wideBodyOf } from './entry.ts';
import { blockBytesOf, pageBytes } from './size-classes.ts';
import { SlotExpiries } from './slot-expiries.ts';
import { groupCount, slotCount, slotOfIndex, slotsPerGroup } from './slot-groups.ts';

/** Words of a slot in the directory. */
const slotShift = 2;
const cellsField = 1;
const countField = 2;

const pageUnits = pageBytes / 8;

const cellsMin = 4;
/** Random cells that are tried for an entry that expires; enough where one in ten does. */
const fairTriesMax = 32;
const noDirectory = new Uint32Array(0);

/**
 * The index: one hash table for each of 16384 slots, so that growing one is short and a slot can be counted, walked and
 * dropped alone. A table is a block of cells, with open addressing and linear probing:
 *
 *   directory  [ table ref | cells | keys | unused ] per slot: a power of two, so that none lies in two lines of the cache
 *   table      [ hash u32 | entry ref u32 ] ...       ref 0: empty; bit 0 of the hash: the entry expires, or a part of it
 *
 * The home of a hash is `hash * cells / 2^32`, which rises with the hash whatever the number of cells: tables can have any
 * size, growing one copies it from front to back, and a SCAN cursor is a hash up to which everything has been seen.
 *
 * Invariants: a table is at most 80% full; no empty cell stands between an entry's home and its cell; an empty slot has no
 * table. What changes an entry's place in the index acts on `slot` and `cell`: `locate` comes first.
 */
export class SlotTables {
  keyCount = 0;
  /** Cells of all tables, of 8 bytes each. */
  cellCount = 0;
  /** What of the entries expires: to be read by others, and changed through `changeExpiry`. */
  readonly expiries = new SlotExpiries();
  /** What the last `locate` looked for, and where it ended: at the entry's cell, or at an empty one. */
  hash = 0;
  slot = 0;
  cell = 0;
  /** Takes up what was read ahead, so that reading is not optimised away; means nothing. */
  prefetched = 0;

  readonly #arena: Arena;
  #directory: Uint32Array<ArrayBuffer> = noDirectory;
  #groupCounts: Uint32Array<ArrayBuffer> = noDirectory;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** The entry where the last `locate` ended, if it has this key; else 0. */
  locateAgain(key: ByteBuffer, start: number, end: number): EntryRef {
    const at = this.slot << slotShift;
    const directory = this.#directory;
    if (this.keyCount === 0 || this.cell >= directory[at + cellsField]) return 0;
    const arena = this.#arena;
    const table = directory[at];
    const word = ((table & arena.refMask) + this.cell) << 1;
    const words = arena.segments[table >>> arena.refShift].u32;
    const e = words[word + 1];
    if (e === 0 || !hasKey(arena, e, key, start, end)) return 0;
    this.hash = words[word] | 0;
    return e;
  }

  /** The entry with this key, or 0. */
  locate(key: ByteBuffer, start: number, end: number, hash: number, slot: number): EntryRef {
    this.hash = hash;
    this.slot = slot;
    if (this.keyCount === 0) return 0;
    const directory = this.#directory;
    const cells = directory[(slot << slotShift) + cellsField];
    if (cells === 0) return 0;
    const arena = this.#arena;
    const table = directory[slot << slotShift];
    const words = arena.segments[table >>> arena.refShift].u32;
    const base = (table & arena.refMask) << 1;
    const wanted = hash | 1;
    let cell = homeOf(hash, cells);
    for (;;) {
      const e = words[base + (cell << 1) + 1];
      if (e === 0 || ((words[base + (cell << 1)] | 1) === wanted && hasKey(arena, e, key, start, end))) {
        this.cell = cell;
        return e;
      }
      if (++cell === cells) cell = 0;
    }
  }

  /**
   * Reads the cells and the entries that `locate` is going to need for `count` keys, so that they are in the cache then: the
   * misses of different keys overlap here, and would not there.
   */
  prefetch(hashes: Int32Array, slots: Int32Array, count: number): void {
    if (this.keyCount === 0) return;
    const directory = this.#directory;
    const arena = this.#arena;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const at = slots[i] << slotShift;
      const cells = directory[at + cellsField];
      if (cells === 0) continue;
      const table = directory[at];
      const words = arena.segments[table >>> arena.refShift].u32;
      sum ^= words[((table & arena.refMask) + homeOf(hashes[i], cells)) << 1];
    }
    for (let i = 0; i < count; i++) {
      const at = slots[i] << slotShift;
      const cells = directory[at + cellsField];
      if (cells === 0) continue;
      const table = directory[at];
      const words = arena.segments[table >>> arena.refShift].u32;
      const base = (table & arena.refMask) << 1;
      const wanted = hashes[i] | 1;
      let cell = homeOf(hashes[i], cells);
      let e = words[base + (cell << 1) + 1];
      while (e !== 0 && (words[base + (cell << 1)] | 1) !== wanted) {
        if (++cell === cells) cell = 0;
        e = words[base + (cell << 1) + 1];
      }
      if (e !== 0) sum ^= arena.segments[e >>> arena.refShift].u32[(e & arena.refMask) << 1];
    }
    this.prefetched ^= sum;
  }

  /** Points `slot` and `cell` at this entry. False: it is not in that slot with that hash, whose lowest bit plays no part. */
  locateKnown(e: EntryRef, hash: number, slot: number): boolean {
    if (this.keyCount === 0) return false;
    const cells = this.cellsOf(slot);
    if (cells === 0) return false;
    const words = this.#wordsOf(slot);
    const base = this.#baseOf(slot);
    let cell = homeOf(hash, cells);
    for (;;) {
      const there = words[base + (cell << 1) + 1];
      if (there === 0) return false;
      if (there === e && ((words[base + (cell << 1)] ^ hash) & ~1) === 0) break;
      if (++cell === cells) cell = 0;
    }
    this.slot = slot;
    this.cell = cell;
    return true;
  }

  /**
   * The same for a walk that looks at all entries of a slot that expire, and at the values of those of which a part does: read one
   * after the other, each would be waited for.
   */
  prefetchExpiring(slot: number): void {
    const { segments, refMask, refShift } = this.#arena;
    const words = this.#wordsOf(slot);
    const base = this.#baseOf(slot);
    const end = base + this.cellsOf(slot) * 2;
    let sum = 0;
    for (let at = base; at < end; at += 2) {
      const e = words[at + 1];
      if ((words[at] & 1) !== 0) sum ^= segments[e >>> refShift].u32[(e & refMask) << 1];
    }
    if (this.expiries.partlyCountOf(slot) > 0) {
      for (let at = base; at < end; at += 2) {
        const e = words[at + 1];
        if ((words[at] & 1) === 0 || (headOf(this.#arena, e) & isExternal) === 0) continue;
        const value = wideBodyOf(this.#arena, e);
        sum ^= segments[value >>> refShift].u32[(value & refMask) << 1];
      }
    }
    this.prefetched ^= sum;
  }

  /** Points `slot` and `cell` at an entry that is in this keyspace. */
  locateEntry(e: EntryRef, hash: number, slot: number): void {
    this.slot = slot;
    const words = this.#wordsOf(slot);
    const base = this.#baseOf(slot);
    const cells = this.cellsOf(slot);
    let cell = homeOf(hash, cells);
    while (words[base + (cell << 1) + 1] !== e) if (++cell === cells) cell = 0;
    this.cell = cell;
  }

  /**
   * Adds an entry whose key the last `locate` did not find; false when there is no memory. `partAtMs`, here and below: when the
   * first part of the entry expires that does so by itself; Infinity: none.
   */
  add(e: EntryRef, expireAtMs: number, partAtMs = Infinity): boolean {
    const { hash, slot } = this;
    if (!this.#reserve(slot)) return false;
    const words = this.#wordsOf(slot);
    const base = this.#baseOf(slot);
    const cells = this.cellsOf(slot);
    let cell = homeOf(hash, cells);
    while (words[base + (cell << 1) + 1] !== 0) if (++cell === cells) cell = 0;
    words[base + (cell << 1)] = hash & ~1;
    words[base + (cell << 1) + 1] = e;
    this.cell = cell;
    if (this.keyCount++ === 0) this.#arena.occupants++;
    this.#directory[(slot << slotShift) + countField]++;
    this.#groupCounts[(slot / slotsPerGroup) | 0]++;
    if (expireAtMs !== Infinity || partAtMs !== Infinity) this.changeExpiry(Infinity, expireAtMs, Infinity, partAtMs);
    return true;
  }

  /** The entry of the current cell has moved, or another one takes its place. */
  replace(e: EntryRef): void {
    this.#wordsOf(this.slot)[this.#baseOf(this.slot) + (this.cell << 1) + 1] = e;
  }

  /** The expiry of the current cell's entry goes from `fromMs` to `toMs`, that of its parts likewise; Infinity is none. */
  changeExpiry(fromMs: number, toMs: number, partFromMs = Infinity, partToMs = Infinity): void {
    if (fromMs === Infinity && toMs === Infinity && partFromMs === Infinity && partToMs === Infinity) return;
    const isExpiring = this.expiries.change(this.slot, fromMs, toMs, partFromMs, partToMs);
    const words = this.#wordsOf(this.slot);
    const at = this.#baseOf(this.slot) + (this.cell << 1);
    if (isExpiring) words[at] |= 1;
    else words[at] &= ~1;
  }

  /** Takes the current cell's entry, with its expiry, out of the table. Does not free it. */
  remove(expireAtMs: number, partAtMs = Infinity): void {
    this.removeCell(expireAtMs, partAtMs);
    this.shrink(this.slot);
  }

  /** The same without making the table smaller: another entry may be in `cell` afterwards. For walks. */
  removeCell(expireAtMs: number, partAtMs = Infinity): void {
    const slot = this.slot;
    const words = this.#wordsOf(slot);
    const base = this.#baseOf(slot);
    const cells = this.cellsOf(slot);
    if (expireAtMs !== Infinity || partAtMs !== Infinity) {
      this.expiries.change(slot, expireAtMs, Infinity, partAtMs, Infinity);
    }
    closeGap(words, base, cells, this.cell);
    this.#directory[(slot << slotShift) + countField]--;
    this.#groupCounts[(slot / slotsPerGroup) | 0]--;
    if (--this.keyCount === 0) this.#arena.occupants--;
  }

  /** Makes a table that has become too large smaller, or frees it. */
  shrink(slot: number): void {
    const at = slot << slotShift;
    const count = this.#directory[at + countField];
    const cells = this.#directory[at + cellsField];
    if (count === 0) {
      if (cells !== 0) this.#dropTable(slot);
    } else if (cells > cellsMin && count * 3 < cells) this.#resize(slot, Math.max(cellsMin, Math.ceil(count * 1.6)));
  }

  countOf(slot: number): number {
    return this.keyCount === 0 ? 0 : this.#directory[(slot << slotShift) + countField];
  }

  /** Whether `slot` and `cell` point at this entry. */
  isAt(e: EntryRef): boolean {
    return this.keyCount > 0 && this.cell < this.cellsOf(this.slot) && this.entryAt(this.slot, this.cell) === e;
  }

  cellsOf(slot: number): number {
    return this.#directory[(slot << slotShift) + cellsField];
  }

  /** Entry of a cell; 0 when it is empty. */
  entryAt(slot: number, cell: number): EntryRef {
    return this.#wordsOf(slot)[this.#baseOf(slot) + (cell << 1) + 1];
  }

  /** Hash of the entry in a cell, with the expiry bit in place of the lowest. */
  hashAt(slot: number, cell: number): number {
    return this.#wordsOf(slot)[this.#baseOf(slot) + (cell << 1)];
  }

  /** Visits all entries of a slot, having brought them into the cache: read one after the other, each would be waited for. */
  visitSlot(slot: number, visit: (e: EntryRef) => void): void {
    if (this.countOf(slot) === 0) return;
    const { segments, refMask, refShift } = this.#arena;
    const words = this.#wordsOf(slot);
    const base = this.#baseOf(slot);
    const end = base + this.cellsOf(slot) * 2;
    let sum = 0;
    for (let at = base + 1; at < end; at += 2) {
      const e = words[at];
      if (e !== 0) sum ^= segments[e >>> refShift].u32[(e & refMask) << 1];
    }
    this.prefetched ^= sum;
    for (let at = base + 1; at < end; at += 2) if (words[at] !== 0) visit(words[at]);
  }

  /** The first slot at or after `slot` that has keys; `slotCount` when there is none. */
  nextOccupied(slot: number): number {
    if (this.keyCount === 0) return slotCount;
    while (slot < slotCount) {
      if (slot % slotsPerGroup === 0 && this.#groupCounts[slot / slotsPerGroup] === 0) slot += slotsPerGroup;
      else if (this.#directory[(slot << slotShift) + countField] !== 0) return slot;
      else slot++;
    }
    return slotCount;
  }

  /** Points `slot` and `cell` at a random entry, each as likely as any other. There must be one. */
  pick(random: Random): EntryRef {
    const index = Math.floor((random.uint32() / 2 ** 32) * this.keyCount);
    const slot = slotOfIndex(index, this.#groupCounts, this.#directory, slotShift, countField);
    const cells = this.cellsOf(slot);
    this.slot = slot;
    for (;;) {
      this.cell = Math.floor((random.uint32() / 2 ** 32) * cells);
      const e = this.entryAt(slot, this.cell);
      if (e !== 0) return e;
    }
  }

  /** The same among the entries that expire, of which there must be one. In a slot, those behind others come up less often. */
  pickExpiring(random: Random): EntryRef {
    const slot = this.expiries.pickSlot(random);
    const cells = this.cellsOf(slot);
    this.slot = slot;
    // Where few of many expire, the next one after a random cell has to do.
    for (let tries = 0; tries < fairTriesMax; tries++) {
      this.cell = Math.floor((random.uint32() / 2 ** 32) * cells);
      if (this.#isExpiring(slot, this.cell)) return this.entryAt(slot, this.cell);
    }
    while (!this.#isExpiring(slot, this.cell)) if (++this.cell === cells) this.cell = 0;
    return this.entryAt(slot, this.cell);
  }

  /** Moves the tables that lie in these pages to slabs elsewhere; false when there is no room for one there. */
  moveTables(segmentIndex: number, firstPage: number, endPage: number): boolean {
    const arena = this.#arena;
    const low = segmentIndex * 2 ** arena.refShift + firstPage * pageUnits;
    const high = segmentIndex * 2 ** arena.refShift + endPage * pageUnits;
    const directory = this.#directory;
    for (let at = 0; at < directory.length; at += 1 << slotShift) {
      const from = directory[at];
      if (from < low || from >= high) continue;
      const cells = directory[at + cellsField];
      const to = arena.allocOutside(cells * 8, segmentIndex, firstPage, endPage);
      if (to === 0) return false;
      const words = arena.segments[from >>> arena.refShift].u32;
      const start = (from & arena.refMask) << 1;
      arena.segments[to >>> arena.refShift].u32.set(
        words.subarray(start, start + cells * 2),
        (to & arena.refMask) << 1,
      );
      directory[at] = to;
      arena.free(from);
    }
    return true;
  }

  /** Takes the whole table of a slot, entries and all, out of the index. */
  detach(slot: number): { readonly table: BlockRef; readonly cells: number; readonly count: number } {
    const at = slot << slotShift;
    const detached = {
      table: this.#directory[at],
      cells: this.#directory[at + cellsField],
      count: this.#directory[at + countField],
    };
    this.expiries.detach(slot);
    this.#groupCounts[(slot / slotsPerGroup) | 0] -= detached.count;
    this.#directory.fill(0, at, at + 4);
    this.cellCount -= detached.cells;
    this.keyCount -= detached.count;
    if (this.keyCount === 0 && detached.count > 0) this.#arena.occupants--;
    return detached;
  }

  /** Forgets everything without freeing it: the arena has been reset, or is about to be. */
  forget(): void {
    if (this.keyCount > 0) this.#arena.occupants--;
    this.#directory = noDirectory;
    this.#groupCounts = noDirectory;
    this.keyCount = 0;
    this.cellCount = 0;
    this.expiries.forget();
  }

  /** Makes sure that the slot's table can take one more entry; false when there is no memory. */
  #reserve(slot: number): boolean {
    if (this.#directory.length === 0) this.#createDirectory();
    const at = slot << slotShift;
    const count = this.#directory[at + countField];
    const cells = this.#directory[at + cellsField];
    if ((count + 1) * 5 <= cells * 4) return true;
    // Without memory: slower than it should be, but a table with one empty cell still works.
    return this.#resize(slot, grownCells(cells)) || count + 2 <= cells;
  }

  #createDirectory(): void {
    this.#directory = new Uint32Array(slotCount << slotShift);
    this.#groupCounts = new Uint32Array(groupCount);
  }

  /** Whether the entry of a cell expires as a whole. */
  #isExpiring(slot: number, cell: number): boolean {
    if ((this.hashAt(slot, cell) & 1) === 0) return false;
    return this.expiries.partlyCountOf(slot) === 0 || expiryOf(this.#arena, this.entryAt(slot, cell)) !== Infinity;
  }

  #wordsOf(slot: number): Uint32Array {
    return this.#arena.segments[this.#directory[slot << slotShift] >>> this.#arena.refShift].u32;
  }

  #baseOf(slot: number): number {
    return (this.#directory[slot << slotShift] & this.#arena.refMask) << 1;
  }

  #dropTable(slot: number): void {
    const at = slot << slotShift;
    this.#arena.free(this.#directory[at]);
    this.cellCount -= this.#directory[at + cellsField];
    this.#directory[at] = 0;
    this.#directory[at + cellsField] = 0;
  }

  /** Moves the table into one of at least `cellsWanted` cells; false when there is no memory. */
  #resize(slot: number, cellsWanted: number): boolean {
    const arena = this.#arena;
    const table = arena.alloc(cellsWanted * 8);
    if (table === 0) return false;
    const cells = blockBytesOf(cellsWanted * 8) >>> 3;
    const words = arena.segments[table >>> arena.refShift].u32;
    const base = (table & arena.refMask) << 1;
    words.fill(0, base, base + cells * 2);
    const at = slot << slotShift;
    const oldCells = this.#directory[at + cellsField];
    if (oldCells !== 0) {
      rehash(this.#wordsOf(slot), this.#baseOf(slot), oldCells, words, base, cells);
      arena.free(this.#directory[at]);
    }
    this.#directory[at] = table;
    this.#directory[at + cellsField] = cells;
    this.cellCount += cells - oldCells;
    return true;
  }
}

function grownCells(cells: number): number {
  return cells === 0 ? cellsMin : cells < 64 ? Math.ceil(cells * 1.5) : Math.ceil(cells * 1.3);
}
