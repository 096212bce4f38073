import { ByteBuffer } from '@kvartz/base';
import type { Arena } from '../../arena.ts';
import { Encoding } from '../../entry.ts';
import { FreeBudget } from '../../free-budget.ts';
import { clearIdTree } from '../id-tree-value.ts';
import { IdTree } from '../id-tree.ts';
import { IdWalk, moveIdTree } from '../id-walk.ts';
import type { StreamId } from '../stream-id.ts';
import {
  type ConsumerRef,
  createNamed,
  groupNameAt,
  type GroupRef,
  pendingBytes,
  type PendingRef,
  pendingRootOf,
  setWordAt,
  wordAt,
} from './layout.ts';

const twoTo32 = 2 ** 32;
const twoTo48 = 2 ** 48;

/** Entries that were delivered and not acknowledged: to whom, when last, and how often. */
export class PendingEntries {
  readonly #arena: Arena;
  readonly #walk: IdWalk;
  readonly #tree: IdTree;
  readonly #noName = new ByteBuffer(0);

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#tree = new IdTree(arena);
    this.#walk = new IdWalk(arena);
  }

  /** Pending entries of a group or a consumer. */
  count(holder: GroupRef | ConsumerRef): number {
    return this.#tree.count(pendingRootOf(holder));
  }

  // A walk over the entries of a group or a consumer; taking an entry out of it ends the walk. False: there is none.

  seekFirst(holder: GroupRef | ConsumerRef): boolean {
    return this.#walk.seekFirst(pendingRootOf(holder));
  }

  seekLast(holder: GroupRef | ConsumerRef): boolean {
    return this.#walk.seekLast(pendingRootOf(holder));
  }

  /** Goes to the first entry that is not below `id`. */
  seek(holder: GroupRef | ConsumerRef, id: StreamId): boolean {
    return this.#walk.seekCeiling(pendingRootOf(holder), id);
  }

  next(): boolean {
    return this.#walk.next();
  }

  /** Of the entry that the walk has reached. */
  get id(): StreamId {
    return this.#walk.id;
  }

  get entry(): PendingRef {
    return this.#walk.value;
  }

  find(holder: GroupRef | ConsumerRef, id: StreamId): PendingRef {
    return this.#tree.get(pendingRootOf(holder), id);
  }

  ownerOf(pending: PendingRef): ConsumerRef {
    return wordAt(this.#arena, pending, 0);
  }

  /** Milliseconds since the epoch. */
  deliveredMs(pending: PendingRef): number {
    return wordAt(this.#arena, pending, 2) + (wordAt(this.#arena, pending, 3) & 0xffff) * twoTo32;
  }

  /** Deliveries, at most 2^48 - 1. */
  deliveries(pending: PendingRef): number {
    return wordAt(this.#arena, pending, 1) + (wordAt(this.#arena, pending, 3) >>> 16) * twoTo32;
  }

  /** Of the pending entry of this ID. Both are whole numbers from 0 on. */
  setDelivery(group: GroupRef, id: StreamId, pending: PendingRef, deliveredMs: number, deliveries: number): void {
    this.#changing(group, id, pending);
    this.#writeDelivery(pending, deliveredMs, deliveries);
  }

  #writeDelivery(pending: PendingRef, deliveredMs: number, deliveries: number): void {
    const count = Math.min(deliveries, twoTo48 - 1);
    const arena = this.#arena;
    setWordAt(arena, pending, 1, count);
    setWordAt(arena, pending, 2, deliveredMs);
    setWordAt(arena, pending, 3, Math.floor(deliveredMs / twoTo32) + Math.floor(count / twoTo32) * 65_536);
  }

  /**
   * The entry is delivered to a consumer for the first time. One that is pending already, the group having been set back,
   * passes to the consumer. 0: no memory, and nothing has changed.
   */
  deliver(group: GroupRef, consumer: ConsumerRef, id: StreamId, nowMs: number): PendingRef {
    const arena = this.#arena;
    const tree = this.#tree;
    const known = tree.get(pendingRootOf(group), id);
    if (known !== 0) {
      if (!this.give(group, known, consumer, id)) return 0;
      this.setDelivery(group, id, known, nowMs, 1);
      return known;
    }
    const pending = arena.alloc(pendingBytes);
    if (pending === 0) return 0;
    setWordAt(arena, pending, 0, consumer);
    this.#writeDelivery(pending, nowMs, 1);
    if (tree.add(pendingRootOf(group), id, pending)) {
      if (tree.set(pendingRootOf(consumer), id, pending)) {
        if (arena.viewCount !== 0) arena.views.pendingChanges(group, id, 0);
        return pending;
      }
      tree.remove(pendingRootOf(group), id);
    }
    arena.free(pending);
    return 0;
  }

  /** A pending entry passes to a consumer. False: no memory, and nothing has changed. */
  give(group: GroupRef, pending: PendingRef, consumer: ConsumerRef, id: StreamId): boolean {
    const owner = this.ownerOf(pending);
    if (owner === consumer) return true;
    this.#changing(group, id, pending);
    if (!this.#tree.set(pendingRootOf(consumer), id, pending)) return false;
    this.#tree.remove(pendingRootOf(owner), id);
    setWordAt(this.#arena, pending, 0, consumer);
    return true;
  }

  /** The entry is pending no longer. False: it was not. */
  remove(group: GroupRef, id: StreamId): boolean {
    const pending = this.#tree.remove(pendingRootOf(group), id);
    if (pending === 0) return false;
    this.#changing(group, id, pending);
    this.#tree.remove(pendingRootOf(this.ownerOf(pending)), id);
    this.#arena.free(pending);
    return true;
  }

  /** All entries of a consumer are pending no longer. */
  removeAll(group: GroupRef, consumer: ConsumerRef): void {
    const arena = this.#arena;
    const all = pendingRootOf(group);
    const own = pendingRootOf(consumer);
    const count = this.#tree.count(own);
    if (count === this.#tree.count(all) && count > 0) {
      const rest = createNamed(arena, groupNameAt, this.#noName, 0, 0);
      if (arena.viewCount !== 0) arena.views.groupEmptied(group, rest, consumer);
      // Freed bit by bit, as a group that is destroyed.
      if (rest !== 0) {
        moveIdTree(arena, all, pendingRootOf(rest));
        arena.lazyFree.addValue(Encoding.streamGroup, rest, count);
      } else clearIdTree(arena, all, new FreeBudget(Infinity), (pending) => arena.free(pending));
    } else {
      // From the end: what is last in its leaf leaves nothing to be moved.
      for (let has = this.seekLast(consumer); has; has = this.#walk.previous()) {
        const pending = this.#tree.remove(all, this.id);
        this.#changing(group, this.id, pending);
        arena.free(pending);
      }
    }
    clearIdTree(arena, own, new FreeBudget(Infinity));
  }

  /** A pending entry is about to change, or to go. */
  #changing(group: GroupRef, id: StreamId, pending: PendingRef): void {
    if (this.#arena.viewCount !== 0) this.#arena.views.pendingChanges(group, id, pending);
  }
}
