import type { EntryRef } from '../entry.ts';
import { scanTables } from '../scan.ts';
import { slotCount } from '../slot-groups.ts';
import type { SlotTables } from '../slot-tables.ts';

/** A table of so many cells is gone over in one step; some 100 us. */
const wholeCellsMax = 512;
/** Entries of one step in a larger table. */
const stepEntries = 256;
/** A cursor of SCAN is slot * 2^32 + hash. */
const cursorShift = 2 ** 32;

/**
 * Goes over all entries of a keyspace, or of some of its slots, in steps between which anything may change: an entry that is
 * there from the first step to the last is visited, perhaps more than once.
 */
export class TableWalk {
  readonly #tables: SlotTables;
  readonly #slots: readonly number[] | undefined;
  /** Where it is: in `slots`, or else in all. */
  #index = 0;
  /** Entries of the slot with a lower hash have been visited. */
  #hash = 0;

  constructor(tables: SlotTables, slots?: readonly number[]) {
    this.#tables = tables;
    this.#slots = slots;
  }

  /** Visits some hundred entries; `visit` may not change the index. False: there were no more. */
  step(visit: (e: EntryRef) => void): boolean {
    const tables = this.#tables;
    const slot = this.#seek();
    if (slot === slotCount) return false;
    if (this.#hash === 0 && tables.cellsOf(slot) <= wholeCellsMax) {
      tables.visitSlot(slot, visit);
      this.#index++;
      return true;
    }
    const cursor = scanTables(tables, slot * cursorShift + this.#hash, stepEntries, visit);
    const isInSlot = Math.floor(cursor / cursorShift) === slot && cursor !== 0;
    this.#hash = isInSlot ? cursor % cursorShift : 0;
    if (!isInSlot) this.#index++;
    return true;
  }

  /** The next slot that has entries; `slotCount`: there is none. */
  #seek(): number {
    const tables = this.#tables;
    const slots = this.#slots;
    if (slots === undefined) {
      const slot = tables.nextOccupied(this.#index);
      if (slot !== this.#index) this.#hash = 0;
      this.#index = slot;
      return slot;
    }
    for (; this.#index < slots.length; this.#index++, this.#hash = 0) {
      if (tables.countOf(slots[this.#index]) > 0) return slots[this.#index];
    }
    return slotCount;
  }
}
