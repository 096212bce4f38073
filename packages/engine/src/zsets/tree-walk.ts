import type { Arena, BlockRef } from '../arena.ts';
import type { MemberRun, ScoreRun } from './member-run.ts';
import { recordMemberAt } from './record.ts';
import { TreeSearch } from './tree-search.ts';

/**
 * A walk over the members of a tree in either direction. It stands between two members, keeps its path instead of following
 * links, and allocates nothing. A change of the tree ends it.
 */
export class TreeWalk extends TreeSearch {
  #height = 0;
  /** Of the leaf: its segment's words and doubles, the first of its records, of its scores, the place in it, its entries. */
  #words: Uint32Array;
  #doubles: DataView;
  #scores = 0;
  #records = 0;
  #place = 0;
  #entries = 0;

  constructor(arena: Arena) {
    super(arena);
    this.#words = new Uint32Array(0);
    this.#doubles = new DataView(new ArrayBuffer(0));
  }

  /** Goes to the member of this rank, which must be there. */
  seek(root: BlockRef, rank: number): void {
    this.#height = this.select(root, rank);
    this.#enterLeaf(this.nodes[this.#height - 1]);
    this.#place = this.at[this.#height - 1];
  }

  /** Goes to the first member with this score or a higher one, which may be none. */
  seekScore(root: BlockRef, score: number): void {
    this.#height = this.descend(root, score, false);
    this.#enterLeaf(this.nodes[this.#height - 1]);
    this.#place = this.at[this.#height - 1];
  }

  /** The record of the member where the walk stands, which it leaves for the next one; 0 behind the last. */
  next(): BlockRef {
    if (this.#place >= this.#entries && !this.#turn(1)) return 0;
    return this.#words[this.#records + this.#place++];
  }

  /** The same for the member before; 0 behind the first. */
  previous(): BlockRef {
    if (this.#place < 0 && !this.#turn(-1)) return 0;
    return this.#words[this.#records + this.#place--];
  }

  /**
   * Leaves up to `count` members for the next ones (the ones before), and notes where their bytes are. Returns their number,
   * one at least where there is one: a run ends with its leaf, and where records are in another segment.
   */
  run(run: MemberRun, count: number, isReverse: boolean): number {
    const step = isReverse ? -1 : 1;
    if ((this.#place < 0 || this.#place >= this.#entries) && !this.#turn(step)) return 0;
    const { arena } = this;
    const { starts, ends } = run;
    const words = this.#words;
    const inLeaf = isReverse ? this.#place + 1 : this.#entries - this.#place;
    const most = Math.min(count, inLeaf, starts.length);
    const first = words[this.#records + this.#place] >>> arena.refShift;
    const { bytes, u32 } = arena.segments[first];
    run.buffer = bytes;
    let place = this.#records + this.#place;
    let i = 0;
    for (; i < most; i++, place += step) {
      const record = words[place];
      if (record >>> arena.refShift !== first) break;
      const at = (record & arena.refMask) << 3;
      starts[i] = at + recordMemberAt;
      ends[i] = at + recordMemberAt + u32[at >>> 2];
    }
    this.#place = place - this.#records;
    return i;
  }

  /** Leaves members for the next ones, as many as there is room for and the leaf has, and notes their scores. Returns their number. */
  scoreRun({ scores, records }: ScoreRun): number {
    if (this.#place >= this.#entries && !this.#turn(1)) return 0;
    const words = this.#words;
    const doubles = this.#doubles;
    const first = this.#place;
    const firstScore = this.#scores + first * 8;
    const count = Math.min(this.#entries - first, scores.length);
    for (let i = 0; i < count; i++) {
      scores[i] = doubles.getFloat64(firstScore + i * 8, true);
      records[i] = words[this.#records + first + i];
    }
    this.#place = first + count;
    return count;
  }

  /** Goes to the next leaf, or the one before. False when there is none. */
  #turn(step: 1 | -1): boolean {
    const { arena, nodes, at } = this;
    for (let d = this.#height - 2; d >= 0; d--) {
      const upper = arena.segments[nodes[d] >>> arena.refShift].u32;
      const word = (nodes[d] & arena.refMask) << 1;
      const i = at[d] + step;
      if (i < 0 || i >= (upper[word] & 0xffff)) continue;
      at[d] = i;
      let node = upper[word + 2 + 3 * (upper[word] >>> 16) + i];
      for (let below = d + 1; below < this.#height; below++) {
        const { u32 } = arena.segments[node >>> arena.refShift];
        const head = (node & arena.refMask) << 1;
        const j = step > 0 ? 0 : (u32[head] & 0xffff) - 1;
        nodes[below] = node;
        at[below] = j;
        if (below < this.#height - 1) node = u32[head + 2 + 3 * (u32[head] >>> 16) + j];
      }
      this.#enterLeaf(node);
      this.#place = at[this.#height - 1];
      return true;
    }
    return false;
  }

  #enterLeaf(leaf: BlockRef): void {
    const { arena } = this;
    const { u32, dv } = arena.segments[leaf >>> arena.refShift];
    const word = (leaf & arena.refMask) << 1;
    this.#words = u32;
    this.#doubles = dv;
    this.#scores = (word << 2) + 8;
    this.#entries = u32[word] & 0xffff;
    this.#records = word + 2 + 2 * (u32[word] >>> 16);
  }
}
