import type { Arena, BlockRef } from './arena.ts';
import type { Keyspace } from './keyspace.ts';
import { type EntryRef, inlineBytesMax } from './entry.ts';
import { PageField, pageWords, type Segment } from './segment.ts';
import { classBlocks, classBytes, runPagesOf } from './size-classes.ts';

const { carved, freeBlock, run, sizeClass, used } = PageField;

/** Larger blocks may be values of strings, which cannot be moved: nothing tells whose they are. */
const movableBytesMax = inlineBytesMax;
/** Runs that one search looks at, at most: some 10 us. */
const runsMax = 2048;

/** Pages of one segment. */
interface Window {
  readonly segment: Segment;
  readonly first: number;
  /** The page behind. */
  readonly end: number;
}

/**
 * Makes a free run of pages where free blocks lie scattered over slabs: entries and tables of the index are moved out of the
 * slabs of some neighbouring pages into open slabs elsewhere, whose free blocks they fill.
 *
 *   | slab ####.##. | free | slab .#..#. | slab ###. |   ->   | free                         | slab ###. |
 *   |<-------------- window -------------->|
 *
 * A block does not say what it is. One is an entry when it reads like one and the index has its reference under the hash of
 * what would be its key; tables are found in the directory. Other blocks stay, and the window is given up.
 */
export class Evacuation {
  readonly #arena: Arena;
  #segment = 0;
  #page = 0;
  /** Asked when there is no other place for an entry: true if it may be, and has been, removed. */
  readonly #onNoPlace: (keyspace: Keyspace, e: EntryRef) => boolean;
  /** Of the slab that is emptied: which blocks are free. */
  #isFree = new Uint8Array(0);

  constructor(arena: Arena, onNoPlace: (keyspace: Keyspace, e: EntryRef) => boolean = () => false) {
    this.#arena = arena;
    this.#onNoPlace = onNoPlace;
  }

  /** True when there is a free run for a block of this size. References to entries are out of date then, and if not. */
  run(keyspaces: readonly Keyspace[], sizeBytes: number): boolean {
    const window = this.#findWindow(runPagesOf(sizeBytes));
    if (window === undefined) return false;
    // The next search begins behind this window, whether or not it can be emptied.
    this.#segment = window.segment.index;
    this.#page = window.end;
    const slabs = slabsIn(window);
    for (const keyspace of keyspaces) {
      if (!keyspace.moveTables(window.segment.index, window.first, window.end)) return false;
    }
    return slabs.every((page) => this.#emptySlab(keyspaces, window, page));
  }

  /** The window with the fewest bytes in use among the next runs; undefined when all have blocks that cannot be moved. */
  #findWindow(pageCount: number): Window | undefined {
    const segments = this.#arena.segments;
    for (let tries = 0; segments.length > 0 && tries <= segments.length; tries++) {
      if (this.#segment >= segments.length) this.#segment = 0;
      const segment = segments[this.#segment];
      const found = segment.isOneBlock || segment.pageCount === 0 ? undefined : this.#findWindowIn(segment, pageCount);
      if (found !== undefined) return found;
      if (this.#page === 0) this.#segment++;
    }
    return undefined;
  }

  #findWindowIn(segment: Segment, pageCount: number): Window | undefined {
    const { pages, touchedPages } = segment;
    let page = segment.firstPage;
    // Runs have changed since the last search: only from the front is it known where one begins.
    while (page < this.#page && page < touchedPages) page += Math.abs(pages[page * pageWords + run]);
    let first = page;
    let bytes = 0;
    let best: Window | undefined;
    let leastBytes = Infinity;
    for (let runs = 0; runs < runsMax && page < touchedPages; runs++) {
      const length = Math.abs(pages[page * pageWords + run]);
      const cost = bytesToMove(pages, page);
      page += length;
      bytes += cost;
      if (cost === Infinity) {
        first = page;
        bytes = 0;
        continue;
      }
      for (;;) {
        const firstLength = Math.abs(pages[first * pageWords + run]);
        if (page - first - firstLength < pageCount) break;
        bytes -= bytesToMove(pages, first);
        first += firstLength;
      }
      if (page - first < pageCount || page > touchedPages || bytes >= leastBytes) continue;
      leastBytes = bytes;
      best = { segment, first, end: page };
    }
    // The next search begins where this one ended.
    this.#page = page >= touchedPages ? 0 : page;
    return best;
  }

  /** False when a block of the slab cannot be moved. */
  #emptySlab(keyspaces: readonly Keyspace[], window: Window, page: number): boolean {
    const { segment } = window;
    const at = page * pageWords;
    // It held tables only, and is free already.
    if (segment.pages[at + used] === 0) return true;
    const c = segment.pages[at + sizeClass];
    const blockUnits = classBytes[c] >>> 3;
    const count = segment.pages[at + carved];
    this.#noteFree(segment, page, blockUnits);
    for (let i = 0; i < count; i++) {
      if (this.#isFree[i] === 1) continue;
      const ref = ((segment.index << this.#arena.refShift) | ((page << 9) + i * blockUnits)) >>> 0;
      if (!this.#move(keyspaces, window, ref)) return false;
    }
    return true;
  }

  #noteFree(segment: Segment, page: number, blockUnits: number): void {
    const at = page * pageWords;
    const count = classBlocks[segment.pages[at + sizeClass]];
    if (this.#isFree.length < count) this.#isFree = new Uint8Array(count);
    else this.#isFree.fill(0, 0, count);
    let unit = segment.pages[at + freeBlock];
    while (unit >= 0) {
      this.#isFree[(unit - (page << 9)) / blockUnits] = 1;
      unit = segment.u32[unit << 1] | 0;
    }
  }

  #move(keyspaces: readonly Keyspace[], { end, first, segment }: Window, ref: BlockRef): boolean {
    for (const keyspace of keyspaces) {
      if (keyspace.keyCount === 0 || !keyspace.locateBlock(ref)) continue;
      return keyspace.moveLocated(ref, segment.index, first, end) || this.#onNoPlace(keyspace, ref);
    }
    return false;
  }
}

/** First pages. Taken before anything is freed: what is free joins its neighbours, and says no longer where it began. */
function slabsIn({ end, first, segment }: Window): number[] {
  const slabs: number[] = [];
  for (let page = first; page < end;) {
    const length = segment.pages[page * pageWords + run];
    if (length > 0) slabs.push(page);
    page += Math.abs(length);
  }
  return slabs;
}

function bytesToMove(pages: Int32Array, page: number): number {
  const at = page * pageWords;
  if (pages[at + run] < 0) return 0;
  const c = pages[at + sizeClass];
  return c === 0 || classBytes[c] > movableBytesMax ? Infinity : pages[at + used] * classBytes[c];
}
