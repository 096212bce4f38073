import type { Arena, BlockRef } from '../arena.ts';

/*
 * A table is a tree of blocks (words of 32 bits):
 *
 *   root       [ records | depth | directory ref | deepest segments | entry of the only segment, while depth is 0 ]
 *   directory  2^depth entries: [ segment ref | cells | records | segment's depth ]
 *   segment    cells [ hash << depth | record ref ], record 0: empty
 *
 * A hash's first `depth` bits choose the directory's entry. A segment of a lesser depth stands in 2^(difference) entries, one
 * after another; its number of records is right in the first of them only. Cells keep what follows the bits that all hashes
 * of the segment begin with, so homes rise with the hash in every segment, and from one to the next.
 */
export const rootBytes = 32;
export const depthWord = 1;
export const directoryWord = 2;
export const deepestWord = 3;
/** The directory of a table of one segment is the second half of its root, two units of 8 bytes on. */
export const innerDirectoryUnits = 2;
export const innerDirectoryWord = 4;

/** Words of a directory's entry. */
export const entryShift = 2;
export const cellsWord = 1;
export const recordsWord = 2;
export const segmentDepthWord = 3;

export const cellsMin = 4;
/** 16 KiB: a segment is split or rehashed in 20 us, and comes from slabs. */
export const cellsMax = 2048;
/** A million segments; references reach no further. */
export const depthMax = 20;

/** The entry of the directory for a hash; `>>> 32` would be `>>> 0`, so in two steps. */
export function entryIndexOf(hash: number, depth: number): number {
  return (hash >>> 1) >>> (31 - depth);
}

/** Word of `arena`'s segment at which the directory begins. */
export function wordOf(arena: Arena, ref: BlockRef): number {
  return (ref & arena.refMask) << 1;
}

export function wordsOf(arena: Arena, ref: BlockRef): Uint32Array<ArrayBuffer> {
  return arena.segments[ref >>> arena.refShift].u32;
}

/** The first of the directory's entries that a segment stands in. */
export function firstEntryOf(entry: number, depth: number, segmentDepth: number): number {
  const shift = depth - segmentDepth;
  return (entry >>> shift) << shift;
}
