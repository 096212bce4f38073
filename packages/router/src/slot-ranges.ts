import { SLOT_COUNT } from './key-slot.ts';

/** Slots `first` to `last`, both included. */
export interface SlotRange {
  readonly first: number;
  readonly last: number;
}

/**
 * A set of slots: sorted, not overlapping, not touching, so that equal sets have equal ranges. Every function here
 * returns such a set; `normalizeSlotRanges` makes one of any ranges.
 */
export type SlotRanges = readonly SlotRange[];

/** A text or a number that names no slot or range. */
export class SlotRangeError extends Error {
  override readonly name = 'SlotRangeError';
  readonly code = 'ERR_SLOT_RANGE';
}

export const ALL_SLOTS: SlotRanges = [{ first: 0, last: SLOT_COUNT - 1 }];

/** `0-5460`, or `17` for one slot. */
export function parseSlotRange(text: string): SlotRange {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (match === null || last >= SLOT_COUNT || first > last) {
    throw new SlotRangeError(
      `'${text}' is no slot range: expected 'first-last' or one slot, from 0 to ${SLOT_COUNT - 1}`,
    );
  }
  return { first, last };
}

/** Ranges parted by blanks or commas, in any order: `0-5460 10923 12000-16383`. An empty text is the empty set. */
export function parseSlotRanges(text: string): SlotRanges {
  return normalizeSlotRanges(
    text
      .split(/[\s,]+/)
      .filter(Boolean)
      .map(parseSlotRange),
  );
}

/** `0-5460 10923 12000-16383`, as `CLUSTER NODES` prints them. */
export function formatSlotRanges(ranges: SlotRanges): string {
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(' ');
}

/** The set that any ranges cover, however they are ordered and overlap. */
export function normalizeSlotRanges(ranges: readonly SlotRange[]): SlotRanges {
  const merged: { first: number; last: number }[] = [];
  for (const { first, last } of ranges.toSorted((a, b) => a.first - b.first)) {
    if (!(Number.isInteger(first) && Number.isInteger(last) && first >= 0 && first <= last && last < SLOT_COUNT)) {
      throw new SlotRangeError(`${first}-${last} is no range of slots from 0 to ${SLOT_COUNT - 1}`);
    }
    const before = merged.at(-1);
    if (before !== undefined && first <= before.last + 1) before.last = Math.max(before.last, last);
    else merged.push({ first, last });
  }
  return merged;
}

/** The set of single slots. */
export function slotRangesOf(slots: Iterable<number>): SlotRanges {
  return normalizeSlotRanges(Array.from(slots, (slot) => ({ first: slot, last: slot })));
}

/** Every slot of the set, ascending. */
export function* slotsIn(ranges: SlotRanges): Generator<number> {
  for (const { first, last } of ranges) for (let slot = first; slot <= last; slot++) yield slot;
}

export function countSlots(ranges: SlotRanges): number {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

export function hasSlot(ranges: SlotRanges, slot: number): boolean {
  return ranges.some(({ first, last }) => first <= slot && slot <= last);
}

export function uniteSlots(a: SlotRanges, b: SlotRanges): SlotRanges {
  return normalizeSlotRanges([...a, ...b]);
}

export function intersectSlots(a: SlotRanges, b: SlotRanges): SlotRanges {
  const shared: SlotRange[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const first = Math.max(a[i].first, b[j].first);
    const last = Math.min(a[i].last, b[j].last);
    if (first <= last) shared.push({ first, last });
    if (a[i].last < b[j].last) i++;
    else j++;
  }
  return shared;
}

/** Slots of `a` that are not in `b`. */
export function subtractSlots(a: SlotRanges, b: SlotRanges): SlotRanges {
  return intersectSlots(a, invertSlots(b));
}

/** Slots that are not in the set. */
export function invertSlots(ranges: SlotRanges): SlotRanges {
  const others: SlotRange[] = [];
  let next = 0;
  for (const { first, last } of ranges) {
    if (first > next) others.push({ first: next, last: first - 1 });
    next = last + 1;
  }
  if (next < SLOT_COUNT) others.push({ first: next, last: SLOT_COUNT - 1 });
  return others;
}
