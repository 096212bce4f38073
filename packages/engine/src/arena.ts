import { assert } from '@kvartz/base';
import { CutRegistry } from './cut/cut-registry.ts';
import { MemoryGuard } from './checked-mode.ts';
import { LazyFree } from './lazy-free.ts';
import { PageField, pageWords, type Segment } from './segment.ts';
import { SegmentTable } from './segment-table.ts';
import {
  classBlocks,
  classBytes,
  classOfUnits,
  classPages,
  pageBytes,
  runPagesOf,
  sizeClassCount,
  sizeClassOf,
  slabBlockBytesMax,
} from './size-classes.ts';
import { Views } from './views/views.ts';

/** Where a block is: 32 bits, in units of 8 bytes; 0 is none. The upper bits number the segment. */
export type BlockRef = number;

export interface ArenaOptions {
  /** Size of a segment: a power of two from 64 KiB to 1 GiB. Default 64 MiB. Small ones are for tests and many arenas. */
  readonly segmentBytes?: number;
  /** Allocations that would take `usedBytes` beyond this fail. Default: none but the 32 GiB that references reach. */
  readonly limitBytes?: number;
  /** Poison freed blocks and check every reference: for tests. Costs twice the time and more. */
  readonly checked?: boolean;
}

/**
 * Large enough that references need no more than 512 of them, small enough that giving one back to the operating system
 * takes 6 ms (1 GiB: 90 ms) and that who keeps little reserves little.
 */
const defaultSegmentBytes = 2 ** 26;
/** Entries freed at a time, until an allocation that failed succeeds. */
const reclaimUnits = 256;

const { head, run, sizeClass, freeBlock, used, carved, next, previous } = PageField;

/**
 * Memory outside the JavaScript heap, in blocks of 8 bytes to 1 GiB:
 *
 *   segment   ArrayBuffer, reserved when the ones before are full        ref >>> refShift
 *   run       pages of 4 KiB of one segment: a slab, or one large block
 *   slab      1 to 16 pages cut into blocks of one size class; freed blocks are linked through their first word
 *
 * Blocks of more than half a segment are segments of their own, of the size that they need. An empty slab goes back to the
 * pages, so that memory freed in one size serves the others. Contents of new blocks are undefined. No allocation throws:
 * what cannot be had is the reference 0.
 *
 * Invariant: `usedBytes` is the sum of the sizes of the live blocks, each rounded up to its class.
 */
export class Arena {
  readonly isChecked: boolean;
  /** `ref >>> refShift` is the segment, `(ref & refMask) << 3` the byte in it. */
  readonly refShift: number;
  readonly refMask: number;
  readonly segments: Segment[];
  /** Present in checked mode. */
  readonly guard: MemoryGuard | undefined;
  /** Entries that nobody can reach any more and that are freed bit by bit; all at once when memory is short. */
  readonly lazyFree: LazyFree;
  /** Of large values, as they were when the views were opened. */
  readonly views: Views;
  /** Views that are open: who changes a large value tells `views` of it unless this is 0. */
  viewCount = 0;
  /** For the hashes of members of sets, fields of hashes: the same in every keyspace, since values move between them. */
  memberHashKey: readonly [number, number] | undefined;
  /** Open cuts. */
  readonly cuts: CutRegistry;
  /** What the clock of a new entry bears in its upper 8 bits, and zeros; see `CutRegistry`. */
  cutMark = 0;
  /** Keyspaces that hold keys. When the last one is cleared the whole arena is reset. */
  occupants = 0;

  readonly #table: SegmentTable;
  /** used, peak, limit, reserved: bytes. As fields they would be boxed, and every allocation make garbage. */
  readonly #counters: Float64Array<ArrayBuffer>;
  /** By size class: id of the first slab with a free block, or -1. */
  readonly #openSlabs = new Int32Array(sizeClassCount).fill(-1);
  readonly #slabShift: number;
  readonly #slabMask: number;
  readonly #runBytesMax: number;

  constructor(options: ArenaOptions = {}) {
    const { segmentBytes = defaultSegmentBytes, limitBytes = Infinity, checked = false } = options;
    const shift = Math.log2(segmentBytes);
    assert(Number.isInteger(shift) && shift >= 16 && shift <= 30, `segment of ${segmentBytes} bytes`);
    this.isChecked = checked;
    this.guard = checked ? new MemoryGuard() : undefined;
    this.refShift = shift - 3;
    this.refMask = segmentBytes / 8 - 1;
    this.#slabShift = shift - 12;
    this.#slabMask = segmentBytes / pageBytes - 1;
    this.#runBytesMax = segmentBytes / 2;
    this.#counters = new Float64Array([0, 0, limitBytes, 0]);
    this.#table = new SegmentTable(segmentBytes, this.guard);
    this.segments = this.#table.list;
    this.lazyFree = new LazyFree(this);
    this.cuts = new CutRegistry(this);
    this.views = new Views(this);
  }

  /** Bytes of live blocks, with what rounding to their class adds. */
  get usedBytes(): number {
    return this.#counters[0];
  }

  /** The highest `usedBytes` since the start or the last `resetPeak`. */
  get peakBytes(): number {
    return this.#counters[1];
  }

  get limitBytes(): number {
    return this.#counters[2];
  }

  set limitBytes(bytes: number) {
    this.#counters[2] = bytes;
  }

  /** Bytes of pages that are slabs or large blocks: `usedBytes` and the free blocks of slabs. */
  get reservedBytes(): number {
    return this.#counters[3];
  }

  /** Address space of all segments; pages that were never used cost no memory. */
  get segmentsBytes(): number {
    return this.#table.sizeBytes;
  }

  /** Bytes of pages that were in use at some time and not given back since: what the operating system sees taken. */
  get residentBytes(): number {
    return this.#table.touchedPages * pageBytes;
  }

  /** Whether a block of this size can be had while `residentBytes` stays as it is, or below `residentMaxBytes`. */
  hasRoom(sizeBytes: number, residentMaxBytes: number): boolean {
    if (sizeBytes <= slabBlockBytesMax && this.#openSlabs[sizeClassOf(sizeBytes)] >= 0) return true;
    return this.#table.hasRun(runPagesOf(sizeBytes), Math.floor(residentMaxBytes / pageBytes));
  }

  /** A small block from a slab that is open and not among these pages; 0 when there is none. For who empties the pages. */
  allocOutside(sizeBytes: number, segmentIndex: number, firstPage: number, endPage: number): BlockRef {
    const c = sizeClassOf(sizeBytes);
    let slab = this.#openSlabs[c];
    while (slab >= 0) {
      const segment = this.segments[slab >>> this.#slabShift];
      const page = slab & this.#slabMask;
      if (segment.index !== segmentIndex || page < firstPage || page >= endPage) {
        this.#unlinkSlab(segment, page, c);
        this.#openSlab(segment, page, c);
        return this.#tryAlloc(sizeBytes);
      }
      slab = segment.pages[page * pageWords + next];
    }
    return 0;
  }

  resetPeak(): void {
    this.#counters[1] = this.#counters[0];
  }

  /** A block of at least `sizeBytes`, or 0 when there is no memory for it. */
  alloc(sizeBytes: number): BlockRef {
    if (!(sizeBytes > 0)) assert(false, `alloc of ${sizeBytes} bytes`); // the message is built only now
    let ref = this.#tryAlloc(sizeBytes);
    while (ref === 0 && !this.lazyFree.isEmpty) {
      this.lazyFree.run(reclaimUnits);
      ref = this.#tryAlloc(sizeBytes);
    }
    return ref;
  }

  free(ref: BlockRef): void {
    if (this.isChecked) this.#checkFree(ref);
    const segment = this.segments[ref >>> this.refShift];
    const pages = segment.pages;
    const unit = ref & this.refMask;
    const first = pages[(unit >>> 9) * pageWords + head];
    const at = first * pageWords;
    const c = pages[at + sizeClass];
    if (c === 0) {
      this.#freeLarge(segment, first);
      return;
    }
    this.#counters[0] -= classBytes[c];
    segment.u32[unit << 1] = pages[at + freeBlock];
    pages[at + freeBlock] = unit;
    const left = --pages[at + used];
    if (left === 0) this.#closeSlab(segment, first, c);
    else if (left === classBlocks[c] - 1) this.#openSlab(segment, first, c);
  }

  /** Size of the block, which may be more than was asked for. */
  blockBytes(ref: BlockRef): number {
    if (this.isChecked) this.assertLive(ref);
    const { pages } = this.segments[ref >>> this.refShift];
    const first = pages[((ref & this.refMask) >>> 9) * pageWords + head];
    const c = pages[first * pageWords + sizeClass];
    return c === 0 ? pages[first * pageWords + run] * pageBytes : classBytes[c];
  }

  /** Makes a large block at least `sizeBytes` long where it stands, if the pages behind it are free. */
  extend(ref: BlockRef, sizeBytes: number): boolean {
    const segment = this.segments[ref >>> this.refShift];
    const oldBytes = this.blockBytes(ref);
    if (oldBytes <= slabBlockBytesMax || segment.isOneBlock || sizeBytes > this.#runBytesMax) return false;
    const pageCount = Math.ceil(sizeBytes / pageBytes);
    const moreBytes = pageCount * pageBytes - oldBytes;
    if (this.#isRefused(moreBytes) || !this.#table.extendRun(segment, (ref & this.refMask) >>> 9, pageCount))
      return false;
    this.#counters[3] += moreBytes;
    this.#count(moreBytes);
    return true;
  }

  /** Frees all blocks at once, in time that depends on the address space and not on the data. */
  reset(): void {
    this.#table.reset();
    this.lazyFree.forget();
    this.#openSlabs.fill(-1);
    this.#counters[0] = 0;
    this.#counters[3] = 0;
    this.occupants = 0;
  }

  /** Makes the next segment when it will soon be needed: for the moments between requests, every tenth of a second or so. */
  reserveAhead(): void {
    this.#table.reserveAhead();
  }

  /** Gives one empty segment, if there is any, back to the operating system. True when there are more. */
  releaseOne(): boolean {
    return this.#table.releaseOne();
  }

  /** Gives back all segments that hold nothing: some milliseconds for each. */
  purge(): void {
    this.#table.retireSpare();
    while (this.releaseOne());
  }

  /** Throws a CheckedModeError when no live block begins at `ref`. Only in checked mode. */
  assertLive(ref: BlockRef): void {
    this.guard?.assertLive(this.segments[ref >>> this.refShift], ref & this.refMask);
  }

  #tryAlloc(sizeBytes: number): BlockRef {
    if (sizeBytes > slabBlockBytesMax) return this.#allocLarge(sizeBytes);
    const c = classOfUnits[(sizeBytes + 7) >>> 3];
    const blockBytes = classBytes[c];
    if (this.#isRefused(blockBytes)) return 0;
    let slab = this.#openSlabs[c];
    if (slab < 0) {
      slab = this.#newSlab(c);
      if (slab < 0) return 0;
    }
    const segment = this.segments[slab >>> this.#slabShift];
    const pages = segment.pages;
    const first = slab & this.#slabMask;
    const at = first * pageWords;
    let unit = pages[at + freeBlock];
    const isReused = unit >= 0;
    if (isReused) pages[at + freeBlock] = segment.u32[unit << 1];
    else unit = (first << 9) + ((pages[at + carved]++ * blockBytes) >>> 3);
    if (++pages[at + used] === classBlocks[c]) this.#unlinkSlab(segment, first, c);
    if (this.isChecked) this.guard?.allocated(segment, unit, blockBytes, isReused);
    this.#count(blockBytes);
    return ((segment.index << this.refShift) | unit) >>> 0;
  }

  #allocLarge(sizeBytes: number): BlockRef {
    const pageCount = Math.ceil(sizeBytes / pageBytes);
    const blockBytes = pageCount * pageBytes;
    if (this.#isRefused(blockBytes)) return 0;
    const isWhole = sizeBytes > this.#runBytesMax;
    const segment = isWhole ? this.#table.allocWhole(pageCount) : this.#table.allocRun(pageCount);
    if (segment === undefined) return 0;
    const first = isWhole ? 0 : this.#table.firstPage;
    segment.pages[first * pageWords + sizeClass] = 0;
    if (this.isChecked) this.guard?.allocated(segment, first << 9, blockBytes, false);
    this.#counters[3] += blockBytes;
    this.#count(blockBytes);
    return ((segment.index << this.refShift) | (first << 9)) >>> 0;
  }

  #freeLarge(segment: Segment, first: number): void {
    const bytes = segment.pages[first * pageWords + run] * pageBytes;
    this.#counters[0] -= bytes;
    this.#counters[3] -= bytes;
    if (segment.isOneBlock) this.#table.freeWhole(segment);
    else this.#table.freeRun(segment, first);
  }

  #isRefused(bytes: number): boolean {
    if (this.#counters[0] + bytes > this.#counters[2]) return true;
    return this.isChecked && this.guard?.refuses() === true;
  }

  #count(bytes: number): void {
    const counters = this.#counters;
    const usedBytes = counters[0] + bytes;
    counters[0] = usedBytes;
    if (usedBytes > counters[1]) counters[1] = usedBytes;
  }

  #checkFree(ref: BlockRef): void {
    this.assertLive(ref);
    this.guard?.freed(this.segments[ref >>> this.refShift], ref & this.refMask, this.blockBytes(ref));
  }

  /** Id of a new slab, first in its list; -1 when there is no memory. */
  #newSlab(c: number): number {
    const pageCount = classPages[c];
    const segment = this.#table.allocRun(pageCount);
    if (segment === undefined) return -1;
    const first = this.#table.firstPage;
    const pages = segment.pages;
    const at = first * pageWords;
    for (let i = 0; i < pageCount; i++) pages[at + i * pageWords + head] = first;
    pages[at + sizeClass] = c;
    pages[at + freeBlock] = -1;
    pages[at + used] = 0;
    pages[at + carved] = 0;
    this.#counters[3] += pageCount * pageBytes;
    this.#openSlab(segment, first, c);
    return this.#openSlabs[c];
  }

  /** Puts a slab that has free blocks at the head of its list. */
  #openSlab(segment: Segment, first: number, c: number): void {
    const slab = (segment.index << this.#slabShift) | first;
    const after = this.#openSlabs[c];
    segment.pages[first * pageWords + next] = after;
    segment.pages[first * pageWords + previous] = -1;
    if (after >= 0) this.#setNeighbour(after, previous, slab);
    this.#openSlabs[c] = slab;
  }

  #unlinkSlab(segment: Segment, first: number, c: number): void {
    const after = segment.pages[first * pageWords + next];
    const before = segment.pages[first * pageWords + previous];
    if (after >= 0) this.#setNeighbour(after, previous, before);
    if (before >= 0) this.#setNeighbour(before, next, after);
    else this.#openSlabs[c] = after;
  }

  #setNeighbour(slab: number, field: number, value: number): void {
    this.segments[slab >>> this.#slabShift].pages[(slab & this.#slabMask) * pageWords + field] = value;
  }

  /** Gives the pages of an empty slab back. */
  #closeSlab(segment: Segment, first: number, c: number): void {
    this.#unlinkSlab(segment, first, c);
    this.#counters[3] -= classPages[c] * pageBytes;
    this.#table.freeRun(segment, first);
  }
}
