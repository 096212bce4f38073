import type { Arena, BlockRef } from '../arena.ts';
import { firstHashOf, homeOf } from '../cells.ts';
import {
  cellsWord,
  depthWord,
  directoryWord,
  entryIndexOf,
  entryShift,
  firstEntryOf,
  segmentDepthWord,
  wordOf,
  wordsOf,
} from './layout.ts';

/** Cells that are looked at for each record asked for before a call gives up: as many as Redis looks at. */
const cellsPerRecord = 10;

/** See `Table.scan`. A cursor is a hash: all records with a lower one have been visited. */
export function scanRecords(
  arena: Arena,
  root: BlockRef,
  cursor: number,
  count: number,
  visit: (record: BlockRef) => void,
): number {
  const rootWords = wordsOf(arena, root);
  const rootAt = wordOf(arena, root);
  const depth = rootWords[rootAt + depthWord];
  const directory = rootWords[rootAt + directoryWord];
  const entries = wordsOf(arena, directory);
  let left = count;
  let cellsLeft = count * cellsPerRecord;
  let hash = Math.floor(cursor);
  while (hash >= 0 && hash < 2 ** 32) {
    const entry = entryIndexOf(hash, depth);
    const entryAt = wordOf(arena, directory) + (entry << entryShift);
    const segmentDepth = entries[entryAt + segmentDepthWord];
    const cells = entries[entryAt + cellsWord];
    const scale = 2 ** segmentDepth;
    const segmentHash = firstEntryOf(entry, depth, segmentDepth) * 2 ** (32 - depth);
    const from = (hash - segmentHash) * scale;
    for (let home = homeOf(from | 0, cells); home < cells; home++) {
      if (left <= 0 || cellsLeft <= 0) {
        return Math.max(hash, segmentHash + Math.ceil(firstHashOf(home, cells) / scale));
      }
      cellsLeft--;
      left -= visitHome(arena, entries[entryAt], home, cells, from, visit);
    }
    hash = segmentHash + 2 ** 32 / scale;
  }
  return 0;
}

/** Visits the records whose home is this cell and whose stored hash is at least `from`. Returns their number. */
function visitHome(
  arena: Arena,
  segment: BlockRef,
  home: number,
  cells: number,
  from: number,
  visit: (record: BlockRef) => void,
): number {
  const words = wordsOf(arena, segment);
  const base = wordOf(arena, segment);
  let visited = 0;
  let cell = home;
  for (let record = words[base + (cell << 1) + 1]; record !== 0; record = words[base + (cell << 1) + 1]) {
    const hash = words[base + (cell << 1)];
    if (hash >= from && homeOf(hash, cells) === home) {
      visit(record);
      visited++;
    }
    if (++cell === cells) cell = 0;
  }
  return visited;
}
