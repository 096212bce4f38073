import { deepEqual, equal, notEqual, throws } from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'vitest';
import { SLOT_COUNT } from './key-slot.ts';
import { SlotMap } from './slot-map.ts';
import { ALL_SLOTS, formatSlotRanges, parseSlotRanges } from './slot-ranges.ts';

test('SlotMap: a change leaves the old map as it was', () => {
  const before = SlotMap.empty<string>().withOwner(parseSlotRanges('0-5460'), 'a');
  const after = before.withSlotOwner(100, 'b');
  equal(before.ownerOf(100), 'a');
  equal(after.ownerOf(100), 'b');
  equal(formatSlotRanges(after.rangesOf('a')), '0-99 101-5460');
  equal(formatSlotRanges(after.rangesOf(undefined)), '5461-16383');
  equal(after.assignedCount, 5461);
  deepEqual(after.owners.toSorted(), ['a', 'b']);
});

test('SlotMap: a change that changes nothing returns the same map', () => {
  const map = SlotMap.empty<string>().withOwner(ALL_SLOTS, 'a');
  equal(map.withSlotOwner(7, 'a'), map);
  equal(map.withoutNode('nobody'), map);
  notEqual(map.withSlotOwner(7, undefined), map);
});

test('SlotMap: nodes that come and go leave nothing behind', () => {
  let map = SlotMap.empty<string>();
  for (let i = 0; i < 70_000; i++) map = map.withSlotOwner(i % 3, `node ${i}`);
  deepEqual(map.owners.toSorted(), ['node 69997', 'node 69998', 'node 69999']);
});

test('SlotMap: a slot that does not exist is a bug', () => {
  throws(() => SlotMap.empty<string>().withSlotOwner(SLOT_COUNT, 'a'), { code: 'ERR_ASSERTION' });
  throws(() => SlotMap.empty<string>().withSlotOwner(-1, 'a'), { code: 'ERR_ASSERTION' });
});

test('SlotMap: behaves as an array of owners', () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(SLOT_COUNT - 1), fc.nat(300), fc.constantFrom('a', 'b', 'c', 'd', undefined)), {
        maxLength: 30,
      }),
      (changes) => {
        const model: (string | undefined)[] = Array.from({ length: SLOT_COUNT });
        let map = SlotMap.empty<string>();
        for (const [first, size, node] of changes) {
          const last = Math.min(first + size, SLOT_COUNT - 1);
          map = map.withOwner([{ first, last }], node);
          model.fill(node, first, last + 1);
        }
        for (let slot = 0; slot < SLOT_COUNT; slot++) equal(map.ownerOf(slot), model[slot]);
        for (const node of ['a', 'b', 'c', 'd']) {
          equal(map.slotCountOf(node), model.filter((owner) => owner === node).length);
        }
        let copy = SlotMap.empty<string>();
        for (const { first, last, owner } of map.entries()) copy = copy.withOwner([{ first, last }], owner);
        equal(copy.equals(map), true);
      },
    ),
    { numRuns: 50 },
  ));
