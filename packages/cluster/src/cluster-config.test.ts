import { deepEqual, equal, notEqual, throws } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { configOf, id, record } from '../test/support.ts';

const a = record('a', { configEpoch: 1 });
const b = record('b', { configEpoch: 2 });
const c = record('c', { configEpoch: 2 });

describe('slot owners', () => {
  test('a slot without owner goes to whoever claims it', () => {
    const config = configOf(a, b).withSlotOwner(7, b.id, 2);
    equal(config.slots.ownerOf(7), b.id);
  });

  test('the greater config epoch wins, the same and a smaller one do not', () => {
    const config = configOf(a, b, c).withSlotOwner(7, b.id, 2);
    equal(config.withSlotOwner(7, a.id, 3).slots.ownerOf(7), a.id);
    equal(config.withSlotOwner(7, c.id, 2), config);
    equal(config.withSlotOwner(7, a.id, 1), config);
  });

  test('whoever holds the old value goes on seeing it', () => {
    const before = configOf(a, b).withSlotOwner(7, a.id, 1);
    const after = before.withSlotOwner(7, b.id, 2);
    equal(before.slots.ownerOf(7), a.id);
    equal(after.slots.ownerOf(7), b.id);
  });

  test('merging claims in any order gives the same owners when epochs differ', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(20), fc.constantFrom('a', 'b', 'd'))),
        fc.array(fc.nat()),
        (claims, order) => {
          const epochs = { a: 1, b: 2, d: 3 };
          const start = configOf(a, b, record('d', { configEpoch: 3 }));
          const merge = (list: typeof claims) =>
            list.reduce((config, [slot, name]) => config.withSlotOwner(slot, id(name), epochs[name]), start);
          const shuffled = claims
            .map((claim, i) => [order[i] ?? i, claim] as const)
            .toSorted((x, y) => x[0] - y[0])
            .map(([, claim]) => claim);
          equal(merge(claims).slots.equals(merge(shuffled).slots), true);
        },
      ),
    ));

  test('a node that becomes a replica leaves its slots to nobody', () => {
    const config = configOf(a, b).withSlotOwner(7, b.id, 2).withNodeFields(b.id, { masterId: a.id });
    equal(config.slots.assignedCount, 0);
  });

  test('a move of a slot ends when the slot is no longer ours', () => {
    const config = configOf(a, b).withSlotOwner(7, a.id, 1).withMigrating(7, b.id);
    equal(config.migrating.get(7), b.id);
    equal(config.withSlotOwner(7, b.id, 2).migrating.size, 0);
  });
});

describe('nodes', () => {
  test('a forgotten node takes its slots and moves along', () => {
    const config = configOf(a, b)
      .withSlotOwner(1, a.id, 1)
      .withSlotOwner(2, b.id, 2)
      .withMigrating(1, b.id)
      .withImporting(2, b.id)
      .withoutNode(b.id);
    deepEqual([config.nodes.size, config.slots.assignedCount], [1, 1]);
    deepEqual([config.migrating.size, config.importing.size], [0, 0]);
  });

  test('a change that changes nothing is the same value', () => {
    const config = configOf(a, b);
    equal(config.withNodeFields(b.id, { health: 'ok', port: 7_000 }), config);
    equal(config.withoutNode(id('f')), config);
    notEqual(config.withNodeFields(b.id, { health: 'fail' }), config);
  });

  test('the digest of members does not depend on their order or addresses', () => {
    const elsewhere = record('b', { host: '10.0.0.9' });
    equal(configOf(a, b, c).membersDigest, configOf(c, elsewhere, a).membersDigest);
    notEqual(configOf(a, b).membersDigest, configOf(a, b, c).membersDigest);
  });

  test('a node cannot forget itself', () => {
    throws(() => configOf(a, b).withoutNode(a.id), /cannot forget itself/);
  });
});

test('a new epoch is greater than all that are known', () => {
  const config = configOf(a, record('b', { configEpoch: 9 })).withNewEpochForMe();
  deepEqual([config.currentEpoch, config.me.configEpoch], [10, 10]);
});

test('only masters with slots are voters', () => {
  const config = configOf(a, b, c).withSlotOwner(1, a.id, 1).withSlotOwner(2, b.id, 2);
  deepEqual([config.voterCount, config.quorum, config.isVoter(c.id)], [2, 2, false]);
});
