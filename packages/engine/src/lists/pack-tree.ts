import type { Arena, BlockRef } from '../arena.ts';
import { Encoding } from '../entry.ts';
import { freePack, heightOf, nodeBytes, nodeHead, plainFlag, RootWord, slotsMax, slotsOf } from './list-blocks.ts';

/** 63 slots to the node: nine levels are more than memory can hold. */
const levelsMax = 16;

/**
 * The tree of a list: packs in order, each slot with the number of elements below it, so that an element is found by its index
 * in a few steps. All methods but the first three work at the place that was found last, and leave it unknown.
 *
 * Nodes are split when they are full and removed when they are empty; they are not joined. At its two edges the tree grows
 * without halving nodes, since lists grow there.
 */
export class PackTree {
  /** The slot that was found: its block, its elements, whether it is one plain element, and the elements before it. */
  ref = 0;
  count = 0;
  isPlain = false;
  before = 0;

  readonly #arena: Arena;
  readonly #nodes = new Uint32Array(levelsMax);
  readonly #slots = new Int32Array(levelsMax);
  readonly #spare = new Uint32Array(levelsMax);
  /** Level of the leaf; the root is level 0. */
  #leaf = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  countIn(root: BlockRef): number {
    return this.#wordsOf(root)[this.#wordOf(root) + RootWord.treeCount];
  }

  /** Finds the slot with the element of this index, which must be in the tree. */
  find(root: BlockRef, index: number): void {
    let node = this.#wordsOf(root)[this.#wordOf(root) + RootWord.tree];
    let rest = index;
    for (let level = 0; ; level++) {
      const words = this.#wordsOf(node);
      const at = this.#wordOf(node);
      const isLeaf = heightOf(words[at]) === 0;
      let slot = 0;
      let i = at + 2;
      for (; ; slot++, i += 2) {
        const count = isLeaf ? (words[i + 1] & ~plainFlag) >>> 0 : words[i + 1];
        if (rest < count) break;
        rest -= count;
      }
      this.#nodes[level] = node;
      this.#slots[level] = slot;
      if (isLeaf) {
        this.before = index - rest;
        this.#arrive(level, words, i);
        return;
      }
      node = words[i];
    }
  }

  /** Finds the first or the last slot of a tree that is not empty. */
  findEdge(root: BlockRef, isTail: boolean): void {
    const total = this.countIn(root);
    let node = this.#wordsOf(root)[this.#wordOf(root) + RootWord.tree];
    for (let level = 0; ; level++) {
      const words = this.#wordsOf(node);
      const at = this.#wordOf(node);
      const slot = isTail ? slotsOf(words[at]) - 1 : 0;
      const i = at + 2 + slot * 2;
      this.#nodes[level] = node;
      this.#slots[level] = slot;
      if (heightOf(words[at]) === 0) {
        this.#arrive(level, words, i);
        this.before = isTail ? total - this.count : 0;
        return;
      }
      node = words[i];
    }
  }

  /** Goes to the slot before in the same node, if there is one. */
  toPrevious(): boolean {
    const leaf = this.#leaf;
    const slot = this.#slots[leaf];
    if (slot === 0) return false;
    const node = this.#nodes[leaf];
    this.#slots[leaf] = slot - 1;
    this.#arrive(leaf, this.#wordsOf(node), this.#wordOf(node) + slot * 2);
    this.before -= this.count;
    return true;
  }

  #arrive(level: number, words: Uint32Array, i: number): void {
    this.#leaf = level;
    const word = words[i + 1];
    this.ref = words[i];
    this.isPlain = word >= plainFlag;
    this.count = (word & ~plainFlag) >>> 0;
  }

  /** Another block, with another number of elements, in the slot. The place stays. */
  change(root: BlockRef, ref: BlockRef, count: number, isPlain = this.isPlain): void {
    const node = this.#nodes[this.#leaf];
    const words = this.#wordsOf(node);
    const i = this.#wordOf(node) + 2 + this.#slots[this.#leaf] * 2;
    const more = count - this.count;
    words[i] = ref;
    words[i + 1] = isPlain ? (count | plainFlag) >>> 0 : count;
    this.#addAbove(root, this.#leaf, more);
    this.ref = ref;
    this.count = count;
    this.isPlain = isPlain;
  }

  /** A new first or last slot. False: no memory, as it was. */
  push(root: BlockRef, isTail: boolean, ref: BlockRef, count: number, isPlain: boolean): boolean {
    const words = this.#wordsOf(root);
    const at = this.#wordOf(root);
    if (words[at + RootWord.tree] !== 0) {
      this.findEdge(root, isTail);
      return this.insert(root, isTail, ref, count, isPlain);
    }
    const node = this.#arena.alloc(nodeBytes);
    if (node === 0) return false;
    this.#write(node, 0, 0, ref, isPlain ? (count | plainFlag) >>> 0 : count);
    words[at + RootWord.tree] = node;
    words[at + RootWord.treeCount] = count;
    return true;
  }

  /** A new slot before or behind the one that was found. False: no memory, as it was. */
  insert(root: BlockRef, isBehind: boolean, ref: BlockRef, count: number, isPlain: boolean): boolean {
    if (!this.#prepareSplits()) return false;
    const rootWords = this.#wordsOf(root);
    const rootAt = this.#wordOf(root);
    rootWords[rootAt + RootWord.treeCount] += count;
    let newRef = ref;
    let newCount = isPlain ? (count | plainFlag) >>> 0 : count;
    let spare = 0;
    for (let level = this.#leaf; ; level--) {
      const node = this.#nodes[level];
      const slot = this.#slots[level] + (level === this.#leaf && !isBehind ? 0 : 1);
      const words = this.#wordsOf(node);
      const at = this.#wordOf(node);
      const slots = slotsOf(words[at]);
      if (slots < slotsMax) {
        openSlot(words, at, slot, newRef, newCount);
        for (let above = level - 1; above >= 0; above--) this.#addTo(above, count);
        return true;
      }
      const right = this.#spare[spare++];
      const cut = this.#isEdge(level, slot) ? slot : slots >>> 1;
      this.#moveSlots(node, right, cut);
      const isLeft = slot < cut || (slot === cut && cut < slots);
      const target = isLeft ? node : right;
      openSlot(this.#wordsOf(target), this.#wordOf(target), isLeft ? slot : slot - cut, newRef, newCount);
      const leftCount = this.#sumOf(node);
      newRef = right;
      newCount = this.#sumOf(right);
      if (level === 0) {
        const top = this.#spare[spare];
        this.#write(top, heightOf(words[at]) + 1, 0, node, leftCount);
        openSlot(this.#wordsOf(top), this.#wordOf(top), 1, newRef, newCount);
        rootWords[rootAt + RootWord.tree] = top;
        return true;
      }
      const parent = this.#nodes[level - 1];
      this.#wordsOf(parent)[this.#wordOf(parent) + 3 + this.#slots[level - 1] * 2] = leftCount;
    }
  }

  /** Takes the slot out; its block is the caller's. */
  remove(root: BlockRef): void {
    const arena = this.#arena;
    this.#addAbove(root, this.#leaf, -this.count);
    for (let level = this.#leaf; level >= 0; level--) {
      const node = this.#nodes[level];
      closeSlot(this.#wordsOf(node), this.#wordOf(node), this.#slots[level]);
      if (slotsOf(this.#wordsOf(node)[this.#wordOf(node)]) > 0) break;
      arena.free(node);
      if (level === 0) this.#wordsOf(root)[this.#wordOf(root) + RootWord.tree] = 0;
    }
    this.#lower(root);
  }

  /** Takes out all slots before the one that was found, or all behind it, with the elements in them. */
  cut(root: BlockRef, isBehind: boolean): void {
    let dropped = 0;
    for (let level = this.#leaf; level >= 0; level--) {
      const node = this.#nodes[level];
      const words = this.#wordsOf(node);
      const at = this.#wordOf(node);
      const height = heightOf(words[at]);
      const slots = slotsOf(words[at]);
      const slot = this.#slots[level];
      if (height > 0) words[at + 3 + slot * 2] -= dropped;
      const from = isBehind ? slot + 1 : 0;
      const to = isBehind ? slots : slot;
      for (let i = at + 2 + from * 2; i < at + 2 + to * 2; i += 2) {
        dropped += height > 0 ? words[i + 1] : (words[i + 1] & ~plainFlag) >>> 0;
        if (height > 0) this.#freeNode(root, words[i]);
        else freePack(this.#arena, root, words[i]);
      }
      if (!isBehind) words.copyWithin(at + 2, at + 2 + slot * 2, at + 2 + slots * 2);
      words[at] = nodeHead(height, slots - (to - from));
    }
    this.#wordsOf(root)[this.#wordOf(root) + RootWord.treeCount] -= dropped;
    this.#lower(root);
  }

  /** Takes everything out. */
  clear(root: BlockRef): void {
    const words = this.#wordsOf(root);
    const at = this.#wordOf(root);
    const tree = words[at + RootWord.tree];
    if (tree === 0) return;
    words[at + RootWord.tree] = 0;
    words[at + RootWord.treeCount] = 0;
    this.#freeNode(root, tree);
  }

  /** A node that was cut off, with all below it: bit by bit, and not before views of the list are closed. */
  #freeNode(root: BlockRef, node: BlockRef): void {
    const arena = this.#arena;
    if (arena.viewCount !== 0 && arena.views.keepsPart(root, Encoding.quicklist, node)) return;
    arena.lazyFree.addValue(Encoding.quicklist, node, Infinity);
  }

  /** A root with one node below it is one level too many. */
  #lower(root: BlockRef): void {
    const words = this.#wordsOf(root);
    const at = this.#wordOf(root) + RootWord.tree;
    for (let node = words[at]; node !== 0; node = words[at]) {
      const nodeWords = this.#wordsOf(node);
      const nodeAt = this.#wordOf(node);
      if (heightOf(nodeWords[nodeAt]) === 0 || slotsOf(nodeWords[nodeAt]) > 1) return;
      words[at] = nodeWords[nodeAt + 2];
      this.#arena.free(node);
    }
  }

  /** Allocates what an insert will need. */
  #prepareSplits(): boolean {
    const arena = this.#arena;
    let needed = 0;
    let level = this.#leaf;
    for (; level >= 0; level--) {
      const node = this.#nodes[level];
      if (slotsOf(this.#wordsOf(node)[this.#wordOf(node)]) < slotsMax) break;
      needed++;
    }
    if (level < 0) needed++;
    for (let i = 0; i < needed; i++) {
      const ref = arena.alloc(nodeBytes);
      if (ref === 0) {
        while (i > 0) arena.free(this.#spare[--i]);
        return false;
      }
      this.#spare[i] = ref;
    }
    return true;
  }

  /** Whether a new slot at `slot` of the path's node will be the very first or the very last of the tree. */
  #isEdge(level: number, slot: number): boolean {
    if (slot > 0 && slot < slotsMax) return false;
    for (let above = level - 1; above >= 0; above--) {
      const node = this.#nodes[above];
      const last = slotsOf(this.#wordsOf(node)[this.#wordOf(node)]) - 1;
      if (this.#slots[above] !== (slot === 0 ? 0 : last)) return false;
    }
    return true;
  }

  #moveSlots(from: BlockRef, to: BlockRef, cut: number): void {
    const words = this.#wordsOf(from);
    const at = this.#wordOf(from);
    const target = this.#wordsOf(to);
    const targetAt = this.#wordOf(to);
    const slots = slotsOf(words[at]);
    const height = heightOf(words[at]);
    for (let i = cut * 2; i < slots * 2; i++) target[targetAt + 2 + i - cut * 2] = words[at + 2 + i];
    target[targetAt] = nodeHead(height, slots - cut);
    target[targetAt + 1] = 0;
    words[at] = nodeHead(height, cut);
  }

  #write(node: BlockRef, height: number, slots: number, ref: BlockRef, count: number): void {
    const words = this.#wordsOf(node);
    const at = this.#wordOf(node);
    words[at] = nodeHead(height, slots);
    words[at + 1] = 0;
    openSlot(words, at, slots, ref, count);
  }

  #sumOf(node: BlockRef): number {
    const words = this.#wordsOf(node);
    const at = this.#wordOf(node);
    const isLeaf = heightOf(words[at]) === 0;
    let sum = 0;
    for (let i = at + 3 + (slotsOf(words[at]) - 1) * 2; i > at; i -= 2) {
      sum += isLeaf ? (words[i] & ~plainFlag) >>> 0 : words[i];
    }
    return sum;
  }

  #addAbove(root: BlockRef, level: number, more: number): void {
    for (let above = level - 1; above >= 0; above--) this.#addTo(above, more);
    this.#wordsOf(root)[this.#wordOf(root) + RootWord.treeCount] += more;
  }

  #addTo(level: number, more: number): void {
    const node = this.#nodes[level];
    this.#wordsOf(node)[this.#wordOf(node) + 3 + this.#slots[level] * 2] += more;
  }

  #wordsOf(ref: BlockRef): Uint32Array {
    return this.#arena.segments[ref >>> this.#arena.refShift].u32;
  }

  #wordOf(ref: BlockRef): number {
    return (ref & this.#arena.refMask) << 1;
  }
}

function openSlot(words: Uint32Array, at: number, slot: number, ref: BlockRef, count: number): void {
  const slots = slotsOf(words[at]);
  const i = at + 2 + slot * 2;
  if (slot < slots) words.copyWithin(i + 2, i, at + 2 + slots * 2);
  words[i] = ref;
  words[i + 1] = count;
  words[at]++;
}

function closeSlot(words: Uint32Array, at: number, slot: number): void {
  const slots = slotsOf(words[at]);
  const i = at + 2 + slot * 2;
  if (slot < slots - 1) words.copyWithin(i, i + 2, at + 2 + slots * 2);
  words[at]--;
}
