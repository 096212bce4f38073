import type { Arena, BlockRef } from '../arena.ts';
import { copyBlock } from '../copy-block.ts';

/** Of a number by which references are spread over the index. */
const spread = 0x9e37_79b1;

/**
 * The blocks that a view has still to read, in order: rows of words, one of which is the block's reference. A block that is
 * about to be changed is copied before, one that is about to be freed becomes the view's own. Nothing is looked up before the
 * first change.
 */
export class Pins {
  readonly #arena: Arena;
  readonly #rowWords: number;
  readonly #refWord: number;
  readonly #isLast: (own: BlockRef) => boolean;
  /** Rows are made with the block, and then filled by the owner. */
  #rows: BlockRef = 0;
  count = 0;
  /** The first row that has not been read. */
  next = 0;
  /** Rows by reference, plus one; 0: none. A power of two of cells. */
  #index: Int32Array | undefined;
  /** By row: copies, and blocks that are no longer the value's. */
  readonly #own = new Map<number, BlockRef>();

  /** `isLast` says whether no other view has a block that this one has no more need of. */
  constructor(arena: Arena, rowWords: number, refWord: number, isLast: (own: BlockRef) => boolean) {
    this.#arena = arena;
    this.#rowWords = rowWords;
    this.#refWord = refWord;
    this.#isLast = isLast;
  }

  /** Room for so many rows. False: no memory. */
  reserve(count: number): boolean {
    this.count = count;
    this.#rows = count === 0 ? 0 : this.#arena.alloc(count * this.#rowWords * 4);
    return count === 0 || this.#rows !== 0;
  }

  get words(): Uint32Array {
    return this.#arena.segments[this.#rows >>> this.#arena.refShift].u32;
  }

  /** Where row `i` begins in `words`. */
  wordOf(i: number): number {
    return ((this.#rows & this.#arena.refMask) << 1) + i * this.#rowWords;
  }

  /** The block of row `i` as it was. */
  blockOf(i: number): BlockRef {
    return this.#own.get(i) ?? this.words[this.wordOf(i) + this.#refWord];
  }

  /** The next row has been read. */
  pass(): void {
    const own = this.#own.get(this.next);
    if (own !== undefined) {
      this.#own.delete(this.next);
      if (this.#isLast(own)) this.#arena.free(own);
    }
    this.next++;
  }

  /** A block of the value is about to be changed. False: no memory for a copy. */
  copy(ref: BlockRef): boolean {
    const i = this.#find(ref);
    if (i < 0) return true;
    const copy = copyBlock(this.#arena, ref);
    if (copy === 0) return false;
    this.#own.set(i, copy);
    return true;
  }

  /** A block of the value is about to be freed. True: it is the view's now. */
  take(ref: BlockRef): boolean {
    const i = this.#find(ref);
    if (i < 0) return false;
    this.#own.set(i, ref);
    return true;
  }

  /** Lets go of everything. */
  release(): void {
    for (const own of this.#own.values()) if (this.#isLast(own)) this.#arena.lazyFree.addBlock(own);
    this.#own.clear();
    this.#index = undefined;
    if (this.#rows !== 0) this.#arena.free(this.#rows);
    this.#rows = 0;
    this.count = 0;
  }

  /** The row of a block that is the value's and has not been read; -1: it is none, or the view has it already. */
  #find(ref: BlockRef): number {
    if (this.next === this.count) return -1;
    const index = (this.#index ??= this.#makeIndex());
    const { words } = this;
    const mask = index.length - 1;
    for (let cell = cellOf(ref, mask); index[cell] !== 0; cell = (cell + 1) & mask) {
      const i = index[cell] - 1;
      if (words[this.wordOf(i) + this.#refWord] === ref) return i < this.next || this.#own.has(i) ? -1 : i;
    }
    return -1;
  }

  #makeIndex(): Int32Array {
    const { count, next, words } = this;
    const index = new Int32Array(2 ** Math.ceil(Math.log2((count - next) * 1.5 + 2)));
    const mask = index.length - 1;
    for (let i = next, at = this.wordOf(next) + this.#refWord; i < count; i++, at += this.#rowWords) {
      let cell = cellOf(words[at], mask);
      while (index[cell] !== 0) cell = (cell + 1) & mask;
      index[cell] = i + 1;
    }
    return index;
  }
}

function cellOf(ref: BlockRef, mask: number): number {
  const hash = Math.imul(ref, spread);
  return (hash ^ (hash >>> 15)) & mask;
}
