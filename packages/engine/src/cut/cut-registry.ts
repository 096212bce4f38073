import { assert } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { clockOf, cutMarkShift, type EntryRef, setClock } from '../entry.ts';
import type { Keyspace } from '../keyspace.ts';
import type { SlotTables } from '../slot-tables.ts';
import type { Cut } from './cut.ts';
import { MarkSweep } from './mark-sweep.ts';

/** A keyspace of the arena, with the tables that it keeps to itself. */
export interface CutMember {
  readonly keyspace: Keyspace;
  readonly tables: SlotTables;
}

/** A table that no keyspace holds any more, and that open cuts have still to go over. */
export interface HeldTable {
  readonly keyspace: Keyspace;
  readonly table: BlockRef;
  readonly cells: number;
  readonly count: number;
  /** Bits of the cuts that have not gone over it. */
  waiting: number;
}

const placeCount = 8;

/**
 * The open cuts of an arena, up to eight at once, and the marks by which entries know them.
 *
 *   clock word of an entry   [ mark 8 | LRU or LFU 24 ]
 *   arena.cutMark            [ mark 8 | 0 ]              what every new entry bears
 *
 * Each cut has one bit, its place. An entry whose bit differs from that in `arena.cutMark` has not been taken by the cut. A cut
 * begins by turning its bit of `arena.cutMark` round, so that no entry is touched: all that are there are not taken, and all
 * that are made from now on count as taken. When it ends, all have been taken: every entry bears `arena.cutMark` again, and the
 * place can be used again, the other way round.
 *
 * A cut that is given up leaves entries behind that differ: its place is not used before a sweep has gone over them.
 */
export class CutRegistry {
  readonly members: CutMember[] = [];
  readonly #arena: Arena;
  readonly #cuts: Cut[] = [];
  /** Places whose entries differ without a cut. */
  #unclean = 0;
  #sweep: MarkSweep | undefined;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Every keyspace of the arena, from its beginning on. */
  join(keyspace: Keyspace, tables: SlotTables): void {
    this.members.push({ keyspace, tables });
  }

  get isOpen(): boolean {
    return this.#cuts.length > 0;
  }

  /** Whether another cut can be begun. */
  get hasPlace(): boolean {
    return this.#cuts.length < placeCount;
  }

  /** A place for a cut, as a bit of the mark in an entry's clock. */
  open(cut: Cut): number {
    assert(this.hasPlace, `more than ${placeCount} cuts at once`);
    let used = this.#unclean;
    for (const { bit } of this.#cuts) used |= bit;
    if (used >>> 0 === (0xff << cutMarkShift) >>> 0) {
      while (this.sweepSome(Infinity));
      return this.open(cut);
    }
    let bit = 1 << cutMarkShift;
    while ((used & bit) !== 0) bit <<= 1;
    this.#cuts.push(cut);
    return bit;
  }

  /** The cut is over. `isClean`: all entries bear its bit as new ones do. */
  close(cut: Cut, isClean: boolean): void {
    this.#cuts.splice(this.#cuts.indexOf(cut), 1);
    if (!isClean) this.#unclean |= cut.bit;
  }

  /** An entry is about to change whose mark is not that of new ones: the cuts that have not taken it do so now. */
  take(keyspace: Keyspace, e: EntryRef): void {
    const arena = this.#arena;
    const clock = clockOf(arena, e);
    const missing = (clock ^ arena.cutMark) & (0xff << cutMarkShift);
    setClock(arena, e, (clock ^ missing) >>> 0);
    for (const cut of this.#cuts) if ((missing & cut.bit) !== 0) cut.take(keyspace, e);
  }

  /** The entry has got another block, and is otherwise what it was. */
  moved(from: EntryRef, to: EntryRef): void {
    for (const cut of this.#cuts) cut.moved(from, to);
  }

  /** A table with all its entries has left its keyspace, to be freed when those cuts have gone over it that are open now. */
  detached(keyspace: Keyspace, slot: number, table: BlockRef, cells: number, count: number): void {
    const held: HeldTable = { keyspace, table, cells, count, waiting: 0 };
    for (const cut of this.#cuts) if (cut.hold(slot, held)) held.waiting |= cut.bit;
    if (held.waiting === 0) this.#arena.lazyFree.add(table, cells, count);
  }

  /** A cut has no more need of a table. */
  release(held: HeldTable, bit: number): void {
    held.waiting &= ~bit;
    if (held.waiting === 0) this.#arena.lazyFree.add(held.table, held.cells, held.count);
  }

  /** Goes over about so many entries that cuts have left behind which were given up. True: there are more. */
  sweepSome(units: number): boolean {
    if (this.#sweep === undefined) {
      if (this.#unclean === 0) return false;
      this.#sweep = new MarkSweep(this.#arena, this.members, this.#unclean);
    }
    if (this.#sweep.step(units)) return true;
    this.#unclean &= ~this.#sweep.bits;
    this.#sweep = undefined;
    return this.#unclean !== 0;
  }
}
