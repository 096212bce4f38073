import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'vitest';
import { judgeClaim, releasedSlots } from './ownership.ts';
import { configOf, id, record } from '../test/support.ts';

const a = record('a', { configEpoch: 1 });
const b = record('b', { configEpoch: 2 });
const c = record('c', { configEpoch: 3 });
const never = (): boolean => false;

// a is this node and owns 0-9, b owns 10-19, c owns nothing.
const config = configOf(a, b, c)
  .withSlots([{ first: 0, last: 9 }], a.id)
  .withSlots([{ first: 10, last: 19 }], b.id);

test('a claim takes what nobody owns, and what smaller epochs own', () => {
  const { config: after, lost, isGranted } = judgeClaim(config, c.id, 3, [{ first: 12, last: 25 }], never);
  deepEqual(after.slots.rangesOf(c.id), [{ first: 12, last: 25 }]);
  deepEqual(lost, []);
  equal(isGranted, true);
});

test('what it takes of ours is named, and left to the caller', () => {
  const { config: after, lost, isGranted } = judgeClaim(config, c.id, 3, [{ first: 5, last: 12 }], never);
  deepEqual(after.slots.rangesOf(c.id), [{ first: 10, last: 12 }]);
  deepEqual(lost, [{ first: 5, last: 9 }]);
  equal(isGranted, false);
});

test('a claim with a smaller epoch gets nothing, and is told who owns the slots', () => {
  const { config: after, contestedBy, isGranted } = judgeClaim(config, c.id, 1, [{ first: 8, last: 12 }], never);
  equal(after, config);
  deepEqual(contestedBy, [b.id]); // a has the same epoch: a collision, which is resolved elsewhere
  equal(isGranted, false);
});

test('a slot that we import belongs to whom the operator says', () => {
  const importing = config.withImporting(15, b.id);
  const { config: after, isGranted } = judgeClaim(importing, c.id, 3, [{ first: 14, last: 16 }], never);
  equal(after.slots.ownerOf(15), b.id);
  equal(after.slots.ownerOf(16), c.id);
  equal(isGranted, false);
});

test('an owner that no longer claims a slot does not hold it by its epoch', () => {
  const gaveUp = (owner: string, slot: number): boolean => owner === b.id && slot === 12;
  const { config: after } = judgeClaim(config, c.id, 1, [{ first: 11, last: 12 }], gaveUp);
  equal(after.slots.ownerOf(11), b.id);
  equal(after.slots.ownerOf(12), c.id);
});

test('what we own is ours whatever others believe that we claim', () => {
  const { config: after } = judgeClaim(config, c.id, 1, [{ first: 0, last: 0 }], () => true);
  equal(after.slots.ownerOf(0), a.id);
});

test('released: what the configuration gives to a node beyond its own claim', () => {
  const claim = {
    kind: 'claim',
    from: b.id,
    version: 1,
    configEpoch: 2,
    shardId: id('5'),
    hostname: '',
    slots: [{ first: 12, last: 30 }],
  } as const;
  deepEqual(releasedSlots(config, b.id, claim), [{ first: 10, last: 11 }]);
});
