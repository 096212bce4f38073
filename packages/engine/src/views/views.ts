import type { Arena, BlockRef } from '../arena.ts';
import { Encoding, type EntryRef, type ValueType } from '../entry.ts';
import type { StreamGroups } from '../streams/groups/groups.ts';
import { type ConsumerRef, type GroupRef, type PendingRef, pendingRootOf } from '../streams/groups/layout.ts';
import type { StreamId } from '../streams/stream-id.ts';
import { ListView } from './list-view.ts';
import { PinnedView } from './pinned-view.ts';
import { StreamView } from './stream-view.ts';
import { TableView, tableRootOf } from './table-view.ts';
import { TreeView } from './tree-view.ts';
import type { ValueView } from './value-view.ts';
import { ViewMap } from './view-map.ts';

/** What a view needs of the keyspace in which its value is. */
export interface ViewedKeyspace {
  typeOf(e: EntryRef): ValueType;
  encodingOf(e: EntryRef): Encoding;
  countOf(e: EntryRef): number;
  rootOf(e: EntryRef): BlockRef;
  readonly streamGroups: StreamGroups;
}

/**
 * The open views of large values of an arena (see docs/cut.md). Whoever changes such a value says so here first, if
 * `arena.viewCount` is not 0. A view is found by its value's root, so what happens to the key does not concern it.
 *
 * Nothing here fails for want of memory but views.
 */
export class Views {
  readonly #arena: Arena;
  readonly #tables = new ViewMap<TableView>();
  readonly #trees = new ViewMap<TreeView>();
  readonly #pinned = new ViewMap<PinnedView>();
  /** By their groups, and by what was cut off these. */
  readonly #groups = new ViewMap<StreamView>();
  /** Views beyond the first that have taken over the same block. */
  readonly #shared = new Map<BlockRef, number>();
  readonly #isLast = (own: BlockRef): boolean => this.#letGo(own);

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Whether the value is one that a view can be of. Others are one block, and soon copied. */
  canView(keyspace: ViewedKeyspace, e: EntryRef): boolean {
    switch (keyspace.encodingOf(e)) {
      case Encoding.hashtable:
      case Encoding.hashtableex:
      case Encoding.skiplist:
      case Encoding.quicklist:
      case Encoding.stream:
        return true;
      default:
        return false;
    }
  }

  /** A view of a large value as it is now. Undefined: no memory. */
  open(keyspace: ViewedKeyspace, e: EntryRef): ValueView | undefined {
    const arena = this.#arena;
    const encoding = keyspace.encodingOf(e);
    const root = keyspace.rootOf(e);
    const value = {
      type: keyspace.typeOf(e),
      encoding,
      count: keyspace.countOf(e),
      onClose: (view: ValueView) => this.#closed(view),
    };
    let view: ValueView;
    if (encoding === Encoding.skiplist) this.#trees.add((view = new TreeView(arena, value, root)));
    else if (encoding === Encoding.quicklist || encoding === Encoding.stream) {
      const pinned =
        encoding === Encoding.quicklist
          ? new ListView(arena, value, root, this.#isLast)
          : new StreamView(arena, value, root, this.#isLast, keyspace.streamGroups, e);
      if (pinned.isFailed) return undefined;
      this.#pinned.add((view = pinned));
      if (pinned instanceof StreamView) for (const group of pinned.groups.keys()) this.#groups.add(pinned, group);
    } else this.#tables.add((view = new TableView(arena, value, root)));
    arena.viewCount++;
    return view;
  }

  #closed(view: ValueView): void {
    const arena = this.#arena;
    arena.viewCount--;
    if (view instanceof TableView) this.#tables.remove(view);
    else if (view instanceof TreeView) this.#trees.remove(view);
    else if (view instanceof PinnedView) this.#pinned.remove(view);
    if (view instanceof StreamView) {
      for (const group of view.groups.keys()) this.#groups.remove(view, group);
      for (const { encoding, root } of view.kept)
        if (encoding === Encoding.streamGroup) this.#groups.remove(view, root);
    }
    for (const kept of view.kept) {
      if (--kept.holders === 0) arena.lazyFree.addValue(kept.encoding, kept.root, kept.count);
    }
  }

  /** True: the value has views, and will be freed after they are closed. Nobody may change it any more. */
  keep(encoding: Encoding, root: BlockRef, count: number): boolean {
    const views = this.#viewsOf(encoding, root);
    if (views === undefined) return false;
    keepFor(views, encoding, root, count);
    return true;
  }

  #viewsOf(encoding: Encoding, root: BlockRef): readonly ValueView[] | undefined {
    switch (encoding) {
      case Encoding.hashtable:
      case Encoding.hashtableex:
        return this.#tables.get(tableRootOf(this.#arena, encoding, root));
      case Encoding.skiplist:
        return this.#trees.get(root);
      case Encoding.quicklist:
      case Encoding.stream:
        return this.#pinned.get(root);
      case Encoding.streamGroup:
        return this.#groups.get(root);
      default:
        return undefined;
    }
  }

  /** A record of a table is about to be changed, replaced or removed. */
  recordChanges(table: BlockRef, record: BlockRef): void {
    const views = this.#tables.get(table);
    if (views !== undefined) for (const view of views) view.changes(record);
  }

  /** A record has been added to a table. */
  recordAdded(table: BlockRef, record: BlockRef): void {
    const views = this.#tables.get(table);
    if (views !== undefined) for (const view of views) view.added(record);
  }

  /** A member of the sorted set under `root` is about to get another score; NaN: to be removed. */
  scoreChanges(root: BlockRef, record: BlockRef, to: number): void {
    const views = this.#trees.get(root);
    if (views !== undefined) for (const view of views) view.changes(record, to);
  }

  /** A member has been added to the sorted set under `root`. */
  scoreAdded(root: BlockRef, record: BlockRef): void {
    const views = this.#trees.get(root);
    if (views !== undefined) for (const view of views) view.added(record);
  }

  /** A block of the list or stream under `root` is about to be changed where it is: a pack, a node. */
  blockChanges(root: BlockRef, ref: BlockRef): void {
    const views = this.#pinned.get(root);
    if (views !== undefined) for (const view of views) view.changes(ref);
  }

  /** Such a block has no place in the value any more. True: it may not be freed. */
  takesBlock(root: BlockRef, ref: BlockRef): boolean {
    const views = this.#pinned.get(root);
    if (views === undefined) return false;
    let holders = 0;
    for (const view of views) if (view.takes(ref)) holders++;
    if (holders > 1) this.#shared.set(ref, holders - 1);
    return holders > 0;
  }

  /** Many such blocks were cut off the value, under a root of their own. True: it is freed after the views are closed. */
  keepsPart(root: BlockRef, encoding: Encoding, part: BlockRef): boolean {
    const views = this.#pinned.get(root);
    if (views === undefined) return false;
    keepFor(views, encoding, part, Infinity);
    return true;
  }

  /** The root of a list is about to be freed, while its packs are another's, or nobody's: its views have what they need. */
  listRootFreed(root: BlockRef): void {
    this.#pinned.forget(root);
  }

  /** The pending entry of an ID is about to change or to go; 0: it has come. */
  pendingChanges(group: GroupRef, id: StreamId, pending: PendingRef): void {
    const views = this.#groups.get(group);
    if (views !== undefined) for (const view of views) view.pendingChanges(group, id, pending);
  }

  /** A consumer was removed, and its pending entries with it. */
  consumerGone(group: GroupRef, consumer: ConsumerRef): void {
    const views = this.#groups.get(group);
    if (views !== undefined) for (const view of views) view.consumerGone(group, consumer);
  }

  /**
   * All pending entries of a group, which are one consumer's, have been moved to the group `rest`, which is about to be freed; 0: they
   * are about to be freed where they are.
   */
  groupEmptied(group: GroupRef, rest: GroupRef, consumer: ConsumerRef): void {
    const views = this.#groups.get(group);
    if (views === undefined) return;
    for (const view of views) {
      view.groupEmptied(group, rest === 0 ? 0 : pendingRootOf(rest), consumer);
      if (rest !== 0) this.#groups.add(view, rest);
    }
  }

  #letGo(own: BlockRef): boolean {
    const more = this.#shared.get(own);
    if (more === undefined) return true;
    if (more === 1) this.#shared.delete(own);
    else this.#shared.set(own, more - 1);
    return false;
  }
}

function keepFor(views: readonly ValueView[], encoding: Encoding, root: BlockRef, count: number): void {
  const kept = { encoding, root, count, holders: views.length };
  for (const view of views) view.kept.push(kept);
}
