import { assert } from '@kvartz/base';
import { MemoryGuard } from './checked-mode.ts';
import { LazyFree } from './lazy-free.ts';
import { Segment, PageField, pageWords } from './segment.ts';
import {
  classBlocks,
  classBytes,
  classOfUnits,
  classPages,
  pageBytes,
  sizeClassCount,
  slabBlockBytesMax,
} from './size-classes.ts';

/** Where a block is: 32 bits, in units of 8 bytes; 0 is none. The upper bits number the segment. */
export type BlockRef = number;

export interface ArenaOptions {
  /** Address space of a segment: a power of two from 64 KiB to 1 GiB. Also the bound of one block. Default 1 GiB. */
  readonly segmentBytes?: number;
  /** Allocations that would take `usedBytes` beyond this fail. Default: none but the 32 GiB that references reach. */
  readonly limitBytes?: number;
  /** Poison freed blocks and check every reference: for tests. Costs twice the time and more. */
  readonly checked?: boolean;
}

const defaultSegmentBytes = 2 ** 30;
/** The first segments are smaller, each four times the one before, for those who keep little or run many servers. */
const firstSegmentBytes = 2 ** 26;
/** After a reset a segment up to this size is used again; larger ones go back to the operating system. */
const keptSegmentBytesMax = firstSegmentBytes;
const refUnits = 2 ** 32;
/** Entries freed at a time, until an allocation that failed succeeds. */
const reclaimUnits = 256;

const { head, sizeClass, freeBlock, used, carved, next, previous } = PageField;

/**
 * Memory outside the JavaScript heap, in blocks of 8 bytes to one segment:
 *
 *   segment   ArrayBuffer, reserved when the ones before are full        ref >>> refShift
 *   run       pages of 4 KiB of one segment: a slab, or one large block
 *   slab      4 to 16 pages cut into blocks of one size class; freed blocks are linked through their first word
 *
 * An empty slab goes back to the pages, so that memory freed in one size serves the others. Contents of new blocks are
 * undefined. No allocation throws: what cannot be had is the reference 0.
 *
 * Invariant: `usedBytes` is the sum of the sizes of the live blocks, each rounded up to its class.
 */
export class Arena {
  readonly isChecked: boolean;
  readonly segmentBytes: number;
  /** `ref >>> refShift` is the segment, `(ref & refMask) << 3` the byte in it. */
  readonly refShift: number;
  readonly refMask: number;
  readonly segments: Segment[] = [];
  /** Present in checked mode. */
  readonly guard: MemoryGuard | undefined;
  /** Keyspaces that hold blocks. When the last one is cleared the whole arena can be reset. */
  occupants = 0;
  /** Entries that nobody can reach any more and that are freed bit by bit; all at once when memory is short. */
  readonly lazyFree: LazyFree;

  /** used, peak, limit, reserved: bytes. Fields of this size would be boxed, and every allocation make garbage. */
  readonly #counters: Float64Array<ArrayBuffer>;
  /** By size class: id of the first slab with a free block, or -1. */
  readonly #openSlabs = new Int32Array(sizeClassCount).fill(-1);
  readonly #slabShift: number;
  readonly #slabMask: number;

  constructor(options: ArenaOptions = {}) {
    const { segmentBytes = defaultSegmentBytes, limitBytes = Infinity, checked = false } = options;
    const shift = Math.log2(segmentBytes);
    assert(Number.isInteger(shift) && shift >= 16 && shift <= 30, `segment of ${segmentBytes} bytes`);
    this.segmentBytes = segmentBytes;
    this.isChecked = checked;
    this.guard = checked ? new MemoryGuard() : undefined;
    this.refShift = shift - 3;
    this.refMask = segmentBytes / 8 - 1;
    this.#slabShift = shift - 12;
    this.#slabMask = segmentBytes / pageBytes - 1;
    this.#counters = new Float64Array([0, 0, limitBytes, 0]);
    this.lazyFree = new LazyFree(this);
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
    let sum = 0;
    for (const segment of this.segments) sum += segment.u8.length;
    return sum;
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
    const segment = this.segments[ref >>> this.refShift];
    const unit = ref & this.refMask;
    if (this.isChecked) this.assertLive(ref);
    const first = segment.pages[(unit >>> 9) * pageWords + head];
    const c = segment.pages[first * pageWords + sizeClass];
    return c === 0 ? segment.runLength(first) * pageBytes : classBytes[c];
  }

  /** Makes a large block at least `sizeBytes` long where it stands, if the pages behind it are free. */
  extend(ref: BlockRef, sizeBytes: number): boolean {
    const segment = this.segments[ref >>> this.refShift];
    const first = (ref & this.refMask) >>> 9;
    if (sizeBytes <= slabBlockBytesMax || this.blockBytes(ref) <= slabBlockBytesMax) return false;
    const moreBytes = Math.ceil(sizeBytes / pageBytes) * pageBytes - this.blockBytes(ref);
    if (this.#counters[0] + moreBytes > this.#counters[2] || this.guard?.refuses() === true) return false;
    if (!segment.extendRun(first, Math.ceil(sizeBytes / pageBytes))) return false;
    this.#counters[3] += moreBytes;
    this.#count(moreBytes);
    return true;
  }

  /** Frees all blocks at once, in time that depends on the address space and not on the data. */
  reset(): void {
    const first = this.segments[0];
    this.segments.length = 0;
    if (first !== undefined && first.u8.length <= keptSegmentBytesMax) {
      this.segments.push(first);
      first.reset();
      this.guard?.reset(first);
    }
    this.#openSlabs.fill(-1);
    this.#counters[0] = 0;
    this.#counters[3] = 0;
    this.occupants = 0;
    this.lazyFree.forget();
  }

  /** Throws a CheckedModeError when no live block begins at `ref`. Only in checked mode. */
  assertLive(ref: BlockRef): void {
    this.guard?.assertLive(this.segments[ref >>> this.refShift], ref & this.refMask);
  }

  #tryAlloc(sizeBytes: number): BlockRef {
    if (sizeBytes > slabBlockBytesMax) return this.#allocLarge(sizeBytes);
    const c = classOfUnits[(sizeBytes + 7) >>> 3];
    const blockBytes = classBytes[c];
    if (this.#counters[0] + blockBytes > this.#counters[2]) return 0;
    if (this.isChecked && this.guard?.refuses() === true) return 0;
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

  #count(bytes: number): void {
    const counters = this.#counters;
    const usedBytes = counters[0] + bytes;
    counters[0] = usedBytes;
    if (usedBytes > counters[1]) counters[1] = usedBytes;
  }

  #allocLarge(sizeBytes: number): BlockRef {
    const pageCount = Math.ceil(sizeBytes / pageBytes);
    if (this.#counters[0] + pageCount * pageBytes > this.#counters[2]) return 0;
    if (this.isChecked && this.guard?.refuses() === true) return 0;
    const segment = this.#segmentWithRun(pageCount);
    if (segment === undefined) return 0;
    const first = this.#runFound;
    segment.pages[first * pageWords + sizeClass] = 0;
    this.guard?.allocated(segment, first << 9, pageCount * pageBytes, false);
    this.#count(pageCount * pageBytes);
    return ((segment.index << this.refShift) | (first << 9)) >>> 0;
  }

  #freeLarge(segment: Segment, first: number): void {
    const bytes = segment.runLength(first) * pageBytes;
    this.#counters[0] -= bytes;
    this.#counters[3] -= bytes;
    segment.freeRun(first);
  }

  #checkFree(ref: BlockRef): void {
    this.assertLive(ref);
    this.guard?.freed(this.segments[ref >>> this.refShift], ref & this.refMask, this.blockBytes(ref));
  }

  /** Id of a new slab, first in its list; -1 when there is no memory. */
  #newSlab(c: number): number {
    const pageCount = classPages[c];
    const segment = this.#segmentWithRun(pageCount);
    if (segment === undefined) return -1;
    const first = this.#runFound;
    const pages = segment.pages;
    const at = first * pageWords;
    for (let i = 0; i < pageCount; i++) pages[at + i * pageWords + head] = first;
    pages[at + sizeClass] = c;
    pages[at + freeBlock] = -1;
    pages[at + used] = 0;
    pages[at + carved] = 0;
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
    segment.freeRun(first);
  }

  /** First page of the run that `#segmentWithRun` took. */
  #runFound = 0;

  #segmentWithRun(pageCount: number): Segment | undefined {
    const segments = this.segments;
    for (let i = 0; i <= segments.length; i++) {
      if (i === segments.length && !this.#addSegment(pageCount)) return undefined;
      const first = segments[i].allocRun(pageCount);
      if (first < 0) continue;
      this.#runFound = first;
      this.#counters[3] += pageCount * pageBytes;
      return segments[i];
    }
    return undefined;
  }

  /** A segment that has room for a run of `pageCount`; false when the system has no memory or references end. */
  #addSegment(pageCount: number): boolean {
    const index = this.segments.length;
    if ((index + 1) * 2 ** this.refShift > refUnits) return false;
    const neededBytes = (pageCount + (index === 0 ? 1 : 0)) * pageBytes;
    if (neededBytes > this.segmentBytes) return false;
    let bytes = Math.min(this.segmentBytes, firstSegmentBytes * 4 ** Math.min(index, 4));
    while (bytes < neededBytes) bytes *= 2;
    for (; bytes >= neededBytes; bytes /= 2) {
      try {
        const segment = new Segment(new ArrayBuffer(bytes), index);
        this.segments.push(segment);
        this.guard?.addSegment(segment);
        return true;
      } catch (error) {
        // The system has no range of this size (RangeError): a smaller one may still do.
        if (!(error instanceof RangeError)) throw error;
      }
    }
    return false;
  }
}
