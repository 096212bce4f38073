import { assert, ByteBuffer } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { copyBlock } from '../copy-block.ts';
import { Encoding } from '../entry.ts';
import { FreeBudget } from '../free-budget.ts';
import type { Span } from '../span.ts';
import type { StreamGroups } from '../streams/groups/groups.ts';
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
} from '../streams/groups/layout.ts';
import { clearIdTree } from '../streams/id-tree-value.ts';
import { IdTree } from '../streams/id-tree.ts';
import { IdWalk } from '../streams/id-walk.ts';
import { StreamId } from '../streams/stream-id.ts';

/** Pending entries between two looks at the clock. */
const batch = 128;

/** A consumer as it was. */
export class ViewedConsumer {
  readonly name: ByteBuffer;
  readonly seenMs: number;
  readonly activeMs: number;
  /** Pending entries. */
  readonly count: number;
  /** The tree of its entries as they are now; 0: it is gone, and all that it had has been noted. */
  live: BlockRef;
  /** A tree of those of its entries that have been noted; 0: none. */
  noted: BlockRef = 0;

  constructor(groups: StreamGroups, consumer: ConsumerRef) {
    this.name = copyOf(groups.consumerName(consumer));
    this.seenMs = groups.seenMs(consumer);
    this.activeMs = groups.activeMs(consumer);
    this.count = groups.pending.count(consumer);
    this.live = pendingRootOf(consumer);
  }
}

/**
 * A consumer group as it was. Names and numbers are copied when the view is opened. Of a pending entry that is about to change,
 * to go or to come, it is noted what it was: in a tree of all, and in one for each consumer, beside those of the group itself.
 */
export class GroupView {
  readonly name: ByteBuffer;
  readonly lastId: StreamId = new StreamId();
  /** As `StreamGroups.entriesRead`. */
  readonly entriesRead: bigint;
  /** Pending entries. */
  readonly count: number;
  readonly consumers: readonly ViewedConsumer[];
  readonly #arena: Arena;
  readonly #byRef = new Map<ConsumerRef, ViewedConsumer>();
  readonly #tree: IdTree;
  readonly #liveWalk: IdWalk;
  readonly #notedWalk: IdWalk;
  #live: BlockRef;
  /** A group of no stream, whose pending entries are those that were noted: owner 0, there was none. 0: none was noted. */
  #noted: GroupRef = 0;
  /** Nothing needs to be noted any more. */
  #isOver = false;

  constructor(arena: Arena, groups: StreamGroups, group: GroupRef) {
    this.#arena = arena;
    this.#tree = new IdTree(arena);
    this.#liveWalk = new IdWalk(arena);
    this.#notedWalk = new IdWalk(arena);
    this.name = copyOf(groups.nameOf(group));
    groups.lastId(group, this.lastId);
    this.entriesRead = groups.entriesRead(group);
    this.count = groups.pending.count(group);
    this.#live = pendingRootOf(group);
    for (let i = 0; i < groups.consumerCount(group); i++) {
      const consumer = groups.consumerAt(group, i);
      this.#byRef.set(consumer, new ViewedConsumer(groups, consumer));
    }
    this.consumers = [...this.#byRef.values()];
  }

  /** Notes what the pending entry of an ID is now; 0: there was none until now. False: no memory. */
  note(id: StreamId, pending: PendingRef): boolean {
    if (this.#isOver) return true;
    const arena = this.#arena;
    const tree = this.#tree;
    if (this.#noted === 0) this.#noted = createNamed(arena, groupNameAt, this.name, 0, 0);
    if (this.#noted === 0) return false;
    const root = pendingRootOf(this.#noted);
    if (tree.get(root, id) !== 0) return true;
    const copy = pending === 0 ? arena.alloc(pendingBytes) : copyBlock(arena, pending);
    if (copy === 0) return false;
    if (pending === 0) setWordAt(arena, copy, 0, 0);
    if (!tree.add(root, id, copy)) {
      arena.free(copy);
      return false;
    }
    if (pending === 0) return true;
    const owner = this.#byRef.get(wordAt(arena, pending, 0));
    assert(owner !== undefined, 'a pending entry of a consumer that was not there, and nobody has told of it');
    if (owner.noted === 0) owner.noted = tree.create();
    return owner.noted !== 0 && tree.set(owner.noted, id, copy);
  }

  /** The group has lost a consumer; what that had has been noted, or `freeze` was called. */
  consumerGone(consumer: ConsumerRef): void {
    const viewed = this.#byRef.get(consumer);
    if (viewed === undefined || this.#isOver) return;
    viewed.live = 0;
    this.#byRef.delete(consumer);
  }

  /** All pending entries of the group, which are one consumer's, now are in a tree of their own, and stay there. */
  freeze(rest: BlockRef, consumer: ConsumerRef): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#live = rest;
    for (const viewed of this.consumers) viewed.live = 0;
    const viewed = this.#byRef.get(consumer);
    if (viewed !== undefined) viewed.live = rest;
  }

  /** Hands out the pending entries of all consumers, or of one, by ID. Yields how many it has looked at. */
  *entries(
    consumer: ViewedConsumer | undefined,
    hand: (id: StreamId, pending: PendingRef) => void,
  ): Generator<number, void> {
    const live = this.#liveWalk;
    const noted = this.#notedWalk;
    const from = new StreamId();
    do {
      const liveRoot = consumer === undefined ? this.#live : consumer.live;
      const notedRoot = consumer === undefined ? this.#notedRoot : consumer.noted;
      let hasLive = liveRoot !== 0 && live.seekCeiling(liveRoot, from);
      let hasNoted = notedRoot !== 0 && noted.seekCeiling(notedRoot, from);
      for (let i = 0; i < batch && (hasLive || hasNoted); i++) {
        const order = !hasLive ? 1 : hasNoted ? live.id.compare(noted.id) : -1;
        from.copy(order < 0 ? live.id : noted.id);
        if (order < 0) {
          if (consumer === undefined || !this.#isNoted(live.id)) hand(live.id, live.value);
        } else {
          if (wordAt(this.#arena, noted.value, 0) !== 0) hand(noted.id, noted.value);
          hasNoted = noted.next();
        }
        if (order <= 0) hasLive = live.next();
      }
      if (!hasLive && !hasNoted) return;
      yield batch;
    } while (from.increment());
  }

  get #notedRoot(): BlockRef {
    return this.#noted === 0 ? 0 : pendingRootOf(this.#noted);
  }

  #isNoted(id: StreamId): boolean {
    return this.#noted !== 0 && this.#tree.get(pendingRootOf(this.#noted), id) !== 0;
  }

  release(): void {
    const arena = this.#arena;
    this.#isOver = true;
    for (const consumer of this.consumers) {
      if (consumer.noted === 0) continue;
      clearIdTree(arena, consumer.noted, new FreeBudget(Infinity));
      arena.free(consumer.noted);
      consumer.noted = 0;
    }
    if (this.#noted === 0) return;
    arena.lazyFree.addValue(Encoding.streamGroup, this.#noted, this.#tree.count(pendingRootOf(this.#noted)));
    this.#noted = 0;
  }
}

function copyOf({ buffer, start, end }: Span): ByteBuffer {
  return ByteBuffer.from(buffer.u8.slice(start, end));
}
