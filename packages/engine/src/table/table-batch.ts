import type { Arena, BlockRef } from '../arena.ts';
import { homeOf } from '../cells.ts';
import {
  cellsWord,
  depthWord,
  directoryWord,
  entryIndexOf,
  entryShift,
  segmentDepthWord,
  wordOf,
  wordsOf,
} from './layout.ts';
import { recordsHaveOneKey } from './record.ts';
import type { TableCursor } from './table.ts';

/*
 * Many records of one table at a time, with their hashes: all tables of an arena have one hash key, so what is known from one
 * table need not be worked out again (21 ns) to look a key up in another.
 */

/**
 * The next records of a walk over a table that does not change meanwhile, as many as there is room for, and the hash of each.
 * Returns their number; 0 at the end.
 */
export function nextRecords(
  arena: Arena,
  root: BlockRef,
  cursor: TableCursor,
  records: Uint32Array,
  hashes: Uint32Array,
): number {
  const depth = wordsOf(arena, root)[wordOf(arena, root) + depthWord];
  const directory = wordsOf(arena, root)[wordOf(arena, root) + directoryWord];
  const entries = wordsOf(arena, directory);
  const max = records.length;
  let count = 0;
  while (cursor.entry < 1 << depth) {
    const entryAt = wordOf(arena, directory) + (cursor.entry << entryShift);
    const cells = entries[entryAt + cellsWord];
    const segmentDepth = entries[entryAt + segmentDepthWord];
    const words = wordsOf(arena, entries[entryAt]);
    const base = wordOf(arena, entries[entryAt]);
    // What all hashes of the segment begin with. `<< 32` would be `<< 0`, so in two steps.
    const prefix = ((cursor.entry >>> (depth - segmentDepth)) << 1) << (31 - segmentDepth);
    let cell = cursor.cell;
    for (; cell < cells && count < max; cell++) {
      const record = words[base + (cell << 1) + 1];
      if (record === 0) continue;
      records[count] = record;
      hashes[count++] = prefix | (words[base + (cell << 1)] >>> segmentDepth);
    }
    cursor.cell = cell;
    if (cell < cells) return count;
    cursor.entry += 1 << (depth - segmentDepth);
    cursor.cell = 0;
  }
  return count;
}

/**
 * Keeps of `records[0, count)`, with their hashes, those whose key another table has (`isIn`) or has not. Returns how many are
 * left. A record is read only where a cell has its hash.
 */
export function keepRecords(
  arena: Arena,
  root: BlockRef,
  keyAt: number,
  records: Uint32Array,
  hashes: Uint32Array,
  count: number,
  isIn: boolean,
): number {
  const depth = wordsOf(arena, root)[wordOf(arena, root) + depthWord];
  const directory = wordsOf(arena, root)[wordOf(arena, root) + directoryWord];
  const entries = wordsOf(arena, directory);
  const directoryAt = wordOf(arena, directory);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const hash = hashes[i];
    const entryAt = directoryAt + (entryIndexOf(hash, depth) << entryShift);
    const segment = entries[entryAt];
    const cells = entries[entryAt + cellsWord];
    const words = arena.segments[segment >>> arena.refShift].u32;
    const base = (segment & arena.refMask) << 1;
    const wanted = (hash << entries[entryAt + segmentDepthWord]) >>> 0;
    let isFound = false;
    for (let cell = homeOf(wanted, cells); ;) {
      const found = words[base + (cell << 1) + 1];
      if (found === 0) break;
      if (words[base + (cell << 1)] === wanted && recordsHaveOneKey(arena, found, records[i], keyAt)) {
        isFound = true;
        break;
      }
      if (++cell === cells) cell = 0;
    }
    if (isFound !== isIn) continue;
    hashes[kept] = hash;
    records[kept++] = records[i];
  }
  return kept;
}
