import type { BlockRef } from '../arena.ts';
import {
  addEntries,
  capacityOf,
  copyEntries,
  createNode,
  entriesMax,
  entriesOf,
  moveInto,
  moveNode,
  openGap,
  setChild,
  setChildEntry,
  setEntry,
} from './nodes.ts';
import { levelsMax, RootWord, rootWord, setRootWord, TreeSearch } from './tree-search.ts';

/** What a full node keeps when it is split in the middle. */
const halfEntries = (entriesMax + 1) >> 1;

/** The chapter of an ordered index that puts members in. All blocks are allocated before anything changes. */
export class TreeGrowth extends TreeSearch {
  /** By level: the larger block, or the right half, that the insert will need; one more for a new root node. */
  readonly #spare = new Uint32Array(levelsMax + 1);

  /** Puts a record that is not there where its score and member belong. False: no memory, and nothing has changed. */
  insert(root: BlockRef, score: number, record: BlockRef): boolean {
    return this.#insertHere(root, this.find(root, score, record), score, record);
  }

  /** The same for a member that comes after all that are there. */
  append(root: BlockRef, score: number, record: BlockRef): boolean {
    const { arena, at } = this;
    const height = rootWord(arena, root, RootWord.height);
    if (height > 0) {
      this.select(root, rootWord(arena, root, RootWord.count) - 1);
      at[height - 1]++;
    }
    return this.#insertHere(root, height, score, record);
  }

  /** Inserts at the place that the path leads to. */
  #insertHere(root: BlockRef, height: number, score: number, record: BlockRef): boolean {
    const { arena, nodes, at } = this;
    if (height === 0) {
      const leaf = createNode(arena, 1, true);
      if (leaf === 0) return false;
      addEntries(arena, leaf, 1);
      setEntry(arena, leaf, 0, score, record);
      setRootWord(arena, root, RootWord.tree, leaf);
      setRootWord(arena, root, RootWord.height, 1);
      setRootWord(arena, root, RootWord.count, 1);
      return true;
    }
    const leafDepth = height - 1;
    if (entriesOf(arena, nodes[leafDepth]) === capacityOf(arena, nodes[leafDepth])) {
      return this.#reserve(height) && this.#insertAndSplit(root, height, score, record);
    }
    openGap(arena, nodes[leafDepth], at[leafDepth], true);
    setEntry(arena, nodes[leafDepth], at[leafDepth], score, record);
    this.addCounts(root, leafDepth, 1);
    if (at[leafDepth] === 0) this.fixFirst(leafDepth);
    return true;
  }

  /** Allocates what the insert at the place of the path needs. False: nothing is allocated. */
  #reserve(height: number): boolean {
    const { arena, nodes } = this;
    let d = height - 1;
    for (; d >= 0; d--) {
      const isLeaf = d === height - 1;
      const entries = entriesOf(arena, nodes[d]);
      if (entries < capacityOf(arena, nodes[d])) {
        this.#spare[d] = 0;
        return true;
      }
      const isSplit = entries === entriesMax;
      const room = isSplit ? entriesMax - this.#keptAt(d, height) + 1 : entries + 1;
      this.#spare[d] = createNode(arena, Math.min(room, entriesMax), isLeaf);
      if (this.#spare[d] === 0) break;
      if (!isSplit) return true;
    }
    if (d < 0) {
      this.#spare[levelsMax] = createNode(arena, 2, false);
      if (this.#spare[levelsMax] !== 0) return true;
    }
    for (d++; d < height; d++) arena.free(this.#spare[d]);
    return false;
  }

  /**
   * Entries that stay in the full node at `depth` when it is split: half of them; all when members come in order, so that
   * nodes stay full; none when they come in the opposite order.
   */
  #keptAt(depth: number, height: number): number {
    const { arena, nodes, at } = this;
    const isLeaf = depth === height - 1;
    const place = isLeaf ? at[depth] : at[depth] + 1;
    if (place !== entriesMax && place !== 0) return halfEntries;
    for (let d = 0; d < depth; d++) {
      if (at[d] !== (place === 0 ? 0 : entriesOf(arena, nodes[d]) - 1)) return halfEntries;
    }
    return place;
  }

  #insertAndSplit(root: BlockRef, height: number, score: number, record: BlockRef): boolean {
    const { arena, nodes, at } = this;
    const isFirst = at[height - 1] === 0;
    let child: BlockRef = 0;
    let d = height - 1;
    for (; d >= 0; d--) {
      const isLeaf = d === height - 1;
      const place = isLeaf ? at[d] : at[d] + 1;
      const entries = entriesOf(arena, nodes[d]);
      if (entries < entriesMax) {
        if (this.#spare[d] !== 0) {
          moveInto(arena, nodes[d], this.#spare[d], isLeaf);
          this.#replace(root, d, this.#spare[d]);
        }
        this.#put(nodes[d], place, score, record, child, d, height);
        break;
      }
      child = this.#split(root, d, height, place, score, record, child);
    }
    if (d < 0) this.#addRootNode(root, height, child);
    // The entries above the one that took the new one in; those below were counted when their node was split.
    this.addCounts(root, Math.max(d, 0), 1);
    if (isFirst) this.fixFirst(height - 1);
    return true;
  }

  /** Splits the full node at `depth`, puts the new entry into one half, and returns the right one. */
  #split(
    root: BlockRef,
    depth: number,
    height: number,
    place: number,
    score: number,
    record: BlockRef,
    child: BlockRef,
  ): BlockRef {
    const { arena, nodes, at } = this;
    const isLeaf = depth === height - 1;
    const kept = this.#keptAt(depth, height);
    const left = nodes[depth];
    const right = this.#spare[depth];
    copyEntries(arena, left, kept, entriesMax - kept, right, 0, isLeaf);
    addEntries(arena, right, entriesMax - kept);
    addEntries(arena, left, kept - entriesMax);
    const isRight = place > kept || (place === kept && kept === entriesMax);
    if (isRight) this.#put(right, place - kept, score, record, child, depth, height);
    else this.#put(left, place, score, record, child, depth, height);
    if (kept < entriesMax) {
      // Half empty now. Without memory for a smaller block it keeps the one it has.
      const smaller = moveNode(arena, left, entriesOf(arena, left), isLeaf);
      if (smaller !== 0) this.#replace(root, depth, smaller);
    }
    if (depth > 0) setChildEntry(arena, nodes[depth - 1], at[depth - 1], nodes[depth], isLeaf);
    return right;
  }

  /** The new entry of a node: a member, or the child that was split off below. */
  #put(
    node: BlockRef,
    place: number,
    score: number,
    record: BlockRef,
    child: BlockRef,
    depth: number,
    height: number,
  ): void {
    const { arena } = this;
    const isLeaf = depth === height - 1;
    openGap(arena, node, place, isLeaf);
    if (isLeaf) setEntry(arena, node, place, score, record);
    else setChildEntry(arena, node, place, child, depth === height - 2);
  }

  /** The node at `depth` has become another block. */
  #replace(root: BlockRef, depth: number, node: BlockRef): void {
    const { arena, nodes, at } = this;
    nodes[depth] = node;
    if (depth === 0) setRootWord(arena, root, RootWord.tree, node);
    else setChild(arena, nodes[depth - 1], at[depth - 1], node);
  }

  /** The root node has been split. */
  #addRootNode(root: BlockRef, height: number, right: BlockRef): void {
    const { arena, nodes } = this;
    const top = this.#spare[levelsMax];
    addEntries(arena, top, 2);
    setChildEntry(arena, top, 0, nodes[0], height === 1);
    setChildEntry(arena, top, 1, right, height === 1);
    setRootWord(arena, root, RootWord.tree, top);
    setRootWord(arena, root, RootWord.height, height + 1);
  }
}
