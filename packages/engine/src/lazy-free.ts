import type { Arena, BlockRef } from './arena.ts';
import { freeCollection, isOneBlock } from './collections.ts';
import { Encoding, freeEntry } from './entry.ts';
import { FreeBudget } from './free-budget.ts';

/** Collections of fewer elements are freed at once. */
const atOnceMax = 64;
const atOnce = new FreeBudget(Infinity);

/**
 * What nobody can reach any more and is freed bit by bit: tables that no keyspace holds, which FLUSHDB leaves behind when
 * other databases keep the arena from being reset, and large collections. Their blocks count as used until they are freed.
 */
export class LazyFree {
  readonly #arena: Arena;
  /** Pairs: reference of the table, cells that still have to be looked at (from the end). */
  #queue: number[] = [];
  /** Pairs: encoding, root of the value. */
  #values: number[] = [];
  readonly #blocks: BlockRef[] = [];
  readonly #budget = new FreeBudget(0);
  /** Entries of tables and large values that wait, and that have been freed since the start. */
  pendingCount = 0;
  freedCount = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0 && this.#values.length === 0 && this.#blocks.length === 0;
  }

  /** `keys`: how many of the cells are in use. */
  add(table: BlockRef, cells: number, keys: number): void {
    this.#queue.push(table, cells);
    this.pendingCount += keys;
  }

  /** Frees the value of a collection of `count` elements: now if it is small, and not before its views are closed. */
  addValue(encoding: Encoding, root: BlockRef, count: number): void {
    const arena = this.#arena;
    if (isOneBlock(encoding)) arena.free(root);
    else if (arena.viewCount !== 0 && arena.views.keep(encoding, root, count)) return;
    else if (encoding === Encoding.stream) this.#addStream(root);
    else if (count <= atOnceMax) freeCollection(arena, encoding, root, atOnce);
    else this.#push(encoding, root);
  }

  /** A single block. */
  addBlock(ref: BlockRef): void {
    this.#blocks.push(ref);
  }

  /** How much there is in consumer groups, the number of entries does not tell. */
  #addStream(root: BlockRef): void {
    const budget = this.#budget;
    budget.units = atOnceMax;
    if (!freeCollection(this.#arena, Encoding.stream, root, budget)) this.#push(Encoding.stream, root);
  }

  #push(encoding: Encoding, root: BlockRef): void {
    this.#values.push(encoding, root);
    this.pendingCount++;
  }

  /** Frees up to about `units` blocks. True when more is left. */
  run(units: number): boolean {
    const queue = this.#queue;
    const arena = this.#arena;
    let left = this.#freeValues(units);
    for (; left > 0 && this.#blocks.length > 0; left--) arena.free(this.#blocks.pop()!);
    while (queue.length > 0) {
      const table = queue[queue.length - 2];
      let cell = queue[queue.length - 1];
      const words = arena.segments[table >>> arena.refShift].u32;
      const base = (table & arena.refMask) << 1;
      while (cell > 0) {
        if (left <= 0) {
          queue[queue.length - 1] = cell;
          return true;
        }
        cell--;
        const e = words[base + (cell << 1) + 1];
        // An empty cell costs something too.
        left -= e === 0 ? 0.125 : 1;
        if (e === 0) continue;
        freeEntry(arena, e);
        this.#count();
        if (this.#values.length > 0) left = this.#freeValues(left);
      }
      queue.length -= 2;
      arena.free(table);
    }
    return !this.isEmpty;
  }

  /** Frees values, the newest first, until none or no budget is left. Returns what is left of it: more than 0 if none is. */
  #freeValues(units: number): number {
    const values = this.#values;
    const budget = this.#budget;
    budget.units = units;
    while (values.length > 0 && budget.units > 0) {
      const encoding = values[values.length - 2] as Encoding;
      if (!freeCollection(this.#arena, encoding, values[values.length - 1], budget)) return 0;
      values.length -= 2;
      this.#count();
    }
    return values.length > 0 ? 0 : budget.units;
  }

  #count(): void {
    this.pendingCount--;
    this.freedCount++;
  }

  /** The arena has been reset. */
  forget(): void {
    this.freedCount += this.pendingCount;
    this.pendingCount = 0;
    this.#queue = [];
    this.#values = [];
    this.#blocks.length = 0;
  }
}
