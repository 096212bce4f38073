import { Encoding, type CollectionLimits, defaultCollectionLimits } from '@kvartz/engine';
import type { ReplyValue } from '@kvartz/resp';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TestContext } from '../../test/test-context.ts';

const keys = ['a', 'b', 'c', 'd'] as const;

const memberOf = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }).map(String) },
  { weight: 1, arbitrary: fc.integer({ min: -100_000, max: 100_000 }).map(String) },
  { weight: 1, arbitrary: fc.constantFrom('9223372036854775807', '-9223372036854775808', '9007199254740993') },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 20 }).map((n) => `m${n}`) },
  { weight: 1, arbitrary: fc.constantFrom('', '007', 'x'.repeat(64), 'y'.repeat(65), 'é') },
);

/** Usual limits, and such that every set is soon of this encoding or that. */
const limitsOf: fc.Arbitrary<CollectionLimits> = fc.constantFrom(
  defaultCollectionLimits(),
  { ...defaultCollectionLimits(), setMaxIntsetEntries: 0 },
  { ...defaultCollectionLimits(), setMaxIntsetEntries: 5, setMaxListpackEntries: 10, setMaxListpackValue: 3 },
  { ...defaultCollectionLimits(), setMaxIntsetEntries: 0, setMaxListpackEntries: 0 },
);

const keyOf = fc.constantFrom(...keys);
const keysOf = fc.array(keyOf, { minLength: 1, maxLength: 9 });
const stepOf = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constant('SADD'), keyOf, fc.array(memberOf, { minLength: 1, maxLength: 30 })) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('SREM'), keyOf, fc.array(memberOf, { minLength: 1, maxLength: 10 })) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant('SPOP'),
      keyOf,
      fc.integer({ min: 0, max: 20 }).map((n) => [String(n)]),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant('SMOVE'), keyOf, fc.tuple(keyOf, memberOf)) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom('SINTER', 'SUNION', 'SDIFF'), keyOf, keysOf) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('SINTERSTORE', 'SUNIONSTORE', 'SDIFFSTORE'), keyOf, keysOf) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant('SRANDMEMBER'),
      keyOf,
      fc.integer({ min: -20, max: 20 }).map((n) => [String(n)]),
    ),
  },
);

type Model = Map<string, Set<string>>;

function combine(command: string, sets: readonly Set<string>[]): Set<string> {
  const [first, ...others] = sets;
  if (command.startsWith('SINTER'))
    return new Set([...first].filter((member) => others.every((set) => set.has(member))));
  if (command.startsWith('SDIFF'))
    return new Set([...first].filter((member) => !others.some((set) => set.has(member))));
  return new Set(sets.flatMap((set) => [...set]));
}

function sorted(members: Iterable<unknown>): string[] {
  return [...members].map(String).toSorted();
}

/** What the reply must be, and the same done to the model; the outcome of chance is taken from the reply. */
function check(model: Model, command: string, key: string, rest: readonly string[], reply: ReplyValue): void {
  const set = model.get(key) ?? new Set<string>();
  const before = set.size;
  const many = (): string[] => reply as string[];
  switch (command) {
    case 'SADD':
      for (const member of rest) set.add(member);
      expect(reply).toBe(set.size - before);
      break;
    case 'SREM':
      for (const member of rest) set.delete(member);
      expect(reply).toBe(before - set.size);
      break;
    case 'SPOP':
      expect(new Set(many()).size).toBe(Math.min(before, Number(rest[0])));
      for (const member of many()) expect(set.delete(member)).toBe(true);
      break;
    case 'SRANDMEMBER': {
      const count = Number(rest[0]);
      for (const member of many()) expect(set.has(member)).toBe(true);
      expect(many().length).toBe(count < 0 && before > 0 ? -count : Math.max(0, Math.min(before, count)));
      if (count > 0) expect(new Set(many()).size).toBe(many().length);
      break;
    }
    case 'SMOVE': {
      const [to, member] = rest;
      const has = set.has(member);
      expect(reply).toBe(has ? 1 : 0);
      if (!has || to === key) break;
      set.delete(member);
      const target = model.get(to) ?? new Set();
      model.set(to, target.add(member));
      break;
    }
    default: {
      const isStore = command.endsWith('STORE');
      const result = combine(
        command,
        (isStore ? rest : [key, ...rest]).map((name) => model.get(name) ?? new Set()),
      );
      if (isStore) {
        expect(reply).toBe(result.size);
        model.set(key, result);
        return;
      }
      expect(sorted(many())).toEqual(sorted(result));
    }
  }
  model.set(key, set);
}

test('sets: algebra and chance agree with sets of JavaScript, in all encodings', () => {
  const encodings = new Set<Encoding>();
  fc.assert(
    fc.property(limitsOf, fc.array(stepOf, { maxLength: 60, size: 'max' }), (limits, steps) => {
      const context = new TestContext({ databaseCount: 1 });
      context.db.limits = limits;
      const model: Model = new Map();
      for (const [command, key, rest] of steps) check(model, command, key, rest, context.run(command, key, ...rest));
      for (const key of keys) {
        const members = model.get(key) ?? new Set();
        expect(sorted(context.run('SMEMBERS', key) as string[])).toEqual(sorted(members));
        expect(context.run('SCARD', key)).toBe(members.size);
        expect(context.run('EXISTS', key)).toBe(members.size > 0 ? 1 : 0);
        for (const member of members) expect(context.run('SISMEMBER', key, member)).toBe(1);
      }
      const { db } = context;
      db.forEach((entry) => encodings.add(db.encodingOf(entry)));
      // Everything that a set had goes with it.
      context.run('DEL', ...keys);
      while (!db.arena.lazyFree.isEmpty) db.freeSome(1000);
      expect(db.arena.usedBytes).toBe(0);
    }),
    { numRuns: 200 },
  );
  expect([...encodings].toSorted()).toEqual([Encoding.listpack, Encoding.hashtable, Encoding.intset].toSorted());
});
