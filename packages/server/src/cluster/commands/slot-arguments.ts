import { integerAt } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import { SLOT_COUNT } from '@kvartz/router';

export const INVALID_SLOT = 'ERR Invalid or out of range slot';

/** -1: not a slot. */
export function slotAt(args: Args, i: number): number {
  const slot = integerAt(args, i);
  return slot >= 0 && slot < SLOT_COUNT ? slot : -1;
}

/** The slots of ADDSLOTS and DELSLOTS, or the text of the error. */
export function slotsFrom(args: Args, first: number): number[] | string {
  const slots: number[] = [];
  for (let i = first; i < args.count; i++) {
    const slot = slotAt(args, i);
    if (slot < 0) return INVALID_SLOT;
    slots.push(slot);
  }
  return slots;
}

/** The slots of ADDSLOTSRANGE and DELSLOTSRANGE, or the text of the error. An odd number of arguments is for the caller. */
export function slotRangesFrom(args: Args, first: number): number[] | string {
  const slots: number[] = [];
  for (let i = first; i < args.count; i += 2) {
    const [start, end] = [slotAt(args, i), slotAt(args, i + 1)];
    if (start < 0 || end < 0) return INVALID_SLOT;
    if (start > end) return `ERR start slot number ${start} is greater than end slot number ${end}`;
    // Ranges that overlap again and again would make a list without end; the second naming of a slot is refused anyhow.
    for (let slot = start; slot <= end && slots.length <= SLOT_COUNT; slot++) slots.push(slot);
  }
  return slots;
}
