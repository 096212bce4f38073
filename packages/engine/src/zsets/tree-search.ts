import { ByteBuffer } from '@kvartz/base';
import type { Arena, BlockRef } from '../arena.ts';
import { byteOf, bytesOf } from '../entry.ts';
import { addCount, copyEntry, nodeScoresAt } from './nodes.ts';
import { compareBytes } from '../compare-bytes.ts';
import { recordMemberAt } from './record.ts';

/*
 * Root of a sorted set that is not a listpack:
 *
 *    0  root of the table of its records
 *    4  root node of its tree; 0 when there are no members
 *    8  height of the tree: 1 when the root node is a leaf
 *   12  members
 */
export const rootBytes = 16;
export const RootWord = { table: 0, tree: 1, height: 2, count: 3 } as const;

export function rootWord(arena: Arena, root: BlockRef, word: number): number {
  return arena.segments[root >>> arena.refShift].u32[((root & arena.refMask) << 1) + word];
}

export function setRootWord(arena: Arena, root: BlockRef, word: number, value: number): void {
  arena.segments[root >>> arena.refShift].u32[((root & arena.refMask) << 1) + word] = value;
}

/** A tree of 63 entries to a node, a third full at worst, has 4 billion members in 8 levels. */
export const levelsMax = 12;

/**
 * What orders entries of the same score: the bytes of the member, or, where only the score means something, the reference of
 * the record, which is found without reading the record.
 */
export type TieOrder = 'member' | 'reference';

/**
 * The tree's places: by score and member, by score, by member, by rank.
 *
 * Invariant: entry i of an inner node has the score and the record of the first member under child i, and their number.
 */
export class TreeSearch {
  protected readonly arena: Arena;
  /** Nodes from the root to the leaf that the last search came through, and the entry taken in each. */
  protected readonly nodes = new Uint32Array(levelsMax);
  protected readonly at = new Int32Array(levelsMax);
  /** The member that is searched for, and its record if it has one: equal references save a comparison. */
  #key: ByteBuffer;
  #keyStart = 0;
  #keyEnd = 0;
  #record: BlockRef = 0;
  readonly #isByReference: boolean;

  constructor(arena: Arena, tieOrder: TieOrder = 'member') {
    this.arena = arena;
    this.#isByReference = tieOrder === 'reference';
    this.#key = new ByteBuffer(0);
  }

  /** Members that come before the one of this record, which is or could be in the tree. */
  rankOf(root: BlockRef, score: number, record: BlockRef): number {
    const height = this.find(root, score, record);
    return height === 0 ? 0 : this.#rankHere(height);
  }

  /** Members with a lower score; with `orEqual`, with a score not higher. */
  rankOfScore(root: BlockRef, score: number, orEqual: boolean): number {
    const height = this.descend(root, score, orEqual);
    return height === 0 ? 0 : this.#rankHere(height);
  }

  /** Goes to where the members before end, and returns the height of the tree. */
  protected descend(root: BlockRef, score: number, orEqual: boolean): number {
    const { arena } = this;
    const height = rootWord(arena, root, RootWord.height);
    if (height === 0) return 0;
    let node = rootWord(arena, root, RootWord.tree);
    for (let d = 0; ; d++) {
      const { dv, u32 } = arena.segments[node >>> arena.refShift];
      const base = (node & arena.refMask) << 3;
      const head = u32[base >>> 2];
      let low = 0;
      let high = head & 0xffff;
      while (low < high) {
        const middle = (low + high) >>> 1;
        const s = dv.getFloat64(base + nodeScoresAt + middle * 8, true);
        if (orEqual ? s <= score : s < score) low = middle + 1;
        else high = middle;
      }
      this.nodes[d] = node;
      if (d === height - 1) {
        this.at[d] = low;
        return height;
      }
      const i = low === 0 ? 0 : low - 1;
      this.at[d] = i;
      node = u32[((base + nodeScoresAt) >>> 2) + 3 * (head >>> 16) + i];
    }
  }

  /** Members whose bytes come before these; with `orEqual`, with those that are them. All scores should be the same. */
  rankOfMember(root: BlockRef, member: ByteBuffer, start: number, end: number, orEqual: boolean): number {
    const { arena } = this;
    const height = rootWord(arena, root, RootWord.height);
    if (height === 0) return 0;
    this.#key = member;
    this.#keyStart = start;
    this.#keyEnd = end;
    this.#record = 0;
    let node = rootWord(arena, root, RootWord.tree);
    for (let d = 0; ; d++) {
      const { u32 } = arena.segments[node >>> arena.refShift];
      const word = (node & arena.refMask) << 1;
      let low = 0;
      let high = u32[word] & 0xffff;
      while (low < high) {
        const middle = (low + high) >>> 1;
        const order = this.#compare(node, middle);
        if (orEqual ? order <= 0 : order < 0) low = middle + 1;
        else high = middle;
      }
      this.nodes[d] = node;
      if (d === height - 1) {
        this.at[d] = low;
        return this.#rankHere(height);
      }
      const i = low === 0 ? 0 : low - 1;
      this.at[d] = i;
      node = u32[word + 2 + 3 * (u32[word] >>> 16) + i];
    }
  }

  /** Leads the path to where the record is or belongs: behind all members that come before it. Returns the height. */
  protected find(root: BlockRef, score: number, record: BlockRef): number {
    const { arena } = this;
    const height = rootWord(arena, root, RootWord.height);
    if (height === 0) return 0;
    const key = bytesOf(arena, record);
    const at = byteOf(arena, record);
    this.#key = key;
    this.#keyStart = at + recordMemberAt;
    this.#keyEnd = this.#keyStart + key.dv.getUint32(at, true);
    this.#record = record;
    this.#descend(rootWord(arena, root, RootWord.tree), height, score);
    return height;
  }

  /** Leads the path to the member of a rank below the number of members. Returns the height. */
  protected select(root: BlockRef, rank: number): number {
    const { arena } = this;
    const height = rootWord(arena, root, RootWord.height);
    let node = rootWord(arena, root, RootWord.tree);
    for (let d = 0; d < height - 1; d++) {
      const { u32 } = arena.segments[node >>> arena.refShift];
      const word = (node & arena.refMask) << 1;
      const capacity = u32[word] >>> 16;
      const counts = word + 2 + 4 * capacity;
      const last = counts + (u32[word] & 0xffff) - 1;
      let i = counts;
      while (i < last && rank >= u32[i]) rank -= u32[i++];
      this.nodes[d] = node;
      this.at[d] = i - counts;
      node = u32[i - capacity];
    }
    this.nodes[height - 1] = node;
    this.at[height - 1] = rank;
    return height;
  }

  /** Whether the searched member with this score comes before entry `i` of a node. */
  protected isBefore(node: BlockRef, i: number, score: number): boolean {
    const { arena } = this;
    const s = bytesOf(arena, node).dv.getFloat64(byteOf(arena, node) + nodeScoresAt + i * 8, true);
    return score < s || (score === s && this.#compare(node, i) > 0);
  }

  /** Adds to the number of members of the entries on the path, from the root down to the level above `depth`. */
  protected addCounts(root: BlockRef, depth: number, by: number): void {
    const { arena, nodes, at } = this;
    for (let d = 0; d < depth; d++) addCount(arena, nodes[d], at[d], by);
    arena.segments[root >>> arena.refShift].u32[((root & arena.refMask) << 1) + RootWord.count] += by;
  }

  /** The first entry of the node at `depth` is another one: those that stand for it above become it, too. */
  protected fixFirst(depth: number): void {
    const { arena, nodes, at } = this;
    const node = nodes[depth];
    for (let d = depth - 1; d >= 0; d--) {
      copyEntry(arena, nodes[d], at[d], node, 0);
      if (at[d] !== 0) return;
    }
  }

  #descend(node: BlockRef, height: number, score: number): void {
    const { arena } = this;
    for (let d = 0; d < height - 1; d++) {
      // A child may hold the member if its first one does not come behind it.
      let i = this.#position(node, score, true) - 1;
      if (i < 0) i = 0;
      this.nodes[d] = node;
      this.at[d] = i;
      const { u32 } = arena.segments[node >>> arena.refShift];
      const word = (node & arena.refMask) << 1;
      node = u32[word + 2 + 3 * (u32[word] >>> 16) + i];
    }
    this.nodes[height - 1] = node;
    this.at[height - 1] = this.#position(node, score, false);
  }

  /** Entries of a node that come before the score and the member; with `orEqual`, with the one that is them. */
  #position(node: BlockRef, score: number, orEqual: boolean): number {
    const { arena } = this;
    const { dv, u32 } = arena.segments[node >>> arena.refShift];
    const base = (node & arena.refMask) << 3;
    let low = 0;
    let high = u32[base >>> 2] & 0xffff;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const s = dv.getFloat64(base + nodeScoresAt + middle * 8, true);
      if (s < score) low = middle + 1;
      else if (s > score) high = middle;
      else {
        const order = this.#compare(node, middle);
        if (order < 0 || (order === 0 && orEqual)) low = middle + 1;
        else high = middle;
      }
    }
    return low;
  }

  /** The member of entry `i` beside the one that is searched for. */
  #compare(node: BlockRef, i: number): number {
    const { arena } = this;
    const { u32 } = arena.segments[node >>> arena.refShift];
    const word = (node & arena.refMask) << 1;
    const record = u32[word + 2 + 2 * (u32[word] >>> 16) + i];
    if (record === this.#record) return 0;
    if (this.#isByReference) return record < this.#record ? -1 : 1;
    const member = bytesOf(arena, record);
    const start = byteOf(arena, record) + recordMemberAt;
    const end = start + member.dv.getUint32(start - recordMemberAt, true);
    return compareBytes(member, start, end, this.#key, this.#keyStart, this.#keyEnd);
  }

  /** Members before the place that the path leads to. */
  #rankHere(height: number): number {
    const { arena, nodes, at } = this;
    let rank = at[height - 1];
    for (let d = 0; d < height - 1; d++) {
      const { u32 } = arena.segments[nodes[d] >>> arena.refShift];
      const word = (nodes[d] & arena.refMask) << 1;
      const counts = word + 2 + 4 * (u32[word] >>> 16);
      for (let i = counts + at[d] - 1; i >= counts; i--) rank += u32[i];
    }
    return rank;
  }
}
