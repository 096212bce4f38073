import type { Arena, BlockRef } from '../arena.ts';
import { byteOf, bytesOf, type EntryRef } from '../entry.ts';
import type { StreamGroups } from '../streams/groups/groups.ts';
import type { ConsumerRef, GroupRef, PendingRef } from '../streams/groups/layout.ts';
import type { PendingEntries } from '../streams/groups/pending.ts';
import { entriesOf, entryWord, entryWords, refAt, refWord } from '../streams/id-nodes.ts';
import { IdRoot, idCount } from '../streams/id-walk.ts';
import { readRootId, rootWord, StreamWord } from '../streams/layout.ts';
import { StreamId } from '../streams/stream-id.ts';
import { GroupView } from './group-view.ts';
import { PinnedView } from './pinned-view.ts';
import type { ViewedValue, ViewSink } from './value-view.ts';

/** A row is what an entry of the tree's leaves is: ID, reference. */
const rowShape = { words: entryWords, ref: refWord };
/** What a node counts as, among elements. */
const nodeElements = 64;

/**
 * A view of a stream: references and IDs of its nodes, taken when it is opened (20 bytes for each), nodes that would be changed or
 * freed, its numbers, and its groups.
 */
export class StreamView extends PinnedView {
  readonly nodes: number;
  readonly lastId: StreamId = new StreamId();
  readonly firstId: StreamId = new StreamId();
  readonly maxDeletedId: StreamId = new StreamId();
  /** Entries that it has had since the start, as two words. */
  readonly entriesAddedHigh: number;
  readonly entriesAddedLow: number;
  readonly groups: ReadonlyMap<GroupRef, GroupView>;
  readonly #pending: PendingEntries;
  readonly #id = new StreamId();
  readonly #rest: Iterator<number, void>;
  #sink: ViewSink | undefined;

  /** Fails when there is no memory for the references. */
  constructor(
    arena: Arena,
    value: ViewedValue,
    root: BlockRef,
    isLast: (own: BlockRef) => boolean,
    groups: StreamGroups,
    e: EntryRef,
  ) {
    super(arena, value, root, rowShape, isLast);
    this.nodes = idCount(arena, root);
    readRootId(arena, root, StreamWord.lastId, this.lastId);
    readRootId(arena, root, StreamWord.firstId, this.firstId);
    readRootId(arena, root, StreamWord.maxDeletedId, this.maxDeletedId);
    this.entriesAddedHigh = rootWord(arena, root, StreamWord.entriesAdded);
    this.entriesAddedLow = rootWord(arena, root, StreamWord.entriesAdded + 1);
    const viewed = new Map<GroupRef, GroupView>();
    for (let i = 0; i < groups.count(e); i++) {
      const group = groups.at(e, i);
      viewed.set(group, new GroupView(arena, groups, group));
    }
    this.groups = viewed;
    this.#pending = groups.pending;
    this.#rest = this.#all();
    if (!this.pins.reserve(this.nodes)) this.fail();
    else if (this.nodes > 0) {
      this.#writeRows(rootWord(arena, root, IdRoot.tree), rootWord(arena, root, IdRoot.height), this.pins.wordOf(0));
    }
  }

  /** Writes the entries of the leaves below a node from word `to` on; returns the word behind. */
  #writeRows(node: BlockRef, height: number, to: number): number {
    const { arena } = this;
    const entries = entriesOf(arena, node);
    if (height > 1) {
      for (let i = 0; i < entries; i++) to = this.#writeRows(refAt(arena, node, i), height - 1, to);
      return to;
    }
    const { u32: words } = arena.segments[node >>> arena.refShift];
    const target = this.pins.words;
    const end = entryWord(arena, node, 0) + entries * entryWords;
    for (let at = entryWord(arena, node, 0); at < end; at++) target[to++] = words[at];
    return to;
  }

  /** The pending entry of an ID is about to change or to go; 0: it has come. */
  pendingChanges(group: GroupRef, id: StreamId, pending: PendingRef): void {
    if (!this.isFailed && this.groups.get(group)?.note(id, pending) === false) this.fail();
  }

  consumerGone(group: GroupRef, consumer: ConsumerRef): void {
    this.groups.get(group)?.consumerGone(consumer);
  }

  /** See `GroupView.freeze`; 0: they are about to be freed. */
  groupEmptied(group: GroupRef, rest: BlockRef, consumer: ConsumerRef): void {
    if (rest === 0) this.fail();
    else this.groups.get(group)?.freeze(rest, consumer);
  }

  protected override advance(max: number, sink: ViewSink): boolean {
    this.#sink = sink;
    for (let left = max; left > 0;) {
      const { done, value } = this.#rest.next();
      if (done === true) return true;
      left -= value;
    }
    return false;
  }

  *#all(): Generator<number, void> {
    const { arena, pins } = this;
    while (pins.next < pins.count) {
      const ref = pins.blockOf(pins.next);
      const bytes = bytesOf(arena, ref);
      const start = byteOf(arena, ref);
      this.#id.readFrom(pins.words, pins.wordOf(pins.next));
      this.#sink!.node(this.#id, bytes, start, start + bytes.dv.getUint32(start, true));
      pins.pass();
      yield nodeElements;
    }
    this.#sink!.stream(this);
    for (const group of this.groups.values()) {
      this.#sink!.group(group);
      yield* group.entries(undefined, (id, pending) => this.#handPending(id, pending));
      this.#sink!.consumers(group.consumers.length);
      for (const consumer of group.consumers) {
        this.#sink!.consumer(consumer);
        yield* group.entries(consumer, (id) => this.#sink!.owned(id));
        yield 1;
      }
      group.release();
    }
  }

  #handPending(id: StreamId, pending: PendingRef): void {
    this.#sink!.pending(id, this.#pending.deliveredMs(pending), this.#pending.deliveries(pending));
  }

  protected override release(): void {
    super.release();
    for (const group of this.groups.values()) group.release();
  }
}
