import type { Arena } from './arena.ts';
import { expiryOf } from './entry.ts';
import { soonestFieldTime } from './hashes/field-times.ts';
import { slotCount } from './slot-groups.ts';
import type { SlotTables } from './slot-tables.ts';

export interface ExpireBudget {
  /** Keys, and fields of hashes, removed at most. */
  readonly keysMax: number;
  /** Cells looked at, at most; a table of up to 4096 cells is always finished. */
  readonly cellsMax: number;
  /** Redis's `active-expire-effort`, 1 to 10: how few expired keys are left lying. Default 1. */
  readonly effort?: number;
}

export interface ExpireResult {
  /** Keys and fields. */
  readonly removed: number;
  /** Cells looked at. */
  readonly visited: number;
  /** Nothing more is to be removed now. */
  readonly isDone: boolean;
}

const wholeTableCellsMax = 4096;
/** So few keys that expire are in the processor's caches, most likely. */
const cachedCountMax = 20_000;
/** What passing by a slot costs that has nothing due. */
const idleSlotCells = 1 / 16;
/**
 * Reading the expiry of an entry that is not in the cache takes 150 ns, or 80 after `prefetchExpiring`. At effort 1 a slot is not walked again before so
 * many milliseconds for each expiring key of the database have passed, so that walks take 1% of the time at most.
 */
const gapMsPerKey = 0.015;
/** A hash with times is read in two places. */
const keysPerHash = 2;
/** Share of a slot's keys that may have expired before it is walked out of turn, at effort 0; each step takes off 1%. */
const staleRatio = 0.11;
const ageCount = 32;

const nothingDue: ExpireResult = { removed: 0, visited: 0, isDone: true };

/**
 * Finds entries whose time has come. Slots with nothing due are passed by with one comparison, entries that do not expire
 * with a look at their cell. A run stops when its budget is used up, and the next one goes on from there.
 *
 * A walk reads all entries of a slot that expire, which is dear when one in hundreds is due. So it leaves behind when the
 * next one is worth while: when the first of the rest is due, but not sooner than the gap above; or sooner, when a tenth
 * of them (as Redis tolerates) will have expired. Who asks for an expired key never sees it, whatever the cycle does.
 */
export class ExpireCycle {
  readonly #arena: Arena;
  readonly #tables: SlotTables;
  /** Removes the entry that `tables` points at, without making its table smaller. */
  readonly #expire: () => void;
  /** Removes up to so many of the expired fields of the hash that `tables` points at, at least one, and says how many. */
  readonly #expireFields: (max: number) => number;
  #slot = 0;
  #cell = 0;
  #removed = 0;
  #visited = 0;
  /** Of the walk that is under way: first expiry of the entries that stay, and how many stay by the log2 of their time. */
  #earliestMs = Infinity;
  #staying = 0;
  readonly #ages = new Int32Array(ageCount);

  constructor(arena: Arena, tables: SlotTables, expire: () => void, expireFields: (max: number) => number) {
    this.#arena = arena;
    this.#tables = tables;
    this.#expire = expire;
    this.#expireFields = expireFields;
  }

  run(nowMs: number, budget: ExpireBudget): ExpireResult {
    const tables = this.#tables;
    if (this.#expiringCount === 0) return nothingDue;
    this.#removed = 0;
    this.#visited = 0;
    // The slot that was begun in the middle comes round once more.
    for (let slots = 0; slots <= slotCount; slots++) {
      if (tables.expiries.lookAtOf(this.#slot) < nowMs && !this.#walkSlot(nowMs, budget)) return this.#result(false);
      this.#slot = (this.#slot + 1) % slotCount;
      this.#cell = 0;
      this.#visited += idleSlotCells;
      if (this.#expiringCount === 0) break;
    }
    return this.#result(true);
  }

  #result(isDone: boolean): ExpireResult {
    return { removed: this.#removed, visited: Math.ceil(this.#visited), isDone };
  }

  /** False when the budget is used up. */
  #walkSlot(nowMs: number, budget: ExpireBudget): boolean {
    const tables = this.#tables;
    const slot = this.#slot;
    // A table that has been made smaller since the last piece ends earlier.
    const cells = tables.cellsOf(slot);
    const isWhole = cells <= wholeTableCellsMax;
    let cell = Math.min(this.#cell, cells);
    if (cell === 0) this.#begin();
    if (cell === 0 && isWhole && this.#expiringCount > cachedCountMax) tables.prefetchExpiring(slot);
    while (cell < cells) {
      const isCellBudgetUsed = this.#visited >= budget.cellsMax && (cell === 0 || !isWhole);
      if (isCellBudgetUsed || this.#removed >= budget.keysMax) {
        this.#cell = cell;
        tables.shrink(slot);
        return false;
      }
      this.#visited++;
      const keysLeft = budget.keysMax - this.#removed;
      if ((tables.hashAt(slot, cell) & 1) === 0 || !this.#visit(slot, cell, nowMs, keysLeft)) cell++;
      // Else the gap may have been filled from behind, so the cell is looked at once more.
    }
    const effort = budget.effort ?? 1;
    const notBeforeMs = nowMs + (this.#expiringCount * gapMsPerKey) / effort;
    const lookAtMs = Math.max(this.#earliestMs, notBeforeMs);
    // Entries that moved between the pieces of a walk may have been missed.
    const soonMs = this.#cell > 0 ? notBeforeMs : Infinity;
    if (tables.expiries.isIn(slot)) {
      tables.expiries.setLookAt(slot, Math.min(lookAtMs, this.#staleAtMs(nowMs, effort), soonMs), notBeforeMs);
    }
    tables.shrink(slot);
    return true;
  }

  get #expiringCount(): number {
    const { count, partlyCount } = this.#tables.expiries;
    return count + partlyCount * keysPerHash;
  }

  #begin(): void {
    this.#earliestMs = Infinity;
    this.#staying = 0;
    this.#ages.fill(0);
  }

  /** Looks at an entry that expires, or whose fields do. True when something was removed. */
  #visit(slot: number, cell: number, nowMs: number, keysLeft: number): boolean {
    const tables = this.#tables;
    const e = tables.entryAt(slot, cell);
    const keyAtMs = expiryOf(this.#arena, e);
    const fieldAtMs = soonestFieldTime(this.#arena, e);
    const atMs = Math.min(keyAtMs, fieldAtMs);
    if (atMs < nowMs) {
      tables.slot = slot;
      tables.cell = cell;
      if (keyAtMs < nowMs) {
        this.#expire();
        this.#removed++;
      } else this.#removed += this.#expireFields(keysLeft);
      return true;
    }
    if (atMs < this.#earliestMs) this.#earliestMs = atMs;
    this.#staying++;
    this.#ages[ageCount - 1 - Math.clz32(Math.min(atMs - nowMs, 2 ** 31) | 1)]++;
    return false;
  }

  /** When so many entries of the walked slot will have expired that it should be walked again; Infinity for a few. */
  #staleAtMs(nowMs: number, effort: number): number {
    let tolerated = Math.floor(this.#staying * (staleRatio - effort / 100));
    if (tolerated === 0) return Infinity;
    let age = 0;
    while (age < ageCount && this.#ages[age] <= tolerated) tolerated -= this.#ages[age++];
    // Evenly spread between one power of two and the next.
    return nowMs + 2 ** age * (1 + tolerated / this.#ages[age]);
  }
}
