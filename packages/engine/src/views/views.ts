import type { Arena, BlockRef } from '../arena.ts';
import { Encoding, type EntryRef, type ValueType } from '../entry.ts';
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

/** A value that was freed while views of it were open. */
interface KeptValue {
  readonly encoding: Encoding;
  readonly root: BlockRef;
  readonly count: number;
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
  /** By the root of their views. */
  readonly #kept = new Map<BlockRef, KeptValue>();

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Whether the value is one that a view can be of. Others are one block, and soon copied. */
  canView(keyspace: ViewedKeyspace, e: EntryRef): boolean {
    switch (keyspace.encodingOf(e)) {
      case Encoding.hashtable:
      case Encoding.hashtableex:
      case Encoding.skiplist:
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
    else this.#tables.add((view = new TableView(arena, value, root)));
    arena.viewCount++;
    return view;
  }

  #closed(view: ValueView): void {
    const arena = this.#arena;
    arena.viewCount--;
    const isLast =
      view instanceof TableView ? this.#tables.remove(view) : view instanceof TreeView && this.#trees.remove(view);
    const kept = isLast ? this.#kept.get(view.root) : undefined;
    if (kept === undefined) return;
    this.#kept.delete(view.root);
    arena.lazyFree.addValue(kept.encoding, kept.root, kept.count);
  }

  /** True: the value has views, and will be freed after they are closed. Nobody may change it any more. */
  keep(encoding: Encoding, root: BlockRef, count: number): boolean {
    const viewRoot = this.#viewedRootOf(encoding, root);
    if (viewRoot === 0) return false;
    this.#kept.set(viewRoot, { encoding, root, count });
    return true;
  }

  /** The root by which the views of a value are found; 0: it has none. */
  #viewedRootOf(encoding: Encoding, root: BlockRef): BlockRef {
    switch (encoding) {
      case Encoding.hashtable:
      case Encoding.hashtableex: {
        const table = tableRootOf(this.#arena, encoding, root);
        return this.#tables.get(table) === undefined ? 0 : table;
      }
      case Encoding.skiplist:
        return this.#trees.get(root) === undefined ? 0 : root;
      default:
        return 0;
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
}
