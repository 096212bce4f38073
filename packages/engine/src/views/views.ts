import type { Arena, BlockRef } from '../arena.ts';
import { Encoding, type EntryRef, type ValueType } from '../entry.ts';
import { ListView } from './list-view.ts';
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
  readonly #lists = new ViewMap<ListView>();
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
    else if (encoding === Encoding.quicklist) {
      const list = new ListView(arena, value, root, this.#isLast);
      if (list.isFailed) return undefined;
      this.#lists.add((view = list));
    } else this.#tables.add((view = new TableView(arena, value, root)));
    arena.viewCount++;
    return view;
  }

  #closed(view: ValueView): void {
    const arena = this.#arena;
    arena.viewCount--;
    if (view instanceof TableView) this.#tables.remove(view);
    else if (view instanceof TreeView) this.#trees.remove(view);
    else if (view instanceof ListView) this.#lists.remove(view);
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
        return this.#lists.get(root);
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

  /** A pack of the list under `root` is about to be changed where it is. */
  packChanges(root: BlockRef, ref: BlockRef): void {
    const views = this.#lists.get(root);
    if (views !== undefined) for (const view of views) view.changes(ref);
  }

  /** A pack of the list under `root` has no place in it any more. True: it may not be freed. */
  takesPack(root: BlockRef, ref: BlockRef): boolean {
    const views = this.#lists.get(root);
    if (views === undefined) return false;
    let holders = 0;
    for (const view of views) if (view.takes(ref)) holders++;
    if (holders > 1) this.#shared.set(ref, holders - 1);
    return holders > 0;
  }

  /** A node was cut off the list under `root`, with all below it. True: it is freed after the views are closed. */
  keepsNode(root: BlockRef, node: BlockRef): boolean {
    const views = this.#lists.get(root);
    if (views === undefined) return false;
    keepFor(views, Encoding.quicklist, node, Infinity);
    return true;
  }

  /** The root of a list is about to be freed, while its packs are another's, or nobody's: its views have what they need. */
  listRootFreed(root: BlockRef): void {
    this.#lists.forget(root);
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
