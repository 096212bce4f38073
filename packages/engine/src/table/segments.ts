import type { Arena, BlockRef } from '../arena.ts';
import { homeOf, rehash } from '../cells.ts';
import { blockBytesOf } from '../size-classes.ts';
import { doubleDirectory, halveDirectory } from './directory.ts';
import {
  cellsMax,
  cellsMin,
  cellsWord,
  deepestWord,
  depthWord,
  directoryWord,
  entryShift,
  firstEntryOf,
  recordsWord,
  segmentDepthWord,
  wordOf,
  wordsOf,
} from './layout.ts';

/*
 * What happens to single segments. `entry` is any entry of the directory that the segment stands in. False: no memory, nothing
 * has changed.
 */

/** Cells for so many records: filled to five eighths. */
function cellsFor(records: number): number {
  return Math.min(cellsMax, Math.max(cellsMin, Math.ceil(records * 1.6)));
}

/** Cells that a block for this many has room for. */
function cellsOf(cellsWanted: number): number {
  return blockBytesOf(cellsWanted * 8) >>> 3;
}

/** A block of empty cells; 0: no memory. */
export function allocCells(arena: Arena, cellsWanted: number): BlockRef {
  const segment = arena.alloc(cellsWanted * 8);
  if (segment === 0) return 0;
  const base = wordOf(arena, segment);
  wordsOf(arena, segment).fill(0, base, base + cellsOf(cellsWanted) * 2);
  return segment;
}

/** Puts an empty segment of at least `cellsWanted` cells into the directory's entry at word `entryAt`. */
export function createCells(arena: Arena, entries: Uint32Array, entryAt: number, cellsWanted: number): boolean {
  const segment = allocCells(arena, cellsWanted);
  if (segment === 0) return false;
  entries[entryAt] = segment;
  entries[entryAt + cellsWord] = cellsOf(cellsWanted);
  return true;
}

/** Moves a segment's records into one of at least `cellsWanted` cells. */
export function resizeSegment(arena: Arena, root: BlockRef, entry: number, cellsWanted: number): boolean {
  const directory = wordsOf(arena, root)[wordOf(arena, root) + directoryWord];
  const depth = wordsOf(arena, root)[wordOf(arena, root) + depthWord];
  const entries = wordsOf(arena, directory);
  const base = wordOf(arena, directory);
  const segmentDepth = entries[base + (entry << entryShift) + segmentDepthWord];
  const entryAt = base + (firstEntryOf(entry, depth, segmentDepth) << entryShift);
  const old = entries[entryAt];
  const oldCells = entries[entryAt + cellsWord];
  const segment = allocCells(arena, cellsWanted);
  if (segment === 0) return false;
  const cells = cellsOf(cellsWanted);
  rehash(wordsOf(arena, old), wordOf(arena, old), oldCells, wordsOf(arena, segment), wordOf(arena, segment), cells);
  arena.free(old);
  putSegment(entries, entryAt, 2 ** (depth - segmentDepth), segment, cells, segmentDepth);
  return true;
}

/** Two segments in the place of a full one, each with half of its hashes. */
export function splitSegment(arena: Arena, root: BlockRef, entry: number): boolean {
  const rootWords = wordsOf(arena, root);
  const rootAt = wordOf(arena, root);
  const oldDepth = rootWords[rootAt + depthWord];
  const oldDirectory = rootWords[rootAt + directoryWord];
  const oldEntries = wordsOf(arena, oldDirectory);
  const segmentDepth = oldEntries[wordOf(arena, oldDirectory) + (entry << entryShift) + segmentDepthWord];
  const oldFirst = firstEntryOf(entry, oldDepth, segmentDepth);
  const oldAt = wordOf(arena, oldDirectory) + (oldFirst << entryShift);
  const old = oldEntries[oldAt];
  const records = oldEntries[oldAt + recordsWord];
  const upper = countUpper(wordsOf(arena, old), wordOf(arena, old), oldEntries[oldAt + cellsWord]);
  const cells = [cellsFor(records - upper), cellsFor(upper)];
  const lowerSegment = allocCells(arena, cells[0]);
  const upperSegment = lowerSegment === 0 ? 0 : allocCells(arena, cells[1]);
  const isDoubled = upperSegment !== 0 && segmentDepth === oldDepth;
  if (upperSegment === 0 || (isDoubled && !doubleDirectory(arena, root))) {
    if (lowerSegment !== 0) arena.free(lowerSegment);
    if (upperSegment !== 0) arena.free(upperSegment);
    return false;
  }
  const depth = rootWords[rootAt + depthWord];
  const directory = rootWords[rootAt + directoryWord];
  const entries = wordsOf(arena, directory);
  const entryAt = wordOf(arena, directory) + ((isDoubled ? oldFirst * 2 : oldFirst) << entryShift);
  const words = wordsOf(arena, old);
  const end = wordOf(arena, old) + entries[entryAt + cellsWord] * 2;
  for (let at = wordOf(arena, old); at < end; at += 2) {
    const record = words[at + 1];
    if (record === 0) continue;
    const isUpper = words[at] >= 2 ** 31;
    insert(arena, isUpper ? upperSegment : lowerSegment, cellsOf(cells[isUpper ? 1 : 0]), words[at] << 1, record);
  }
  arena.free(old);
  const span = 2 ** (depth - segmentDepth - 1);
  const upperAt = entryAt + (span << entryShift);
  putSegment(entries, entryAt, span, lowerSegment, cellsOf(cells[0]), segmentDepth + 1);
  putSegment(entries, upperAt, span, upperSegment, cellsOf(cells[1]), segmentDepth + 1);
  entries[entryAt + recordsWord] = records - upper;
  entries[upperAt + recordsWord] = upper;
  if (segmentDepth + 1 === depth) rootWords[rootAt + deepestWord] += 2;
  return true;
}

/** One segment in the place of two neighbours that together have at most `recordsMax` records. `first`: its first entry. */
export function mergeSegments(arena: Arena, root: BlockRef, first: number, recordsMax: number): boolean {
  const rootWords = wordsOf(arena, root);
  const rootAt = wordOf(arena, root);
  const depth = rootWords[rootAt + depthWord];
  const directory = rootWords[rootAt + directoryWord];
  const entries = wordsOf(arena, directory);
  const base = wordOf(arena, directory);
  const segmentDepth = entries[base + (first << entryShift) + segmentDepthWord];
  const span = 2 ** (depth - segmentDepth);
  const lowerAt = base + ((first & ~span) << entryShift);
  const upperAt = base + ((first | span) << entryShift);
  if (entries[lowerAt + segmentDepthWord] !== entries[upperAt + segmentDepthWord]) return false;
  const records = entries[lowerAt + recordsWord] + entries[upperAt + recordsWord];
  if (records > recordsMax) return false;
  const wanted = cellsFor(records);
  const merged = allocCells(arena, wanted);
  if (merged === 0) return false;
  const cells = cellsOf(wanted);
  for (const at of [lowerAt, upperAt]) {
    const segment = entries[at];
    const words = wordsOf(arena, segment);
    const end = wordOf(arena, segment) + entries[at + cellsWord] * 2;
    const topBit = at === upperAt ? 2 ** 31 : 0;
    for (let i = wordOf(arena, segment); i < end; i += 2) {
      if (words[i + 1] !== 0) insert(arena, merged, cells, (words[i] >>> 1) + topBit, words[i + 1]);
    }
    arena.free(segment);
  }
  putSegment(entries, lowerAt, span * 2, merged, cells, segmentDepth - 1);
  entries[lowerAt + recordsWord] = records;
  if (segmentDepth === depth) rootWords[rootAt + deepestWord] -= 2;
  while (rootWords[rootAt + depthWord] > 0 && rootWords[rootAt + deepestWord] === 0) {
    if (!halveDirectory(arena, root)) break;
  }
  return true;
}

/** Records whose next bit is set. */
function countUpper(words: Uint32Array, base: number, cells: number): number {
  let count = 0;
  for (let at = base; at < base + cells * 2; at += 2) if (words[at + 1] !== 0 && words[at] >= 2 ** 31) count++;
  return count;
}

function insert(arena: Arena, segment: BlockRef, cells: number, hash: number, record: BlockRef): void {
  const words = wordsOf(arena, segment);
  const base = wordOf(arena, segment);
  let cell = homeOf(hash, cells);
  while (words[base + (cell << 1) + 1] !== 0) if (++cell === cells) cell = 0;
  words[base + (cell << 1)] = hash;
  words[base + (cell << 1) + 1] = record;
}

function putSegment(
  entries: Uint32Array,
  entryAt: number,
  span: number,
  segment: BlockRef,
  cells: number,
  depth: number,
): void {
  for (let i = 0; i < span; i++) {
    const at = entryAt + (i << entryShift);
    entries[at] = segment;
    entries[at + cellsWord] = cells;
    entries[at + segmentDepthWord] = depth;
  }
}
