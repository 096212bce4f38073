import type { Arena, BlockRef } from './arena.ts';
import { freeEntry } from './entry.ts';

/**
 * Tables that no keyspace holds any more, whose entries are freed bit by bit: what FLUSHDB leaves behind when other
 * databases keep the arena from being reset. Their blocks count as used until they are freed.
 */
export class LazyFree {
  readonly #arena: Arena;
  /** Pairs: reference of the table, cells that still have to be looked at (from the end). */
  #queue: number[] = [];

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  add(table: BlockRef, cells: number): void {
    this.#queue.push(table, cells);
  }

  /** Frees up to about `units` entries. True when more is left. */
  run(units: number): boolean {
    const queue = this.#queue;
    const arena = this.#arena;
    let left = units;
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
        if (e !== 0) freeEntry(arena, e);
      }
      queue.length -= 2;
      arena.free(table);
    }
    return false;
  }

  /** The arena has been reset. */
  forget(): void {
    this.#queue = [];
  }
}
