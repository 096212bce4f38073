import type { Arena, BlockRef } from '../arena.ts';
import { byteOf } from '../entry.ts';
import { intsetHeadBytes } from '../intset.ts';

/**
 * Goes through two intsets side by side, neither with members of 8 bytes, and keeps of the members of `own` at the indexes
 * `places[0, count)`, which rise, those that `other` has too (`isIn`) or has not. Returns how many are left in `places`.
 */
export function mergeIntegers(
  arena: Arena,
  own: BlockRef,
  places: Uint32Array,
  count: number,
  other: BlockRef,
  isIn: boolean,
): number {
  const ownSegment = arena.segments[own >>> arena.refShift];
  const otherSegment = arena.segments[other >>> arena.refShift];
  const ownAt = byteOf(arena, own) + intsetHeadBytes;
  const otherAt = byteOf(arena, other) + intsetHeadBytes;
  const ownBits = ownSegment.u32[(ownAt - intsetHeadBytes) >>> 2] >>> 1;
  const otherBits = otherSegment.u32[(otherAt - intsetHeadBytes) >>> 2] >>> 1;
  const otherCount = otherSegment.u32[((otherAt - intsetHeadBytes) >>> 2) + 1];
  const { dv } = otherSegment;
  let kept = 0;
  let j = 0;
  let candidate = j < otherCount ? memberAt(dv, otherAt, otherBits, j) : Infinity;
  for (let i = 0; i < count; i++) {
    const member = memberAt(ownSegment.dv, ownAt, ownBits, places[i]);
    while (candidate < member) candidate = ++j < otherCount ? memberAt(dv, otherAt, otherBits, j) : Infinity;
    if ((candidate === member) === isIn) places[kept++] = places[i];
  }
  return kept;
}

/** `shift`: 1 for members of two bytes, 2 for four. */
function memberAt(dv: DataView, at: number, shift: number, index: number): number {
  return shift === 1 ? dv.getInt16(at + index * 2, true) : dv.getInt32(at + index * 4, true);
}
