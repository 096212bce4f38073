import { assert } from '@kvartz/base';
import type { BlockRef } from '../arena.ts';
import {
  addEntries,
  capacityFor,
  capacityOf,
  childAt,
  closeGap,
  copyEntries,
  entriesMin,
  entriesOf,
  mergedMax,
  moveNode,
  recordAt,
  setChild,
  setChildEntry,
  setEntry,
} from './nodes.ts';
import { TreeGrowth } from './tree-growth.ts';
import { RootWord, rootWord, setRootWord } from './tree-search.ts';

/**
 * The members of a sorted set in order: a B+tree with counts over (score, member), for the `root` of a sorted set (see
 * tree-search.ts). A member stands in a leaf as its score and the reference of its record, which it shares with the table.
 *
 *   inner node   scores | records | children | counts        first member under each child
 *   leaf         scores | records                            up to 63 members
 *
 * -0 equals 0, NaN may not be stored. Records belong to the caller; the tree reads their members only. A node with less
 * than a third of its entries joins with a neighbour or takes from it, unless there is no memory for that. There are no
 * links between leaves: a walk keeps its path (tree-walk.ts), and so a leaf can become another block by changing one word.
 */
export class OrderedIndex extends TreeGrowth {
  /** Takes out the member of `record`, which is in the tree with this score. */
  remove(root: BlockRef, score: number, record: BlockRef): void {
    const height = this.find(root, score, record);
    const place = this.at[height - 1];
    const leaf = this.nodes[height - 1];
    const isThere = place < entriesOf(this.arena, leaf) && recordAt(this.arena, leaf, place) === record;
    if (!isThere) assert(false, `record ${record} is not in the tree with score ${score}`);
    this.#removeHere(root, height, 1);
  }

  /**
   * Takes out the member of rank `rank` and up to `count - 1` of those that follow it in its leaf, and writes their records to
   * `records`. Returns how many they are. The records must live until then.
   */
  removeRun(root: BlockRef, rank: number, count: number, records: Uint32Array): number {
    const { arena } = this;
    const height = this.select(root, rank);
    const place = this.at[height - 1];
    const leaf = this.nodes[height - 1];
    const removed = Math.min(count, entriesOf(arena, leaf) - place);
    for (let i = 0; i < removed; i++) records[i] = recordAt(arena, leaf, place + i);
    this.#removeHere(root, height, removed);
    return removed;
  }

  /** Moves a member to another score, unequal to the one it has. False: no memory, and nothing has changed. */
  update(root: BlockRef, from: number, to: number, record: BlockRef): boolean {
    if (this.#updateInPlace(root, from, to, record)) return true;
    // The tree goes by the scores in its nodes, so for a moment the member may be in it twice.
    if (!this.insert(root, to, record)) return false;
    this.remove(root, from, record);
    return true;
  }

  /** Most scores change by little: then the member stays between its neighbours. */
  #updateInPlace(root: BlockRef, from: number, to: number, record: BlockRef): boolean {
    const { arena, nodes, at } = this;
    const height = this.find(root, from, record);
    const leaf = nodes[height - 1];
    const place = at[height - 1];
    if (to > from) {
      if (place < entriesOf(arena, leaf) - 1) {
        if (!this.isBefore(leaf, place + 1, to)) return false;
      } else if (!this.#isAtEnd(height)) return false;
    } else if (place > 0) {
      if (this.isBefore(leaf, place - 1, to)) return false;
    } else if (!this.#isAtStart(height)) return false;
    setEntry(arena, leaf, place, to, record);
    if (place === 0) this.fixFirst(height - 1);
    return true;
  }

  #isAtStart(height: number): boolean {
    for (let d = 0; d < height - 1; d++) if (this.at[d] !== 0) return false;
    return true;
  }

  #isAtEnd(height: number): boolean {
    for (let d = 0; d < height - 1; d++) if (this.at[d] !== entriesOf(this.arena, this.nodes[d]) - 1) return false;
    return true;
  }

  /** Takes out `n` entries of the leaf from the place of the path on. */
  #removeHere(root: BlockRef, height: number, n: number): void {
    const { arena, nodes, at } = this;
    const leafDepth = height - 1;
    closeGap(arena, nodes[leafDepth], at[leafDepth], n, true);
    this.addCounts(root, leafDepth, -n);
    if (at[leafDepth] === 0 && entriesOf(arena, nodes[leafDepth]) > 0) this.fixFirst(leafDepth);
    for (let d = leafDepth; d > 0; d--) {
      if (entriesOf(arena, nodes[d]) >= entriesMin) {
        this.#shrink(root, d, d === leafDepth);
        return;
      }
      if (!this.#repair(d, height)) return;
    }
    this.#shortenRoot(root);
  }

  /** The node at `depth` has few entries. True when its parent lost one by the repair. */
  #repair(depth: number, height: number): boolean {
    const { arena, nodes, at } = this;
    const node = nodes[depth];
    const parent = nodes[depth - 1];
    const isLeaf = depth === height - 1;
    if (entriesOf(arena, node) === 0) {
      closeGap(arena, parent, at[depth - 1], 1, false);
      arena.free(node);
      if (at[depth - 1] === 0 && entriesOf(arena, parent) > 0) this.fixFirst(depth - 1);
      return true;
    }
    if (entriesOf(arena, parent) === 1) return false;
    const i = at[depth - 1] > 0 ? at[depth - 1] - 1 : 0;
    const left = childAt(arena, parent, i);
    const right = childAt(arena, parent, i + 1);
    const total = entriesOf(arena, left) + entriesOf(arena, right);
    if (total > mergedMax) {
      this.#level(parent, i, isLeaf);
      return false;
    }
    const joined = this.#withRoom(parent, i, total, isLeaf);
    if (joined === 0) return false;
    const moved = entriesOf(arena, right);
    copyEntries(arena, right, 0, moved, joined, entriesOf(arena, joined), isLeaf);
    addEntries(arena, joined, moved);
    arena.free(right);
    setChildEntry(arena, parent, i, joined, isLeaf);
    closeGap(arena, parent, i + 1, 1, false);
    return true;
  }

  /** Makes children `i` and `i + 1` equally large, if there is memory. */
  #level(parent: BlockRef, i: number, isLeaf: boolean): void {
    const { arena } = this;
    const leftEntries = entriesOf(arena, childAt(arena, parent, i));
    const rightEntries = entriesOf(arena, childAt(arena, parent, i + 1));
    const wanted = (leftEntries + rightEntries) >> 1;
    const isToLeft = leftEntries < wanted;
    const grown = this.#withRoom(
      parent,
      isToLeft ? i : i + 1,
      isToLeft ? wanted : leftEntries + rightEntries - wanted,
      isLeaf,
    );
    if (grown === 0) return;
    const left = childAt(arena, parent, i);
    const right = childAt(arena, parent, i + 1);
    const n = Math.abs(wanted - leftEntries);
    if (isToLeft) {
      copyEntries(arena, right, 0, n, left, leftEntries, isLeaf);
      addEntries(arena, left, n);
      closeGap(arena, right, 0, n, isLeaf);
    } else {
      copyEntries(arena, right, 0, rightEntries, right, n, isLeaf);
      copyEntries(arena, left, wanted, n, right, 0, isLeaf);
      addEntries(arena, right, n);
      addEntries(arena, left, -n);
    }
    setChildEntry(arena, parent, i, left, isLeaf);
    setChildEntry(arena, parent, i + 1, right, isLeaf);
  }

  /** Child `i` with room for so many entries, moved to a larger block if need be; 0 when there is no memory. */
  #withRoom(parent: BlockRef, i: number, entries: number, isLeaf: boolean): BlockRef {
    const { arena } = this;
    const node = childAt(arena, parent, i);
    if (capacityOf(arena, node) >= entries) return node;
    const moved = moveNode(arena, node, entries, isLeaf);
    if (moved !== 0) setChild(arena, parent, i, moved);
    return moved;
  }

  /** Moves a node that is half empty to a smaller block, if there is one and memory for it. */
  #shrink(root: BlockRef, depth: number, isLeaf: boolean): void {
    const { arena, nodes, at } = this;
    const node = nodes[depth];
    const entries = entriesOf(arena, node);
    const capacity = capacityOf(arena, node);
    if (entries * 2 > capacity || capacityFor(entries, isLeaf) === capacity) return;
    const moved = moveNode(arena, node, entries, isLeaf);
    if (moved === 0) return;
    if (depth === 0) setRootWord(arena, root, RootWord.tree, moved);
    else setChild(arena, nodes[depth - 1], at[depth - 1], moved);
  }

  /** The root node has lost entries: an inner one with a single child makes place for it, one without entries is freed. */
  #shortenRoot(root: BlockRef): void {
    const { arena } = this;
    let height = rootWord(arena, root, RootWord.height);
    let node = rootWord(arena, root, RootWord.tree);
    while (height > 1 && entriesOf(arena, node) === 1) {
      const child = childAt(arena, node, 0);
      arena.free(node);
      node = child;
      height--;
      setRootWord(arena, root, RootWord.tree, node);
      setRootWord(arena, root, RootWord.height, height);
    }
    if (entriesOf(arena, node) === 0) {
      arena.free(node);
      setRootWord(arena, root, RootWord.tree, 0);
      setRootWord(arena, root, RootWord.height, 0);
      return;
    }
    this.nodes[0] = node;
    this.#shrink(root, 0, height === 1);
  }
}
