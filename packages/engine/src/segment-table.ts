import type { MemoryGuard } from './checked-mode.ts';
import { Segment } from './segment.ts';
import { pageBytes } from './size-classes.ts';

/** A block of more than half a segment gets an ArrayBuffer of its own, up to this size. */
const blockBytesMax = 2 ** 30;
const refUnits = 2 ** 32;
/** Smaller segments (of tests and simulators) go as the garbage collector likes. */
const retiredBytesMin = 2 ** 24;
/**
 * The garbage collector frees an ArrayBuffer when it next runs, and it has no reason to run while data is off its heap:
 * after FLUSHALL the memory of an idle server stays for ever. Asking for this much (which is never touched, so it costs no
 * memory) makes it run at once; the pages are then freed by another thread. `ArrayBuffer.transfer(0)` would free them on
 * this one, 6 ms for 64 MiB, and would end V8's assumption that no buffer is ever detached, which every access relies on.
 */
const nudgeBytes = 2 ** 27;

interface RetiredMemory {
  readonly memory: ArrayBuffer;
  readonly touchedPages: number;
}

/** The next segment is made when less than this part of one is free. */
const aheadShare = 4;

/** Of a segment whose number is not known yet, and will not be 0. */
const unknownIndex = -1;

/** In the place of a segment that does not exist. */
const noSegment = new Segment(new ArrayBuffer(0), -1);

/**
 * The segments of an arena by their number, which is the upper part of a reference. A number whose segment went back to the
 * operating system is given to the next one.
 */
export class SegmentTable {
  readonly list: Segment[] = [];
  /** First page of the run that the last `allocRun` took. */
  firstPage = 0;
  /** Pages that were used at some time and not given back since: what the system sees taken. */
  touchedPages = 0;
  readonly #segmentBytes: number;
  readonly #guard: MemoryGuard | undefined;
  /** Kept when it becomes empty, so that one block that comes and goes does not reserve and free a segment each time. */
  #spare: Segment = noSegment;
  /** Empty, and dirty; used again before new memory is asked for. */
  readonly #retired: RetiredMemory[] = [];
  /** Made ahead of need; not in the list, and without its number. */
  #ahead: Segment = noSegment;
  /** Memory that has been dropped and of which the garbage collector does not know yet. */
  #droppedPages = 0;

  constructor(segmentBytes: number, guard: MemoryGuard | undefined) {
    this.#segmentBytes = segmentBytes;
    this.#guard = guard;
  }

  /** Address space; pages that were never used cost no memory. */
  get sizeBytes(): number {
    let sum = 0;
    for (const segment of this.list) sum += segment.u8.length;
    return sum;
  }

  /** Whether a run of pages can be had that leaves `touchedPages` as it is, or at `touchedPagesMax` or less. */
  hasRun(pageCount: number, touchedPagesMax: number): boolean {
    const morePagesMax = touchedPagesMax - this.touchedPages;
    if (pageCount * pageBytes > this.#segmentBytes / 2) return pageCount <= morePagesMax;
    const found = this.#bestFor(pageCount);
    if (found !== undefined) return found.untouchedPagesOf(pageCount) <= Math.max(0, morePagesMax);
    // In the first segment one page more is taken, which is never handed out.
    const newPages = this.list.length === 0 ? pageCount + 1 : pageCount;
    return newPages <= morePagesMax || this.#retired.some(({ touchedPages }) => newPages <= touchedPages);
  }

  /** Takes a run of pages; undefined when there is no memory. */
  allocRun(pageCount: number): Segment | undefined {
    const segment = this.#bestFor(pageCount) ?? this.#add(pageCount);
    if (segment === undefined) return undefined;
    const touchedPages = segment.touchedPages;
    this.firstPage = segment.allocRun(pageCount);
    this.touchedPages += segment.touchedPages - touchedPages;
    return segment;
  }

  /** Makes a run longer in place by pages that are free behind it. */
  extendRun(segment: Segment, firstPage: number, pageCount: number): boolean {
    const touchedPages = segment.touchedPages;
    if (!segment.extendRun(firstPage, pageCount)) return false;
    this.touchedPages += segment.touchedPages - touchedPages;
    return true;
  }

  freeRun(segment: Segment, firstPage: number): void {
    segment.freeRun(firstPage);
    if (!segment.isEmpty) return;
    if (this.#spare.isEmpty && this.#spare !== segment) this.#retire(segment);
    else this.#spare = segment;
  }

  /** A segment that is one block of this size; undefined when there is no memory. */
  allocWhole(pageCount: number): Segment | undefined {
    if (pageCount * pageBytes > blockBytesMax) return undefined;
    // Number 0 would make the reference 0.
    if (this.list.length === 0) this.list.push(noSegment);
    const index = this.#freeIndex(1);
    const memory = index < 0 ? undefined : reserve(pageCount * pageBytes);
    if (memory === undefined) return undefined;
    this.touchedPages += pageCount;
    return this.#put(new Segment(memory, index, true));
  }

  freeWhole(segment: Segment): void {
    this.#retire(segment);
  }

  /** Frees every block. One segment is kept, the others are retired. */
  reset(): void {
    const [first] = this.list;
    for (const segment of this.list) if (segment !== noSegment && segment !== first) this.#retire(segment);
    this.list.length = 0;
    this.#spare = noSegment;
    if (first === undefined || first === noSegment) return;
    first.reset();
    this.#guard?.reset(first);
    this.#spare = first;
    this.list.push(first);
  }

  /** Does not keep an empty segment for later. */
  retireSpare(): void {
    const spare = this.#spare;
    if (!spare.isEmpty || this.list[spare.index] !== spare) return;
    this.#spare = noSegment;
    this.#retire(spare);
  }

  /**
   * Makes the next segment now, when the pages that are left are few: it takes some milliseconds (the collector counts it and
   * starts, and its side table is cleared), which no request has to wait for. Memory that is not touched costs nothing.
   */
  reserveAhead(): void {
    if (this.list.length === 0 || this.#ahead !== noSegment || this.#retired.length > 0) return;
    let freePages = 0;
    for (const segment of this.list) freePages += segment.freePages;
    if (freePages * pageBytes >= this.#segmentBytes / aheadShare) return;
    const memory = this.#freeIndex(1) < 0 ? undefined : reserve(this.#segmentBytes);
    if (memory !== undefined) this.#ahead = new Segment(memory, unknownIndex);
  }

  /** Gives one retired segment back to the operating system. True when there are more. */
  releaseOne(): boolean {
    const retired = this.#retired.pop();
    if (retired === undefined && this.#droppedPages === 0) return false;
    this.touchedPages -= this.#droppedPages + (retired?.touchedPages ?? 0);
    this.#droppedPages = 0;
    if (this.#segmentBytes >= retiredBytesMin) reserve(nudgeBytes);
    return this.#retired.length > 0;
  }

  /** A segment with room for the run among pages that were used before, or else the first one with room. */
  #bestFor(pageCount: number): Segment | undefined {
    let first: Segment | undefined;
    for (const segment of this.list) {
      const untouchedPages = segment.untouchedPagesOf(pageCount);
      if (untouchedPages === 0) return segment;
      if (untouchedPages > 0) first ??= segment;
    }
    return first;
  }

  #retire(segment: Segment): void {
    this.list[segment.index] = noSegment;
    const { touchedPages } = segment;
    if (segment.isOneBlock) this.#droppedPages += touchedPages;
    else if (segment.u8.length < retiredBytesMin) this.touchedPages -= touchedPages;
    else this.#retired.push({ memory: segment.u8.buffer, touchedPages });
  }

  /** A segment with room for a run of `pageCount`. */
  #add(pageCount: number): Segment | undefined {
    const index = this.#freeIndex(0);
    if (index < 0) return undefined;
    const neededBytes = (pageCount + (index === 0 ? 1 : 0)) * pageBytes;
    if (neededBytes > this.#segmentBytes) return undefined;
    const ahead = this.#ahead;
    if (ahead !== noSegment && index > 0) {
      this.#ahead = noSegment;
      ahead.index = index;
      return this.#put(ahead);
    }
    const used = this.#retired.findIndex(({ memory }) => memory.byteLength === this.#segmentBytes);
    if (used >= 0) {
      const { memory, touchedPages } = this.#retired.splice(used, 1)[0];
      return this.#put(new Segment(memory, index, false, touchedPages));
    }
    // The system may have no range of this size: a smaller one may still do.
    for (let bytes = this.#segmentBytes; bytes >= neededBytes; bytes /= 2) {
      const memory = reserve(bytes);
      if (memory !== undefined) return this.#put(new Segment(memory, index));
    }
    return undefined;
  }

  #put(segment: Segment): Segment {
    this.list[segment.index] = segment;
    this.#guard?.addSegment(segment);
    return segment;
  }

  /** The lowest number that is not taken; -1 when references reach no further. */
  #freeIndex(from: number): number {
    let index = this.list.indexOf(noSegment, from);
    if (index < 0) index = this.list.length;
    return ((index + 1) * this.#segmentBytes) / 8 > refUnits ? -1 : index;
  }
}

/** Zeroed memory, or undefined when the system has none. */
function reserve(sizeBytes: number): ArrayBuffer | undefined {
  try {
    return new ArrayBuffer(sizeBytes);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
