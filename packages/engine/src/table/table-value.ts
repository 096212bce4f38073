import type { Arena, BlockRef } from '../arena.ts';
import { copyBlock } from '../copy-block.ts';
import { FreeBudget } from '../free-budget.ts';
import {
  cellsWord,
  deepestWord,
  depthWord,
  directoryWord,
  entryShift,
  innerDirectoryUnits,
  segmentDepthWord,
  wordOf,
  wordsOf,
} from './layout.ts';
import { allocCells } from './segments.ts';

/** Records that are weighed for an estimate of all. */
const sampleMax = 64;

/** In the word of the depth: the table is being freed, and the word of the deepest segments holds the next entry. */
const freeingBit = 2 ** 31;

/**
 * Frees records and cells, as far as the budget goes; true when the table is gone. A segment that is being freed has as many
 * cells as are left.
 */
export function freeTable(arena: Arena, root: BlockRef, budget: FreeBudget): boolean {
  const rootWords = wordsOf(arena, root);
  const rootAt = wordOf(arena, root);
  if (rootWords[rootAt + depthWord] < freeingBit) {
    rootWords[rootAt + depthWord] += freeingBit;
    rootWords[rootAt + deepestWord] = 0;
  }
  const depth = rootWords[rootAt + depthWord] - freeingBit;
  const directory = rootWords[rootAt + directoryWord];
  const entries = wordsOf(arena, directory);
  const base = wordOf(arena, directory);
  let entry = rootWords[rootAt + deepestWord];
  while (entry < 2 ** depth) {
    const entryAt = base + (entry << entryShift);
    const segment = entries[entryAt];
    // Of a copy that was not finished some are 0.
    if (segment !== 0) {
      let cells = entries[entryAt + cellsWord];
      const words = wordsOf(arena, segment);
      const cellsAt = wordOf(arena, segment);
      for (; cells > 0 && budget.units > 0; cells--) {
        const record = words[cellsAt + (cells << 1) - 1];
        budget.units -= record === 0 ? 0.125 : 1;
        if (record !== 0) arena.free(record);
      }
      entries[entryAt + cellsWord] = cells;
      if (cells > 0) return false;
      arena.free(segment);
      budget.units--;
    }
    entry += 2 ** (depth - entries[entryAt + segmentDepthWord]);
    rootWords[rootAt + deepestWord] = entry;
  }
  if (depth > 0) arena.free(directory);
  arena.free(root);
  budget.units -= depth > 0 ? 2 : 1;
  return true;
}

/** A deep copy; 0 when there is no memory: then nothing has been allocated. */
export function copyTable(arena: Arena, root: BlockRef): BlockRef {
  const copy = copyBlock(arena, root);
  if (copy === 0) return 0;
  const rootWords = wordsOf(arena, root);
  const rootAt = wordOf(arena, root);
  const depth = rootWords[rootAt + depthWord];
  const directory = rootWords[rootAt + directoryWord];
  const copyDirectory = depth === 0 ? copy + innerDirectoryUnits : copyBlock(arena, directory);
  if (copyDirectory === 0) {
    arena.free(copy);
    return 0;
  }
  wordsOf(arena, copy)[wordOf(arena, copy) + directoryWord] = copyDirectory;
  const from = wordsOf(arena, directory);
  const to = wordsOf(arena, copyDirectory);
  const fromAt = wordOf(arena, directory);
  const toAt = wordOf(arena, copyDirectory);
  for (let entry = 0; entry < 2 ** depth; entry++) to[toAt + (entry << entryShift)] = 0;
  for (let entry = 0; entry < 2 ** depth;) {
    const at = entry << entryShift;
    const span = 2 ** (depth - from[fromAt + at + segmentDepthWord]);
    const segment = allocCells(arena, from[fromAt + at + cellsWord]);
    const isCopied = segment !== 0 && copyRecords(arena, from[fromAt + at], segment, from[fromAt + at + cellsWord]);
    for (let i = 0; i < span; i++) to[toAt + at + (i << entryShift)] = segment;
    if (!isCopied) {
      freeTable(arena, copy, new FreeBudget(Infinity));
      return 0;
    }
    entry += span;
  }
  return copy;
}

/** Bytes of all blocks; those of the records from a sample. */
export function tableBytes(arena: Arena, root: BlockRef): number {
  const rootWords = wordsOf(arena, root);
  const rootAt = wordOf(arena, root);
  const depth = rootWords[rootAt + depthWord];
  const directory = rootWords[rootAt + directoryWord];
  const entries = wordsOf(arena, directory);
  let bytes = arena.blockBytes(root) + (depth === 0 ? 0 : arena.blockBytes(directory));
  let sampled = 0;
  let sampledBytes = 0;
  for (let entry = 0; entry < 2 ** depth;) {
    const entryAt = wordOf(arena, directory) + (entry << entryShift);
    const segment = entries[entryAt];
    bytes += arena.blockBytes(segment);
    const words = wordsOf(arena, segment);
    const cells = entries[entryAt + cellsWord];
    for (let cell = 0; cell < cells && sampled < sampleMax; cell++) {
      const record = words[wordOf(arena, segment) + (cell << 1) + 1];
      if (record === 0) continue;
      sampled++;
      sampledBytes += arena.blockBytes(record);
    }
    entry += 2 ** (depth - entries[entryAt + segmentDepthWord]);
  }
  return sampled === 0 ? bytes : bytes + Math.round((sampledBytes / sampled) * rootWords[rootAt]);
}

/** Copies of all records into cells of the same number. False: no memory; what has been copied is in its cell. */
function copyRecords(arena: Arena, from: BlockRef, to: BlockRef, cells: number): boolean {
  const fromWords = wordsOf(arena, from);
  const toWords = wordsOf(arena, to);
  const fromAt = wordOf(arena, from);
  const toAt = wordOf(arena, to);
  for (let i = 0; i < cells * 2; i += 2) {
    const record = fromWords[fromAt + i + 1];
    if (record === 0) continue;
    const copy = copyBlock(arena, record);
    if (copy === 0) return false;
    toWords[toAt + i] = fromWords[fromAt + i];
    toWords[toAt + i + 1] = copy;
  }
  return true;
}
