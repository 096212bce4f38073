import { deepEqual, equal, throws } from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { SLOT_COUNT } from './key-slot.ts';
import {
  ALL_SLOTS,
  countSlots,
  formatSlotRanges,
  hasSlot,
  intersectSlots,
  invertSlots,
  parseSlotRange,
  parseSlotRanges,
  slotRangesOf,
  slotsIn,
  subtractSlots,
  uniteSlots,
} from './slot-ranges.ts';

for (const [text, canonical] of [
  ['', ''],
  ['0-16383', '0-16383'],
  ['5', '5'],
  ['5-5', '5'],
  ['1 2 3', '1-3'],
  ['9,7-8, 3', '3 7-9'],
  ['0-100 50-200 201', '0-201'],
] as const) {
  test(`parseSlotRanges: '${text}' is '${canonical}'`, () => equal(formatSlotRanges(parseSlotRanges(text)), canonical));
}

for (const text of ['', '-', '5-', '-5', '16384', '7-3', '0-16384', 'a', '1-2-3', '1.5', '0x10', '999999']) {
  test(`parseSlotRange: '${text}' is refused`, () => throws(() => parseSlotRange(text), { code: 'ERR_SLOT_RANGE' }));
}

// Few slots near the two ends, so that sets touch and overlap often.
const slot = fc.oneof(fc.nat(40), fc.integer({ min: SLOT_COUNT - 20, max: SLOT_COUNT - 1 }));
const slots = fc.array(slot, { maxLength: 60 });

test('slot ranges: algebra as that of sets', () =>
  fc.assert(
    fc.property(slots, slots, slot, (aSlots, bSlots, probe) => {
      const [a, b] = [slotRangesOf(aSlots), slotRangesOf(bSlots)];
      const [aSet, bSet] = [new Set(aSlots), new Set(bSlots)];
      const sorted = (set: Set<number>): number[] => [...set].toSorted((x, y) => x - y);
      deepEqual([...slotsIn(a)], sorted(aSet));
      deepEqual([...slotsIn(uniteSlots(a, b))], sorted(new Set([...aSet, ...bSet])));
      deepEqual(
        [...slotsIn(intersectSlots(a, b))],
        sorted(aSet).filter((n) => bSet.has(n)),
      );
      deepEqual(
        [...slotsIn(subtractSlots(a, b))],
        sorted(aSet).filter((n) => !bSet.has(n)),
      );
      deepEqual(invertSlots(invertSlots(a)), a);
      deepEqual(uniteSlots(a, invertSlots(a)), ALL_SLOTS);
      deepEqual(parseSlotRanges(formatSlotRanges(a)), a);
      equal(countSlots(a), aSet.size);
      equal(hasSlot(a, probe), aSet.has(probe));
    }),
  ));
