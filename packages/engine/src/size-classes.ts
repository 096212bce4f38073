import { assert } from '@kvartz/base';

/**
 * Sizes of blocks that come from slabs, in bytes:
 *
 *   8 16 24 ... 128 | 144 160 ... 256 | 288 ... 512 | ... | 9216 10240 ... 16384
 *   steps of 8      | eighths of the power of two below: at most 11% of a block is lost to rounding
 *
 * Class 0 is no class. Larger blocks are runs of whole pages.
 */
export const pageBytes = 4096;
export const slabBlockBytesMax = 16_384;
export const sizeClassCount = 73;

/** By class: block size in bytes, blocks per slab, pages per slab. */
export const classBytes = new Int32Array(sizeClassCount);
export const classBlocks = new Int32Array(sizeClassCount);
export const classPages = new Int32Array(sizeClassCount);

/** By size in units of 8 bytes, rounded up: the class. 2 KB, so it stays in the first-level cache. */
export const classOfUnits = new Uint8Array(slabBlockBytesMax / 8 + 1);

/** The class of a block of `sizeBytes` in [1, slabBlockBytesMax]. */
export function sizeClassOf(sizeBytes: number): number {
  return classOfUnits[(sizeBytes + 7) >>> 3];
}

/** What a block asked for with `sizeBytes` really takes. */
export function blockBytesOf(sizeBytes: number): number {
  if (sizeBytes <= slabBlockBytesMax) return classBytes[classOfUnits[(sizeBytes + 7) >>> 3]];
  return Math.ceil(sizeBytes / pageBytes) * pageBytes;
}

/** Pages of the run that a block needs where no slab is open for it. */
export function runPagesOf(sizeBytes: number): number {
  return sizeBytes <= slabBlockBytesMax ? classPages[sizeClassOf(sizeBytes)] : Math.ceil(sizeBytes / pageBytes);
}

let sizeBytes = 0;
let previousUnits = 0;
for (let c = 1; c < sizeClassCount; c++) {
  sizeBytes += c <= 16 ? 8 : 2 ** (4 + Math.floor((c - 17) / 8));
  classBytes[c] = sizeBytes;
  classOfUnits.fill(c, previousUnits + 1, sizeBytes / 8 + 1);
  previousUnits = sizeBytes / 8;
  classPages[c] = slabPagesFor(sizeBytes);
  classBlocks[c] = Math.floor((classPages[c] * pageBytes) / sizeBytes);
}
assert(sizeBytes === slabBlockBytesMax, `size classes end at ${sizeBytes}, not ${slabBlockBytesMax}`);

/** The shortest run of 1 to 16 pages, of four blocks at least, that wastes less than 1/64 of itself; else the least wasteful. */
function slabPagesFor(blockBytes: number): number {
  let best = 16;
  let leastWaste = 1;
  for (let pages = 1; pages <= 16; pages++) {
    const runBytes = pages * pageBytes;
    if (blockBytes * 4 > runBytes) continue;
    const waste = (runBytes % blockBytes) / runBytes;
    if (waste < 1 / 64) return pages;
    if (waste < leastWaste) {
      leastWaste = waste;
      best = pages;
    }
  }
  return best;
}
