import { firstHashOf, homeOf } from './cells.ts';
import type { EntryRef } from './entry.ts';
import { slotCount } from './slot-groups.ts';
import type { SlotTables } from './slot-tables.ts';

/** Cells that are looked at for each entry asked for before a call gives up: as many as Redis looks at. */
const cellsPerEntry = 10;

/*
 * A cursor is slot * 2^32 + hash: every entry of an earlier slot, and every entry of this slot with a lower hash, has been
 * visited. That says nothing about the size of a table, so growing and shrinking between two calls changes nothing: an
 * entry that is there from the first call to the last is visited exactly once.
 */
const cursorShift = 2 ** 32;

/**
 * Visits about `count` entries from `cursor` on and returns the next cursor, 0 at the end. Entries whose home is one cell
 * are visited together. `visit` may not change anything. Any cursor is accepted.
 */
export function scanTables(tables: SlotTables, cursor: number, count: number, visit: (e: EntryRef) => void): number {
  let slot = Math.floor(cursor / cursorShift);
  let hash = cursor % cursorShift;
  let entriesLeft = count;
  let cellsLeft = count * cellsPerEntry;
  if (!(slot >= 0 && slot < slotCount)) return 0;
  for (;;) {
    const occupied = tables.nextOccupied(slot);
    if (occupied === slotCount) return 0;
    if (occupied !== slot) hash = 0;
    slot = occupied;
    const cells = tables.cellsOf(slot);
    for (let home = homeOf(hash | 0, cells); home < cells; home++) {
      if (entriesLeft <= 0 || cellsLeft <= 0) return slot * cursorShift + Math.max(hash, firstHashOf(home, cells));
      cellsLeft--;
      entriesLeft -= visitHome(tables, slot, home, cells, hash, visit);
    }
    slot++;
    hash = 0;
    cellsLeft--;
    if (slot === slotCount) return 0;
  }
}

/** Visits the entries whose home is this cell and whose hash is at least `hash`. Returns their number. */
function visitHome(
  tables: SlotTables,
  slot: number,
  home: number,
  cells: number,
  hash: number,
  visit: (e: EntryRef) => void,
): number {
  let visited = 0;
  let cell = home;
  for (let e = tables.entryAt(slot, cell); e !== 0; e = tables.entryAt(slot, cell)) {
    const cellHash = tables.hashAt(slot, cell);
    if (homeOf(cellHash, cells) === home && (cellHash & ~1) >>> 0 >= hash) {
      visit(e);
      visited++;
    }
    if (++cell === cells) cell = 0;
  }
  return visited;
}
