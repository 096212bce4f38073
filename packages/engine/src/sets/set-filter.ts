import type { Arena } from '../arena.ts';
import { byteOf, bytesOf, Encoding } from '../entry.ts';
import { IntSets } from '../intset.ts';
import { elementBytes } from '../listpack-element.ts';
import { keepRecords } from '../table/table-batch.ts';
import { mergeIntegers } from './merge-integers.ts';
import { MemberBatch } from './member-batch.ts';
import { PackIndex } from './pack-index.ts';
import type { SetBlocks } from './set-blocks.ts';
import type { SetValue } from './set-value.ts';
import { memberAt } from './set-walk.ts';

/** An intset with so many times the members of a batch is searched for each rather than gone through. */
const searchedFactor = 8;

/**
 * Batches of the members of one set, from which those that are in another set are taken out, or all others. Sets of one
 * encoding are compared without making texts of members or hashing them again.
 */
export class SetFilter extends MemberBatch {
  readonly #arena: Arena;
  readonly #blocks: SetBlocks;
  readonly #otherInts: IntSets;
  readonly #index: PackIndex;

  constructor(arena: Arena, blocks: SetBlocks) {
    super(arena);
    this.#arena = arena;
    this.#blocks = blocks;
    this.#otherInts = new IntSets(arena);
    this.#index = new PackIndex(arena);
  }

  /** Leaves the members of the batch that are in `other` (`isIn`), or those that are not. Their order stays. */
  keep(other: SetValue, isIn: boolean): void {
    const { encoding } = this;
    if (encoding !== other.encoding) this.#keepByText(other, isIn);
    else if (encoding === Encoding.hashtable) {
      const { places, hashes, count } = this;
      this.count = keepRecords(this.#arena, other.root, memberAt, places, hashes, count, isIn);
    } else if (encoding === Encoding.intset) this.#keepIntegers(other, isIn);
    else if (this.#index.begin(other.root, other.count)) this.#keepElements(isIn);
    else this.#keepByText(other, isIn);
  }

  #keepByText(other: SetValue, isIn: boolean): void {
    const { places, hashes } = this;
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      const { buffer, start, end } = this.text(i);
      if (this.#blocks.has(other, buffer, start, end) !== isIn) continue;
      hashes[kept] = hashes[i];
      places[kept++] = places[i];
    }
    this.count = kept;
  }

  #keepElements(isIn: boolean): void {
    const { places } = this;
    const bytes = bytesOf(this.#arena, this.root);
    const base = byteOf(this.#arena, this.root);
    const index = this.#index;
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      const p = base + (places[i] | 0);
      if (index.has(bytes, p, elementBytes(bytes, p)) === isIn) places[kept++] = places[i];
    }
    this.count = kept;
  }

  #keepIntegers(other: SetValue, isIn: boolean): void {
    const { places, ints } = this;
    const others = this.#otherInts;
    if (other.count <= this.count * searchedFactor && ints.width(this.root) < 8 && others.width(other.root) < 8) {
      this.count = mergeIntegers(this.#arena, this.root, places, this.count, other.root, isIn);
      return;
    }
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      ints.load(this.root, places[i]);
      others.high = ints.high;
      others.low = ints.low;
      if (others.find(other.root) >= 0 === isIn) places[kept++] = places[i];
    }
    this.count = kept;
  }
}
