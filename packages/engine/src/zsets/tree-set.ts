import type { ByteBuffer } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { byteOf, bytesOf } from '../entry.ts';
import { Table } from '../table/table.ts';
import { OrderedIndex } from './ordered-index.ts';
import { createRecord, recordMemberAt, scoreOfRecord, setScoreOfRecord } from './record.ts';
import { rootBytes, RootWord, rootWord, setRootWord } from './tree-search.ts';

/** Members of a leaf, which are removed together. */
const runMax = 64;

/**
 * Sorted sets that are not small: a table of records, by member, and an ordered index over the same records. The root stays
 * where it is while the set lives.
 */
export class TreeSet {
  readonly table: Table;
  readonly index: OrderedIndex;
  readonly #arena: Arena;
  readonly #run = new Uint32Array(runMax);

  constructor(arena: Arena) {
    this.#arena = arena;
    this.table = new Table(arena, recordMemberAt);
    this.index = new OrderedIndex(arena);
  }

  /** The root of a set without members; it may take over the table of those to come. 0 when there is no memory. */
  create(madeTable: BlockRef = 0): BlockRef {
    const arena = this.#arena;
    const root = arena.alloc(rootBytes);
    if (root === 0) return 0;
    const table = madeTable === 0 ? this.table.create() : madeTable;
    setRootWord(arena, root, RootWord.table, table);
    setRootWord(arena, root, RootWord.tree, 0);
    setRootWord(arena, root, RootWord.height, 0);
    setRootWord(arena, root, RootWord.count, 0);
    if (table !== 0) return root;
    arena.free(root);
    return 0;
  }

  count(root: BlockRef): number {
    return rootWord(this.#arena, root, RootWord.count);
  }

  /** The record of a member; 0 when it is none. */
  find(root: BlockRef, member: ByteBuffer, start: number, end: number): BlockRef {
    return this.table.find(rootWord(this.#arena, root, RootWord.table), member, start, end);
  }

  /** Adds the member that `find` has not found just now. False: no memory, and nothing has changed. */
  add(root: BlockRef, member: ByteBuffer, start: number, end: number, score: number): boolean {
    const arena = this.#arena;
    const record = createRecord(arena, member, start, end, score);
    if (record === 0) return false;
    if (this.index.insert(root, score, record)) {
      if (this.table.add(rootWord(arena, root, RootWord.table), record)) {
        if (arena.viewCount !== 0) arena.views.scoreAdded(root, record);
        return true;
      }
      this.index.remove(root, score, record);
    }
    arena.free(record);
    return false;
  }

  /** Adds a member that comes after all others. False: no memory, and nothing has changed. */
  append(root: BlockRef, member: ByteBuffer, start: number, end: number, score: number): boolean {
    const record = createRecord(this.#arena, member, start, end, score);
    if (record === 0) return false;
    if (this.find(root, member, start, end) === 0 && this.appendRecord(root, record)) return true;
    this.#arena.free(record);
    return false;
  }

  /** The same for a record, which `find` has not found just now. False: it still belongs to the caller. */
  appendRecord(root: BlockRef, record: BlockRef): boolean {
    const arena = this.#arena;
    const score = scoreOfRecord(arena, record);
    if (!this.index.append(root, score, record)) return false;
    if (this.table.add(rootWord(arena, root, RootWord.table), record)) {
      if (arena.viewCount !== 0) arena.views.scoreAdded(root, record);
      return true;
    }
    this.index.remove(root, score, record);
    return false;
  }

  /** Another score, unequal to the one it has. False: no memory, and nothing has changed. */
  update(root: BlockRef, record: BlockRef, score: number): boolean {
    const arena = this.#arena;
    if (arena.viewCount !== 0) arena.views.scoreChanges(root, record, score);
    if (!this.index.update(root, scoreOfRecord(arena, record), score, record)) return false;
    setScoreOfRecord(arena, record, score);
    return true;
  }

  /** Removes the member that `find` has found just now. */
  remove(root: BlockRef, record: BlockRef): void {
    const arena = this.#arena;
    if (arena.viewCount !== 0) arena.views.scoreChanges(root, record, NaN);
    this.index.remove(root, scoreOfRecord(arena, record), record);
    this.table.remove(rootWord(arena, root, RootWord.table));
    arena.free(record);
  }

  removeRanks(root: BlockRef, from: number, to: number): void {
    const arena = this.#arena;
    const table = rootWord(arena, root, RootWord.table);
    const run = this.#run;
    for (let left = to - from; left > 0;) {
      const removed = this.index.removeRun(root, from, left, run);
      for (let i = 0; i < removed; i++) {
        const record = run[i];
        if (arena.viewCount !== 0) arena.views.scoreChanges(root, record, NaN);
        const buffer = bytesOf(arena, record);
        const start = byteOf(arena, record) + recordMemberAt;
        this.table.find(table, buffer, start, start + buffer.dv.getUint32(start - recordMemberAt, true));
        this.table.remove(table);
        arena.free(record);
      }
      left -= removed;
    }
  }
}
