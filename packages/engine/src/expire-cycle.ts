import type { Arena } from './arena.ts';
import { expiryOf } from './entry.ts';
import { slotCount, type SlotTables } from './slot-tables.ts';

export interface ExpireBudget {
  /** Keys removed at most. */
  readonly keysMax: number;
  /** Cells looked at, at most; a table of up to 4096 cells is always finished. */
  readonly cellsMax: number;
}

export interface ExpireResult {
  readonly removed: number;
  /** Cells looked at. */
  readonly visited: number;
  /** Nothing more is due now. */
  readonly isDone: boolean;
}

const wholeTableCellsMax = 4096;
/** A table that is walked in pieces changes meanwhile, so it is looked at again soon. */
const pieceRevisitMs = 1000;
/** What a slot costs that has nothing due. */
const idleSlotCells = 1 / 16;

const nothingDue: ExpireResult = { removed: 0, visited: 0, isDone: true };

/**
 * Finds entries whose time has come. Slots with nothing due are passed by with one comparison, entries that do not expire
 * with a look at their cell. A run stops when its budget is used up, and the next one goes on from there.
 */
export class ExpireCycle {
  readonly #arena: Arena;
  readonly #tables: SlotTables;
  /** Removes the entry that `tables` points at, without making its table smaller. */
  readonly #expire: () => void;
  #slot = 0;
  #cell = 0;
  #earliestMs = Infinity;
  #removed = 0;
  #visited = 0;

  constructor(arena: Arena, tables: SlotTables, expire: () => void) {
    this.#arena = arena;
    this.#tables = tables;
    this.#expire = expire;
  }

  run(nowMs: number, budget: ExpireBudget): ExpireResult {
    const tables = this.#tables;
    if (tables.expiringCount === 0) return nothingDue;
    this.#removed = 0;
    this.#visited = 0;
    // The slot that was begun in the middle comes round once more.
    for (let slots = 0; slots <= slotCount; slots++) {
      if (tables.nextExpiryOf(this.#slot) < nowMs && !this.#walkSlot(nowMs, budget)) return this.#result(false);
      this.#slot = (this.#slot + 1) % slotCount;
      this.#cell = 0;
      this.#visited += idleSlotCells;
      if (tables.expiringCount === 0) break;
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
    const cells = tables.cellsOf(slot);
    const isWhole = cells <= wholeTableCellsMax;
    let cell = Math.min(this.#cell, cells);
    if (cell === 0) this.#earliestMs = Infinity;
    const isFromStart = cell === 0;
    let earliestMs = this.#earliestMs;
    while (cell < cells) {
      if (this.#removed >= budget.keysMax || (this.#visited >= budget.cellsMax && !(isWhole && cell > 0))) {
        this.#cell = cell;
        this.#earliestMs = earliestMs;
        tables.shrink(slot);
        return false;
      }
      this.#visited++;
      if ((tables.hashAt(slot, cell) & 1) === 0) {
        cell++;
        continue;
      }
      const atMs = expiryOf(this.#arena, tables.entryAt(slot, cell));
      if (atMs < nowMs) {
        tables.slot = slot;
        tables.cell = cell;
        this.#expire();
        this.#removed++;
        // The gap may have been filled from behind, so the cell is looked at once more.
      } else {
        if (atMs < earliestMs) earliestMs = atMs;
        cell++;
      }
    }
    tables.setNextExpiry(slot, isFromStart ? earliestMs : Math.min(earliestMs, nowMs + pieceRevisitMs));
    tables.shrink(slot);
    return true;
  }
}
