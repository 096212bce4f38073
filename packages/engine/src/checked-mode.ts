import type { Segment } from './segment.ts';

/** Memory was used wrongly: a reference that is not (or no longer) a block, a block freed twice, a write after a free. */
export class CheckedModeError extends Error {
  override readonly name = 'CheckedModeError';
  readonly code = 'ERR_KVARTZ_MEMORY';
}

const poisonByte = 0xdd;

/**
 * What the arena does more in checked mode: one bit for each unit of 8 bytes says whether a live block begins there;
 * freed blocks are filled with 0xDD, which is looked for when they are handed out again; allocations can be made to fail.
 */
export class MemoryGuard {
  readonly #liveBits: Uint8Array[] = [];
  /** So many allocations succeed, the next one fails, once. -1: none fails. */
  failAfter = -1;

  refuses(): boolean {
    if (this.failAfter < 0) return false;
    return this.failAfter-- === 0;
  }

  addSegment(segment: Segment): void {
    this.#liveBits[segment.index] = new Uint8Array(Math.ceil(segment.u8.length / 64));
  }

  /** `unit` is the block's place in the segment in units of 8 bytes. `isReused`: it has been freed before. */
  allocated(segment: Segment, unit: number, sizeBytes: number, isReused: boolean): void {
    const bits = this.#liveBits[segment.index];
    const mask = 1 << (unit & 7);
    if ((bits[unit >>> 3] & mask) !== 0) throw new CheckedModeError(`block ${unit} handed out twice`);
    bits[unit >>> 3] |= mask;
    if (!isReused) return;
    // The first word of a freed block links the free list.
    const start = unit * 8 + 4;
    for (let at = start; at < start + sizeBytes - 4; at++) {
      if (segment.u8[at] === poisonByte) continue;
      throw new CheckedModeError(`byte ${at - start + 4} of freed block ${unit} was written to`);
    }
  }

  freed(segment: Segment, unit: number, sizeBytes: number): void {
    this.#liveBits[segment.index][unit >>> 3] &= ~(1 << (unit & 7));
    segment.u8.fill(poisonByte, unit * 8, unit * 8 + sizeBytes);
  }

  assertLive(segment: Segment | undefined, unit: number): void {
    if (segment === undefined || segment.pageCount === 0) {
      throw new CheckedModeError('reference into a segment that does not exist');
    }
    if ((this.#liveBits[segment.index][unit >>> 3] & (1 << (unit & 7))) !== 0) return;
    throw new CheckedModeError(`no live block at unit ${unit} of segment ${segment.index}`);
  }

  /** All blocks of the segment are gone. */
  reset(segment: Segment): void {
    this.#liveBits[segment.index].fill(0);
    segment.u8.fill(poisonByte);
  }
}
