import type { ByteBuffer } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { readRecordKey } from '../table/record.ts';
import type { Table } from '../table/table.ts';
import { OrderedIndex } from '../zsets/ordered-index.ts';
import { rootBytes, RootWord, rootWord, setRootWord } from '../zsets/tree-search.ts';
import {
  createField,
  fieldAt,
  hasTimeRoom,
  overwriteValue,
  readValue,
  setTimeOfField,
  timeOfField,
} from './hash-record.ts';
import { Span } from '../span.ts';

/** Fields of a leaf, which are taken out together. */
const runMax = 64;

/**
 * Large hashes with times: a table of fields like that of any large hash, and a tree over (time, record) of those that expire:
 *
 *   root  [ root of the table | root node of the tree | height | fields that expire ]      that of a sorted set (tree-search.ts)
 *
 * So the field that expires next, and how many have, is known without a look at the others. Methods that act on a record want
 * it to be the one that `find` has found just now. False: no memory, and nothing has changed.
 */
export class TimedTable {
  readonly #arena: Arena;
  readonly #table: Table;
  readonly #index: OrderedIndex;
  readonly #run = new Uint32Array(runMax);
  readonly #field: Span;
  readonly #value: Span;

  constructor(arena: Arena, table: Table, noBytes: ByteBuffer) {
    this.#arena = arena;
    this.#table = table;
    this.#index = new OrderedIndex(arena, 'reference');
    this.#field = new Span(noBytes);
    this.#value = new Span(noBytes);
  }

  /** A root over a table none of whose fields expires; 0: no memory. */
  create(table: BlockRef): BlockRef {
    const root = this.#arena.alloc(rootBytes);
    if (root === 0) return 0;
    setRootWord(this.#arena, root, RootWord.table, table);
    setRootWord(this.#arena, root, RootWord.tree, 0);
    setRootWord(this.#arena, root, RootWord.height, 0);
    setRootWord(this.#arena, root, RootWord.count, 0);
    return root;
  }

  tableOf(root: BlockRef): BlockRef {
    return rootWord(this.#arena, root, RootWord.table);
  }

  /** 0: no such field. */
  find(root: BlockRef, field: ByteBuffer, start: number, end: number): BlockRef {
    return this.#table.find(this.tableOf(root), field, start, end);
  }

  /** Fields that expire before this moment. */
  countBefore(root: BlockRef, atMs: number): number {
    return this.#index.rankOfScore(root, atMs, false);
  }

  /** Adds a field that `find` has not found just now. */
  add(
    root: BlockRef,
    field: ByteBuffer,
    fs: number,
    fe: number,
    value: ByteBuffer,
    vs: number,
    ve: number,
    atMs: number,
  ): boolean {
    const record = createField(this.#arena, field, fs, fe, value, vs, ve, atMs !== Infinity);
    if (record === 0) return false;
    if (this.#note(root, record, atMs)) {
      if (this.#table.add(this.tableOf(root), record)) return true;
      this.#forget(root, record);
    }
    this.#arena.free(record);
    return false;
  }

  /** Another value for a field; its time goes unless it `isKept`. */
  setValue(root: BlockRef, record: BlockRef, value: ByteBuffer, vs: number, ve: number, isKept: boolean): boolean {
    const arena = this.#arena;
    if (arena.viewCount !== 0) arena.views.recordChanges(this.tableOf(root), record);
    if (overwriteValue(arena, record, value, vs, ve)) {
      if (!isKept) this.persist(root, record);
      return true;
    }
    return this.#replace(root, record, value, vs, ve, isKept ? timeOfField(arena, record) : Infinity);
  }

  /** Gives a field a time. */
  setTime(root: BlockRef, record: BlockRef, atMs: number): boolean {
    const arena = this.#arena;
    if (!hasTimeRoom(arena, record)) {
      const { buffer, start, end } = readValue(arena, record, this.#value);
      return this.#replace(root, record, buffer, start, end, atMs);
    }
    const from = timeOfField(arena, record);
    if (from === atMs) return true;
    if (arena.viewCount !== 0) arena.views.recordChanges(this.tableOf(root), record);
    if (from === Infinity) return this.#note(root, record, atMs);
    if (!this.#index.update(root, from, atMs, record)) return false;
    setTimeOfField(arena, record, atMs);
    return true;
  }

  /** Takes the time of a field away, if it has one. */
  persist(root: BlockRef, record: BlockRef): void {
    const arena = this.#arena;
    if (arena.viewCount !== 0) arena.views.recordChanges(this.tableOf(root), record);
    if (this.#forget(root, record)) setTimeOfField(arena, record, Infinity);
  }

  remove(root: BlockRef, record: BlockRef): void {
    this.#forget(root, record);
    this.#table.remove(this.tableOf(root));
    this.#arena.free(record);
  }

  /** Removes up to `max` of the fields that expire before this moment, and tells of each before. Returns how many. */
  removeBefore(root: BlockRef, atMs: number, max: number, tell: (field: Span) => void): number {
    const arena = this.#arena;
    const run = this.#run;
    const table = this.tableOf(root);
    const count = Math.min(max, this.countBefore(root, atMs));
    for (let left = count; left > 0;) {
      const removed = this.#index.removeRun(root, 0, Math.min(left, runMax), run);
      for (let i = 0; i < removed; i++) {
        const { buffer, start, end } = readRecordKey(arena, run[i], fieldAt, this.#field);
        tell(this.#field);
        this.#table.find(table, buffer, start, end);
        this.#table.remove(table);
        arena.free(run[i]);
      }
      left -= removed;
    }
    return count;
  }

  /** A record with another value, and the time, in the place of the one that was found. */
  #replace(root: BlockRef, old: BlockRef, value: ByteBuffer, vs: number, ve: number, atMs: number): boolean {
    const arena = this.#arena;
    const { buffer, start, end } = readRecordKey(arena, old, fieldAt, this.#field);
    const record = createField(arena, buffer, start, end, value, vs, ve, atMs !== Infinity);
    if (record === 0) return false;
    if (!this.#note(root, record, atMs)) {
      arena.free(record);
      return false;
    }
    this.#forget(root, old);
    this.#table.replace(this.tableOf(root), record);
    arena.free(old);
    return true;
  }

  /** Puts a record that is not in the tree there, with this time, unless it is Infinity. */
  #note(root: BlockRef, record: BlockRef, atMs: number): boolean {
    if (atMs === Infinity) return true;
    if (!this.#index.insert(root, atMs, record)) return false;
    setTimeOfField(this.#arena, record, atMs);
    return true;
  }

  /** Takes a record out of the tree. False: it was not there. */
  #forget(root: BlockRef, record: BlockRef): boolean {
    const atMs = timeOfField(this.#arena, record);
    if (atMs === Infinity) return false;
    this.#index.remove(root, atMs, record);
    return true;
  }
}
