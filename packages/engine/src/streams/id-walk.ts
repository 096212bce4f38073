import type { Arena, BlockRef } from '../arena.ts';
import { entriesOf, entriesUpTo, entryWord, refAt, refWord, setRefAt, wordOf, wordsOf } from './id-nodes.ts';
import { StreamId } from './stream-id.ts';

/*
 * Root of a tree of stream IDs: 16 bytes that never move, a block or a part of one.
 *
 *    0  root node; 0 when the tree is empty
 *    4  height: 1 when the root node is a leaf
 *    8  entries
 *   12  the owner's: the tree leaves it as it is
 */
export const idRootBytes = 16;
export const IdRoot = { tree: 0, height: 1, count: 2 } as const;
const ownWords = 3;

/** 51 entries to a node, a third full at worst: 4 billion entries in 8 levels. */
export const levelsMax = 12;

/** Makes 12 bytes at `root` an empty tree. */
export function initIdTree(arena: Arena, root: BlockRef): void {
  wordsOf(arena, root).fill(0, wordOf(arena, root), wordOf(arena, root) + ownWords);
}

/** Makes the tree at `from` that at `to`, and the one at `from` an empty one. */
export function moveIdTree(arena: Arena, from: BlockRef, to: BlockRef): void {
  const words = wordsOf(arena, from);
  const start = wordOf(arena, from);
  wordsOf(arena, to).set(words.subarray(start, start + idRootBytes / 4), wordOf(arena, to));
  initIdTree(arena, from);
}

/** Entries of the tree. */
export function idCount(arena: Arena, root: BlockRef): number {
  return wordsOf(arena, root)[wordOf(arena, root) + IdRoot.count];
}

/** Searches and walks. Whoever searches moves the position; a change of the tree by anybody ends a walk. */
export class IdWalk {
  /** The entry at the position, after a search or a step that returned true. */
  readonly id: StreamId = new StreamId();
  value: BlockRef = 0;

  protected readonly arena: Arena;
  /** Nodes from the root to the leaf, and the entry taken in each. */
  protected readonly nodes = new Uint32Array(levelsMax);
  protected readonly slots = new Int32Array(levelsMax);
  protected height = 0;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  count(root: BlockRef): number {
    return idCount(this.arena, root);
  }

  /** The value of an ID; 0 when it is not there. Leads the position to it, for `replace`; `id` and `value` stay as they are. */
  get(root: BlockRef, id: StreamId): BlockRef {
    if (!this.find(root, id)) return 0;
    return refAt(this.arena, this.nodes[this.height - 1], this.slots[this.height - 1]);
  }

  /** Another value for the entry at the position. */
  replace(value: BlockRef): void {
    setRefAt(this.arena, this.nodes[this.height - 1], this.slots[this.height - 1], value);
    this.value = value;
  }

  /** Goes to the last entry that is not above `id`. False: there is none. */
  seekFloor(root: BlockRef, id: StreamId): boolean {
    this.find(root, id);
    if (this.height === 0) return false;
    return this.slots[this.height - 1] >= 0 ? this.#arrive() : this.#turn(-1);
  }

  /** Goes to the first entry that is not below `id`. False: there is none. */
  seekCeiling(root: BlockRef, id: StreamId): boolean {
    if (this.find(root, id)) return this.#arrive();
    return this.height > 0 && this.next();
  }

  seekFirst(root: BlockRef): boolean {
    return this.#seekEdge(root, false);
  }

  seekLast(root: BlockRef): boolean {
    return this.#seekEdge(root, true);
  }

  /** Goes to the entry after. False: there is none, and the walk is over. */
  next(): boolean {
    const leaf = this.height - 1;
    if (this.slots[leaf] + 1 >= entriesOf(this.arena, this.nodes[leaf])) return this.#turn(1);
    this.slots[leaf]++;
    return this.#arrive();
  }

  previous(): boolean {
    const leaf = this.height - 1;
    if (this.slots[leaf] <= 0) return this.#turn(-1);
    this.slots[leaf]--;
    return this.#arrive();
  }

  /** Leads the path to the last entry of its leaf that is not above `id`, or before the leaf's first. True: it is `id`. */
  protected find(root: BlockRef, id: StreamId): boolean {
    const { arena, nodes, slots } = this;
    const rootWords = wordsOf(arena, root);
    const rootAt = wordOf(arena, root);
    const height = rootWords[rootAt + IdRoot.height];
    this.height = height;
    if (height === 0) return false;
    let node = rootWords[rootAt + IdRoot.tree];
    for (let level = 0; level < height - 1; level++) {
      const slot = Math.max(0, entriesUpTo(arena, node, id) - 1);
      nodes[level] = node;
      slots[level] = slot;
      node = refAt(arena, node, slot);
    }
    const slot = entriesUpTo(arena, node, id) - 1;
    nodes[height - 1] = node;
    slots[height - 1] = slot;
    return slot >= 0 && id.compareTo(wordsOf(arena, node), entryWord(arena, node, slot)) === 0;
  }

  #seekEdge(root: BlockRef, isLast: boolean): boolean {
    const words = wordsOf(this.arena, root);
    const at = wordOf(this.arena, root);
    this.height = words[at + IdRoot.height];
    if (this.height === 0) return false;
    this.#descend(0, words[at + IdRoot.tree], isLast);
    return true;
  }

  /** Leads the path from a node at `level` along its first or its last children. */
  #descend(level: number, node: BlockRef, isLast: boolean): void {
    for (let below = node; ; level++) {
      const slot = isLast ? entriesOf(this.arena, below) - 1 : 0;
      this.nodes[level] = below;
      this.slots[level] = slot;
      if (level === this.height - 1) break;
      below = refAt(this.arena, below, slot);
    }
    this.#arrive();
  }

  /** Goes to the next leaf, or the one before. */
  #turn(step: 1 | -1): boolean {
    const { arena, nodes, slots } = this;
    for (let level = this.height - 2; level >= 0; level--) {
      const slot = slots[level] + step;
      if (slot < 0 || slot >= entriesOf(arena, nodes[level])) continue;
      slots[level] = slot;
      this.#descend(level + 1, refAt(arena, nodes[level], slot), step < 0);
      return true;
    }
    return false;
  }

  #arrive(): true {
    const { arena } = this;
    const node = this.nodes[this.height - 1];
    const words = wordsOf(arena, node);
    const at = entryWord(arena, node, this.slots[this.height - 1]);
    this.id.readFrom(words, at);
    this.value = words[at + refWord];
    return true;
  }
}
