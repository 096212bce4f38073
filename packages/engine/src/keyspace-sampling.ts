import { copyBytes, type Random } from '@kvartz/base';
import { lfuCounterMax } from './access-clock.ts';
import type { BlockRef } from './arena.ts';
import {
  byteOf,
  bytesOf,
  clockMask,
  clockOf,
  type EntryRef,
  expiryOf,
  headOf,
  keyLengthOf,
  keyOffset,
  keyStartOf,
  longKey,
} from './entry.ts';
import type { DrawnEntry, EvictionOrder } from './eviction-pool.ts';
import { KeyspaceCollections } from './keyspace-collections.ts';
import { scanTables } from './scan.ts';
import { slotCount } from './slot-groups.ts';

const hiddenTriesMax = 100;
/** Cells that one drawing looks at. */
const drawCellsMax = 4096;

/** The chapter of a keyspace that deals with chance and with want of memory: random entries, and entries in the way. */
export abstract class KeyspaceSampling extends KeyspaceCollections {
  /** A live entry, each as likely as any other; 0 when there is none. `isExpiring`: one of those that expire. */
  randomEntry(random: Random, isExpiring = false): EntryRef {
    const tables = this.tables;
    for (let tries = 0; (isExpiring ? tables.expiries.count : tables.keyCount) > 0; tries++) {
      const e = isExpiring ? tables.pickExpiring(random) : tables.pick(random);
      if (expiryOf(this.arena, e) === Infinity || !this.isGone(e)) return e;
      if (this.expiryMode === 'hide' && tries === hiddenTriesMax) return this.#anyLive(isExpiring);
    }
    return 0;
  }

  /**
   * Draws up to `count` live entries for eviction, of those that expire or of all: a random one, and those that follow it in
   * the index, which is an order that says nothing of them. Returns how many. Where one has expired it is removed, and the
   * drawing ends.
   */
  draw(random: Random, isExpiring: boolean, drawn: readonly DrawnEntry[], count: number): number {
    const { arena, tables } = this;
    const wanted = Math.min(count, isExpiring ? tables.expiries.count : tables.keyCount);
    if (wanted === 0) return 0;
    if (isExpiring) tables.pickExpiring(random);
    else tables.pick(random);
    let { cell, slot } = tables;
    let cells = tables.cellsOf(slot);
    let left = cells;
    let found = 0;
    for (let visited = 0; visited < drawCellsMax && found < wanted; visited++) {
      if (left-- === 0) {
        slot = tables.nextOccupied(slot + 1);
        if (slot === slotCount) slot = tables.nextOccupied(0);
        cells = tables.cellsOf(slot);
        left = cells - 1;
        cell = 0;
      }
      const e = tables.entryAt(slot, cell);
      const hash = tables.hashAt(slot, cell);
      if (e !== 0 && (!isExpiring || (hash & 1) !== 0)) {
        const expireAtMs = expiryOf(arena, e);
        if (expireAtMs < this.nowMs && this.expiryMode !== 'ignore') {
          tables.slot = slot;
          tables.cell = cell;
          if (this.expireIfDue(e)) return found;
        } else {
          const one = drawn[found++];
          one.entry = e;
          one.slot = slot;
          one.hash = hash;
          one.clock = clockOf(arena, e) & clockMask;
          one.expireAtMs = expireAtMs;
        }
      }
      if (++cell === cells) cell = 0;
    }
    return found;
  }

  /** Whether a drawn entry is still there; then the rest of `drawn` is brought up to date. */
  redraw(drawn: DrawnEntry): boolean {
    const { arena } = this;
    const e = drawn.entry;
    if (!this.tables.locateKnown(e, drawn.hash, drawn.slot)) return false;
    drawn.clock = clockOf(arena, e) & clockMask;
    drawn.expireAtMs = expiryOf(arena, e);
    return true;
  }

  /** How dispensable a drawn entry is: the higher, the more. */
  dispensability({ clock, expireAtMs }: DrawnEntry, by: EvictionOrder): number {
    if (by === 'ttl') return -expireAtMs;
    return by === 'lfu' ? lfuCounterMax - this.clock.lfuCounter(clock) : this.clock.idleMs(clock);
  }

  /** `SlotTables.moveTables`. */
  moveTables(segmentIndex: number, firstPage: number, endPage: number): boolean {
    return this.tables.moveTables(segmentIndex, firstPage, endPage);
  }

  /** Whether a live block, whatever it holds, is an entry of this keyspace; it is then located. */
  locateBlock(ref: BlockRef): boolean {
    const { arena } = this;
    const head = headOf(arena, ref);
    const blockBytes = arena.blockBytes(ref);
    // Reading the length of a very long key could leave the block, if it is none.
    if (head >>> 16 === longKey || keyOffset(head) + (head >>> 16) > blockBytes) return false;
    const start = keyStartOf(arena, ref);
    const end = start + keyLengthOf(arena, ref);
    const key = bytesOf(arena, ref);
    return this.tables.locateKnown(ref, this.hashOf(key, start, end), this.slotOfKey(key, start, end));
  }

  /** Moves the located entry out of these pages; false when there is no room elsewhere. */
  moveLocated(e: EntryRef, segmentIndex: number, firstPage: number, endPage: number): boolean {
    const { arena } = this;
    const blockBytes = arena.blockBytes(e);
    const to = arena.allocOutside(blockBytes, segmentIndex, firstPage, endPage);
    if (to === 0) return false;
    copyBytes(
      bytesOf(arena, e),
      byteOf(arena, e),
      byteOf(arena, e) + blockBytes,
      bytesOf(arena, to),
      byteOf(arena, to),
    );
    this.tables.replace(to);
    arena.cuts.moved(e, to);
    arena.free(e);
    return true;
  }

  /** Replicas may hold nothing but entries that wait for the master's word: a bounded search. */
  #anyLive(isExpiring: boolean): EntryRef {
    let found = 0;
    let left = 10_000;
    scanTables(this.tables, 0, left, (e) => {
      if (found !== 0 || left-- <= 0 || this.isHidden(e)) return;
      if (!isExpiring || expiryOf(this.arena, e) !== Infinity) found = e;
    });
    return found;
  }
}
