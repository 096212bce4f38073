import { assert, type ByteBuffer, type Random } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { closeGap, homeOf } from '../cells.ts';
import { halfSipHash13 } from '../hash.ts';
import {
  cellsMax,
  cellsMin,
  cellsWord,
  deepestWord,
  depthWord,
  directoryWord,
  entryIndexOf,
  entryShift,
  firstEntryOf,
  innerDirectoryUnits,
  innerDirectoryWord,
  recordsWord,
  rootBytes,
  segmentDepthWord,
  wordOf,
  wordsOf,
} from './layout.ts';
import { recordHasKey } from './record.ts';
import { createCells, mergeSegments, resizeSegment, splitSegment } from './segments.ts';
import { scanRecords } from './table-scan.ts';

export { copyTable, freeTable, tableBytes } from './table-value.ts';

/** Records of a segment and its neighbour that become one segment: half of what a segment holds before it is split. */
const mergedRecordsMax = cellsMax * 0.4;

/** Where a walk over a table stands; see `Table.next`. */
export class TableCursor {
  entry = 0;
  cell = 0;

  /** Back to the first record. */
  reset(): void {
    this.entry = 0;
    this.cell = 0;
  }
}

/**
 * Hash tables of records, in blocks of an arena: extendible hashing over segments with linear probing (see `layout.ts`).
 *
 * A segment is grown, shrunk, split or joined with its neighbour alone, so no operation touches more than 16 KiB of cells; only
 * the directory (16 bytes for 1200 records) is copied as a whole when it doubles. The root stays where it is while the table
 * lives. Records belong to the caller until `add` took them, and again after `remove` or `replace`.
 *
 * One object serves all tables of a kind: those whose keys begin at byte `keyAt` of the record.
 *
 * Invariants: a segment is at most 80% full while there is memory; no empty cell stands between a record's home and its cell.
 */
export class Table {
  readonly #arena: Arena;
  readonly #keyAt: number;
  readonly #hashKey0: number;
  readonly #hashKey1: number;
  /** The place that the last `find` or `random` ended at: hash, entry of the directory, cell. */
  #hash = 0;
  #entry = 0;
  #cell = 0;

  constructor(arena: Arena, keyAt: number) {
    const key = arena.memberHashKey;
    assert(key !== undefined, 'a table before the first keyspace of its arena');
    this.#arena = arena;
    this.#keyAt = keyAt;
    this.#hashKey0 = key[0];
    this.#hashKey1 = key[1];
  }

  /** Root of an empty table, with room for so many records (as far as one segment has it); 0: no memory. */
  create(records = 0): BlockRef {
    const arena = this.#arena;
    const root = arena.alloc(rootBytes);
    if (root === 0) return 0;
    const words = wordsOf(arena, root);
    const at = wordOf(arena, root);
    words.fill(0, at, at + rootBytes / 4);
    words[at + directoryWord] = root + innerDirectoryUnits;
    words[at + deepestWord] = 1;
    const wanted = Math.min(cellsMax, Math.max(cellsMin, Math.ceil(records * 1.25)));
    if (createCells(arena, words, at + innerDirectoryWord, wanted)) return root;
    arena.free(root);
    return 0;
  }

  /** Records of the table. */
  count(root: BlockRef): number {
    return wordsOf(this.#arena, root)[wordOf(this.#arena, root)];
  }

  /** The record with this key, or 0. Remembers the place: for `add` when there was none, for `replace` and `remove` else. */
  find(root: BlockRef, key: ByteBuffer, start: number, end: number): BlockRef {
    const hash = halfSipHash13(key, start, end, this.#hashKey0, this.#hashKey1);
    const arena = this.#arena;
    const rootWords = arena.segments[root >>> arena.refShift].u32;
    const at = (root & arena.refMask) << 1;
    const directory = rootWords[at + directoryWord];
    const entries = arena.segments[directory >>> arena.refShift].u32;
    const entry = entryIndexOf(hash, rootWords[at + depthWord]);
    const entryAt = ((directory & arena.refMask) << 1) + (entry << entryShift);
    const segment = entries[entryAt];
    const cells = entries[entryAt + cellsWord];
    const words = arena.segments[segment >>> arena.refShift].u32;
    const base = (segment & arena.refMask) << 1;
    const wanted = (hash << entries[entryAt + segmentDepthWord]) >>> 0;
    this.#hash = hash;
    this.#entry = entry;
    let cell = homeOf(wanted, cells);
    for (;;) {
      const record = words[base + (cell << 1) + 1];
      if (record === 0) {
        this.#cell = cell;
        return 0;
      }
      if (words[base + (cell << 1)] === wanted && recordHasKey(arena, record, this.#keyAt, key, start, end)) {
        this.#cell = cell;
        return record;
      }
      if (++cell === cells) cell = 0;
    }
  }

  /** Makes the next `add` one of a key that is not there, whose hash is known from another table. */
  aim(root: BlockRef, hash: number): void {
    const arena = this.#arena;
    this.#hash = hash;
    this.#entry = entryIndexOf(hash, wordsOf(arena, root)[wordOf(arena, root) + depthWord]);
    this.#cell = -1;
  }

  /** Adds a record whose key the last `find` did not find. False: no memory, nothing has changed. */
  add(root: BlockRef, record: BlockRef): boolean {
    const arena = this.#arena;
    const rootWords = wordsOf(arena, root);
    const rootAt = wordOf(arena, root);
    const hash = this.#hash;
    let entry = this.#entry;
    let cell = this.#cell;
    for (;;) {
      const directory = rootWords[rootAt + directoryWord];
      const entries = wordsOf(arena, directory);
      const base = wordOf(arena, directory);
      const entryAt = base + (entry << entryShift);
      const cells = entries[entryAt + cellsWord];
      const segmentDepth = entries[entryAt + segmentDepthWord];
      const countAt = base + (firstEntryOf(entry, rootWords[rootAt + depthWord], segmentDepth) << entryShift);
      const records = entries[countAt + recordsWord];
      const isFull = (records + 1) * 5 > cells * 4;
      if (isFull && this.#makeRoom(root, entry, cells)) {
        entry = entryIndexOf(hash, rootWords[rootAt + depthWord]);
        cell = -1;
        continue;
      }
      // Without memory: slower than it should be, but a segment with one empty cell still works.
      if (isFull && records + 2 > cells) return false;
      const segment = entries[entryAt];
      const words = wordsOf(arena, segment);
      const cellsAt = wordOf(arena, segment);
      const stored = (hash << segmentDepth) >>> 0;
      if (cell < 0) {
        cell = homeOf(stored, cells);
        while (words[cellsAt + (cell << 1) + 1] !== 0) if (++cell === cells) cell = 0;
      }
      words[cellsAt + (cell << 1)] = stored;
      words[cellsAt + (cell << 1) + 1] = record;
      entries[countAt + recordsWord] = records + 1;
      rootWords[rootAt]++;
      this.#entry = entry;
      this.#cell = cell;
      if (arena.viewCount !== 0) arena.views.recordAdded(root, record);
      return true;
    }
  }

  /** Another record with the same key takes the place of the one that was found. The old one is the caller's to free. */
  replace(root: BlockRef, record: BlockRef): void {
    const arena = this.#arena;
    const segment = this.#entryWord(root, 0);
    const words = wordsOf(arena, segment);
    const at = wordOf(arena, segment) + (this.#cell << 1) + 1;
    if (arena.viewCount !== 0) arena.views.recordChanges(root, words[at]);
    words[at] = record;
  }

  /** Takes the record that was found out of the table, which may become smaller. The record is the caller's to free. */
  remove(root: BlockRef): void {
    const arena = this.#arena;
    const rootWords = wordsOf(arena, root);
    const rootAt = wordOf(arena, root);
    const segment = this.#entryWord(root, 0);
    const cells = this.#entryWord(root, cellsWord);
    const segmentDepth = this.#entryWord(root, segmentDepthWord);
    const words = wordsOf(arena, segment);
    const cellsAt = wordOf(arena, segment);
    if (arena.viewCount !== 0) arena.views.recordChanges(root, words[cellsAt + (this.#cell << 1) + 1]);
    closeGap(words, cellsAt, cells, this.#cell);
    rootWords[rootAt]--;
    const first = firstEntryOf(this.#entry, rootWords[rootAt + depthWord], segmentDepth);
    const directory = rootWords[rootAt + directoryWord];
    const records = --wordsOf(arena, directory)[wordOf(arena, directory) + (first << entryShift) + recordsWord];
    if (cells <= cellsMin || records * 3 >= cells) return;
    // What has no memory to become smaller stays as it is.
    if (segmentDepth === 0 || !mergeSegments(arena, root, first, mergedRecordsMax)) {
      resizeSegment(arena, root, first, Math.max(cellsMin, Math.ceil(records * 1.6)));
    }
  }

  /**
   * Visits about `count` records from `cursor` on and returns the next cursor, 0 at the end. A cursor is a hash: what is there
   * from the first call to the last is visited exactly once, however the table changes between the calls. `visit` may
   * not change the table. Any number is accepted as a cursor.
   */
  scan(root: BlockRef, cursor: number, count: number, visit: (record: BlockRef) => void): number {
    return scanRecords(this.#arena, root, cursor, count, visit);
  }

  /** The next record of a walk over a table that does not change meanwhile, in no order; 0 at the end. */
  next(root: BlockRef, cursor: TableCursor): BlockRef {
    const arena = this.#arena;
    const rootWords = wordsOf(arena, root);
    const rootAt = wordOf(arena, root);
    const depth = rootWords[rootAt + depthWord];
    const directory = rootWords[rootAt + directoryWord];
    const entries = wordsOf(arena, directory);
    while (cursor.entry < 1 << depth) {
      const entryAt = wordOf(arena, directory) + (cursor.entry << entryShift);
      const cells = entries[entryAt + cellsWord];
      const words = wordsOf(arena, entries[entryAt]);
      const base = wordOf(arena, entries[entryAt]);
      while (cursor.cell < cells) {
        const record = words[base + (cursor.cell++ << 1) + 1];
        if (record !== 0) return record;
      }
      cursor.entry += 1 << (depth - entries[entryAt + segmentDepthWord]);
      cursor.cell = 0;
    }
    return 0;
  }

  /** A record, each as likely as any other; there must be one. Remembers the place, for `remove` and `replace`. */
  random(root: BlockRef, random: Random): BlockRef {
    const arena = this.#arena;
    const rootWords = wordsOf(arena, root);
    const rootAt = wordOf(arena, root);
    const depth = rootWords[rootAt + depthWord];
    const directory = rootWords[rootAt + directoryWord];
    const entries = wordsOf(arena, directory);
    const base = wordOf(arena, directory);
    for (;;) {
      // Every entry of the directory and every one of `cellsMax` cells alike; of a segment that stands in several entries
      // only the first one counts, and cells that there are not, or that are empty, are tried again.
      const bits = random.uint32();
      const entry = entryIndexOf(bits, depth);
      const entryAt = base + (entry << entryShift);
      const cells = entries[entryAt + cellsWord];
      const cell = depth === 0 ? Math.floor((bits / 2 ** 32) * cells) : random.uint32() & (cellsMax - 1);
      if (cell >= cells || entry !== firstEntryOf(entry, depth, entries[entryAt + segmentDepthWord])) continue;
      const segment = entries[entryAt];
      const record = wordsOf(arena, segment)[wordOf(arena, segment) + (cell << 1) + 1];
      if (record === 0) continue;
      this.#entry = entry;
      this.#cell = cell;
      return record;
    }
  }

  /** Room in the segment of an entry, which is full: a larger or a split one. False: no memory. */
  #makeRoom(root: BlockRef, entry: number, cells: number): boolean {
    if (cells === cellsMax) return splitSegment(this.#arena, root, entry);
    const larger = cells < 64 ? Math.ceil(cells * 1.5) : Math.ceil(cells * 1.25);
    return resizeSegment(this.#arena, root, entry, Math.min(cellsMax, larger));
  }

  #entryWord(root: BlockRef, word: number): number {
    const arena = this.#arena;
    const directory = wordsOf(arena, root)[wordOf(arena, root) + directoryWord];
    return wordsOf(arena, directory)[wordOf(arena, directory) + (this.#entry << entryShift) + word];
  }
}
