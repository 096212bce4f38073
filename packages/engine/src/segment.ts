import { ByteBuffer } from '@kvartz/base';
import { pageBytes } from './size-classes.ts';

/**
 * What is known of a page stands in `pages`, never in the page itself, in eight words:
 *
 *   head      page in which the slab or run begins; set for every page of a slab, and for the first page of a run
 *   run       at the first and last page of a run: its length in pages, negative when the run is free
 *   sizeClass at the first page: the size class of the slab, 0 for a run that is one block
 *   freeBlock at the first page of a slab: first freed block, in units within the segment, -1 when none
 *   used      blocks in use
 *   carved    blocks that have been handed out at least once; the rest of the slab is untouched
 *   next, previous  neighbours in the list of the size class (slab ids), or in the bin (page numbers); -1: none
 */
export const pageWords = 8;
export const PageField = {
  head: 0,
  run: 1,
  sizeClass: 2,
  freeBlock: 3,
  used: 4,
  carved: 5,
  next: 6,
  previous: 7,
} as const;

const { head, run, next, previous } = PageField;

/** Bins of free runs: lengths 1 to 7 exactly, then eight to each power of two, up to 2^18 pages. */
const binCount = 136;
const binWords = Math.ceil(binCount / 32);
/** How many runs of the bin that may hold too short ones are tried before a longer run is split. */
const ownBinTriesMax = 8;

/**
 * One ArrayBuffer of the arena, and the allocator of its pages: free runs in bins by length, a bitmap of the bins that
 * are not empty, and lengths at both ends of a run, so that a freed run joins its free neighbours at once.
 *
 * The memory is zeroed lazily by the operating system: a page that was never handed out costs nothing.
 */
export class Segment {
  readonly bytes: ByteBuffer;
  readonly u8: Uint8Array<ArrayBuffer>;
  readonly dv: DataView<ArrayBuffer>;
  readonly u32: Uint32Array<ArrayBuffer>;
  readonly pages: Int32Array<ArrayBuffer>;
  /** Assigned once: at the latest when the segment comes into use. */
  index: number;
  readonly pageCount: number;
  /** Pages below are never handed out: in segment 0 the first one, so that no block has the reference 0. */
  readonly firstPage: number;
  readonly isOneBlock: boolean;
  freePages = 0;
  /** Pages below were handed out at some time, and so take memory. */
  touchedPages: number;
  readonly #bins = new Int32Array(binCount);
  readonly #binBits = new Int32Array(binWords);

  /** `isOneBlock`: the whole segment is one block, and stays so. `touchedPages`: of memory that was in use before. */
  constructor(memory: ArrayBuffer, index: number, isOneBlock = false, touchedPages = 0) {
    this.bytes = new ByteBuffer(memory);
    this.u8 = this.bytes.u8;
    this.dv = this.bytes.dv;
    this.u32 = new Uint32Array(memory);
    this.index = index;
    this.pageCount = memory.byteLength / pageBytes;
    this.firstPage = index === 0 ? 1 : 0;
    this.isOneBlock = isOneBlock;
    this.touchedPages = isOneBlock ? this.pageCount : touchedPages;
    this.pages = new Int32Array((isOneBlock ? 1 : this.pageCount) * pageWords);
    if (isOneBlock) this.pages[run] = this.pageCount;
    else if (this.pageCount > 0) this.reset();
  }

  /** Makes everything one free run. */
  reset(): void {
    this.#bins.fill(-1);
    this.#binBits.fill(0);
    this.freePages = this.pageCount - this.firstPage;
    this.#putFree(this.firstPage, this.freePages);
  }

  /** First page of a run of `count` pages, or -1. */
  allocRun(count: number): number {
    if (count > this.freePages) return -1;
    const page = this.#findRun(count);
    if (page < 0) return -1;
    const pages = this.pages;
    const length = -pages[page * pageWords + run];
    this.#unlink(page, length);
    if (length > count) this.#putFree(page + count, length - count);
    this.#mark(page, count, count);
    pages[page * pageWords + head] = page;
    this.freePages -= count;
    if (page + count > this.touchedPages) this.touchedPages = page + count;
    return page;
  }

  /** How many pages that were never used `allocRun` would take; -1 when it would fail. */
  untouchedPagesOf(count: number): number {
    const page = count > this.freePages ? -1 : this.#findRun(count);
    return page < 0 ? -1 : Math.max(0, page + count - this.touchedPages);
  }

  /** Length in pages of the run, free or not, that begins at `page`. */
  runLength(page: number): number {
    return Math.abs(this.pages[page * pageWords + run]);
  }

  freeRun(page: number): void {
    const pages = this.pages;
    let start = page;
    let length = pages[page * pageWords + run];
    this.freePages += length;
    const after = start + length;
    if (after < this.pageCount) {
      const afterLength = -pages[after * pageWords + run];
      if (afterLength > 0) {
        this.#unlink(after, afterLength);
        length += afterLength;
      }
    }
    if (start > this.firstPage) {
      const beforeLength = -pages[(start - 1) * pageWords + run];
      if (beforeLength > 0) {
        start -= beforeLength;
        this.#unlink(start, beforeLength);
        length += beforeLength;
      }
    }
    this.#putFree(start, length);
  }

  /** Makes a run longer in place by pages that are free behind it. */
  extendRun(page: number, count: number): boolean {
    const length = this.pages[page * pageWords + run];
    const after = page + length;
    if (after >= this.pageCount) return false;
    const afterLength = -this.pages[after * pageWords + run];
    const missing = count - length;
    if (afterLength < missing) return false;
    this.#unlink(after, afterLength);
    if (afterLength > missing) this.#putFree(after + missing, afterLength - missing);
    this.#mark(page, count, count);
    this.freePages -= missing;
    if (page + count > this.touchedPages) this.touchedPages = page + count;
    return true;
  }

  get isEmpty(): boolean {
    return this.freePages > 0 && this.freePages === this.pageCount - this.firstPage;
  }

  /** All free pages are joined. For tests. */
  get isOneRun(): boolean {
    return this.runLength(this.firstPage) === this.freePages;
  }

  /** Pages that were used before come first. */
  #findRun(count: number): number {
    const page = this.#findRunBelow(count, this.touchedPages);
    return page >= 0 ? page : this.#findRunBelow(count, this.pageCount);
  }

  /** A free run whose first `count` pages end at `end` or before, or -1. Only the last run of all can end later. */
  #findRunBelow(count: number, end: number): number {
    const pages = this.pages;
    const bin = binOf(count);
    let page = this.#bins[bin];
    for (let tries = 0; page >= 0 && tries < ownBinTriesMax; tries++) {
      if (-pages[page * pageWords + run] >= count && page + count <= end) return page;
      page = pages[page * pageWords + next];
    }
    let word = (bin + 1) >>> 5;
    if (word >= binWords) return -1;
    let bits = this.#binBits[word] & (-1 << ((bin + 1) & 31));
    for (;;) {
      while (bits === 0) {
        if (++word >= binWords) return -1;
        bits = this.#binBits[word];
      }
      page = this.#bins[word * 32 + 31 - Math.clz32(bits & -bits)];
      if (page + count > end) page = pages[page * pageWords + next];
      if (page >= 0) return page;
      bits &= bits - 1;
    }
  }

  #mark(page: number, length: number, value: number): void {
    this.pages[page * pageWords + run] = value;
    this.pages[(page + length - 1) * pageWords + run] = value;
  }

  #putFree(page: number, length: number): void {
    const pages = this.pages;
    const bin = binOf(length);
    const first = this.#bins[bin];
    this.#mark(page, length, -length);
    pages[page * pageWords + next] = first;
    pages[page * pageWords + previous] = -1;
    if (first >= 0) pages[first * pageWords + previous] = page;
    this.#bins[bin] = page;
    this.#binBits[bin >>> 5] |= 1 << (bin & 31);
  }

  #unlink(page: number, length: number): void {
    const pages = this.pages;
    const after = pages[page * pageWords + next];
    const before = pages[page * pageWords + previous];
    if (after >= 0) pages[after * pageWords + previous] = before;
    if (before >= 0) {
      pages[before * pageWords + next] = after;
      return;
    }
    const bin = binOf(length);
    this.#bins[bin] = after;
    if (after < 0) this.#binBits[bin >>> 5] &= ~(1 << (bin & 31));
  }
}

/** Rises with the length. */
function binOf(length: number): number {
  if (length < 8) return length - 1;
  const exponent = 31 - Math.clz32(length);
  return (exponent - 3) * 8 + 7 + ((length >>> (exponent - 3)) & 7);
}
