import { ByteBuffer, Prng } from '@kvartz/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Arena } from './arena.ts';
import { type EvictionOrder, EvictionPool } from './eviction-pool.ts';
import { Keyspace, NO_EXPIRY } from './index.ts';

const startMs = 1_700_000_000_000;

function bufferOf(text: string): ByteBuffer {
  return ByteBuffer.from(new TextEncoder().encode(text));
}

/** Keyspaces over one checked arena, and keys as text. */
class Spaces {
  readonly arena = new Arena({ segmentBytes: 2 ** 22, checked: true });
  readonly expired: string[] = [];
  readonly list: Keyspace[];
  readonly pool = new EvictionPool(new Prng(7));

  constructor(count = 1, slotOf?: (key: ByteBuffer, start: number, end: number) => number) {
    this.list = Array.from({ length: count }, () => {
      return new Keyspace({
        arena: this.arena,
        hashKey: [1, 2],
        slotOf,
        onExpired: (_, { buffer, start, end }) =>
          this.expired.push(new TextDecoder().decode(buffer.u8.subarray(start, end))),
      });
    });
    this.at(startMs);
  }

  at(nowMs: number): void {
    for (const keyspace of this.list) keyspace.nowMs = nowMs;
  }

  set(database: number, key: string, expireAtMs = NO_EXPIRY): void {
    const name = bufferOf(key);
    this.list[database].setString(name, 0, name.sizeBytes, name, 0, name.sizeBytes, expireAtMs);
  }

  find(database: number, key: string): number {
    const name = bufferOf(key);
    return this.list[database].find(name, 0, name.sizeBytes);
  }

  /** Evicts one; its database and key, undefined when nothing may go. */
  evict(order: EvictionOrder, isVolatile = false, samples = 5): [number, string] | undefined {
    const policy = policies[`${order} ${isVolatile}`];
    const e = this.pool.next(this.list, policy, samples);
    if (e === 0) return undefined;
    const keyspace = this.pool.keyspace as Keyspace;
    const { buffer, start, end } = keyspace.keyOf(e);
    const key = new TextDecoder().decode(buffer.u8.subarray(start, end));
    keyspace.removeEntry(e);
    return [this.list.indexOf(keyspace), key];
  }
}

const policies = Object.fromEntries(
  (['lru', 'lfu', 'ttl', 'random'] as const).flatMap((order) =>
    [true, false].map((isVolatile) => [`${order} ${isVolatile}`, { order, isVolatile }]),
  ),
);

describe('a random entry', () => {
  for (const [name, slotOf] of [
    ['spread over the slots', undefined],
    ['in one slot', () => 77],
  ] as const) {
    for (const isExpiring of [false, true]) {
      test(`${isExpiring ? 'that expires' : 'of all'}, ${name}: each comes up, and about as often`, () => {
        const spaces = new Spaces(1, slotOf);
        const random = new Prng(3);
        for (let i = 0; i < 400; i++) spaces.set(0, `k${i}`, i % 4 === 0 ? startMs + 1e9 : NO_EXPIRY);
        const counts = new Map<string, number>();
        const draws = 40_000;
        for (let i = 0; i < draws; i++) {
          const keyspace = spaces.list[0];
          const { buffer, start: from, end } = keyspace.keyOf(keyspace.randomEntry(random, isExpiring));
          const key = new TextDecoder().decode(buffer.u8.subarray(from, end));
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
        expect(counts.size).toBe(isExpiring ? 100 : 400);
        if (isExpiring) for (const key of counts.keys()) expect(Number(key.slice(1)) % 4).toBe(0);
        const mean = draws / counts.size;
        for (const count of counts.values()) expect(Math.abs(count - mean)).toBeLessThan(6 * Math.sqrt(mean));
      });
    }
  }

  test('one that expires among very many that do not, in one slot', () => {
    const spaces = new Spaces(1, () => 5);
    for (let i = 0; i < 20_000; i++) spaces.set(0, `k${i}`);
    spaces.set(0, 'x', startMs + 1000);
    expect(spaces.evict('random', true)).toEqual([0, 'x']);
    expect(spaces.evict('random', true)).toBeUndefined();
  });
});

describe('order', () => {
  test('with as many samples as keys, the longest unused goes first', () => {
    const spaces = new Spaces(3);
    for (let i = 0; i < 16; i++) {
      spaces.at(startMs + i * 1000);
      spaces.set(i % 3, `k${i}`);
    }
    spaces.at(startMs + 100_000);
    spaces.find(0, 'k0');
    const order = Array.from({ length: 16 }, () => spaces.evict('lru', false, 200)?.[1]);
    expect(order).toEqual([...Array.from({ length: 15 }, (_, i) => `k${i + 1}`), 'k0']);
    expect(spaces.evict('lru')).toBeUndefined();
  });

  test('with five samples, nearly all of the older half goes before the younger', () => {
    const spaces = new Spaces();
    for (let i = 0; i < 2000; i++) {
      spaces.at(startMs + i * 1000);
      spaces.set(0, `k${i}`);
    }
    let older = 0;
    for (let i = 0; i < 1000; i++) if (Number(spaces.evict('lru')?.[1].slice(1)) < 1000) older++;
    expect(older).toBeGreaterThan(900);
  });

  test('the least used goes first', () => {
    const spaces = new Spaces();
    spaces.list[0].accessPolicy = 'lfu';
    spaces.list[0].setLfuRates(0, 1);
    for (let i = 0; i < 10; i++) {
      spaces.set(0, `k${i}`);
      for (let j = 0; j < 10 - i; j++) spaces.find(0, `k${i}`);
    }
    const order = Array.from({ length: 10 }, () => spaces.evict('lfu', false, 100)?.[1]);
    expect(order).toEqual(Array.from({ length: 10 }, (_, i) => `k${9 - i}`));
  });

  test('the first to expire goes first, whatever its use; what does not expire stays', () => {
    const spaces = new Spaces(2);
    for (let i = 0; i < 8; i++) {
      spaces.set(i % 2, `k${i}`, startMs + (9 - i) * 60_000);
      spaces.set(i % 2, `stays${i}`);
    }
    const order = Array.from({ length: 9 }, () => spaces.evict('ttl', true, 100)?.[1]);
    expect(order).toEqual([...Array.from({ length: 8 }, (_, i) => `k${7 - i}`), undefined]);
  });

  test('chance takes from each database in turn', () => {
    const spaces = new Spaces(3);
    for (let i = 0; i < 300; i++) spaces.set(i < 20 ? 0 : 2, `k${i}`);
    const counts = [0, 0, 0];
    for (let i = 0; i < 40; i++) counts[spaces.evict('random')?.[0] as number]++;
    expect(counts).toEqual([20, 0, 20]);
  });
});

test('what has expired is removed and not chosen', () => {
  const spaces = new Spaces();
  for (let i = 0; i < 50; i++) spaces.set(0, `gone${i}`, startMs + 10);
  for (let i = 0; i < 5; i++) spaces.set(0, `k${i}`, startMs + 1e9);
  spaces.at(startMs + 1000);
  for (const order of ['lru', 'lfu', 'ttl', 'random'] as const) {
    expect(spaces.evict(order, true)?.[1]).toMatch(/^k/);
  }
  for (const key of spaces.expired) expect(key).toMatch(/^gone/);
});

test('a keyspace of hidden entries only: nothing may go', () => {
  const spaces = new Spaces();
  for (let i = 0; i < 50; i++) spaces.set(0, `gone${i}`, startMs + 10);
  spaces.list[0].expiryMode = 'hide';
  spaces.at(startMs + 1000);
  for (const order of ['lru', 'random'] as const) {
    for (const isVolatile of [false, true]) expect(spaces.evict(order, isVolatile)).toBeUndefined();
  }
});

test('who was used since it was drawn is passed over', () => {
  const spaces = new Spaces();
  for (let i = 0; i < 16; i++) spaces.set(0, `k${i}`);
  spaces.at(startMs + 60_000);
  spaces.evict('lru', false, 200);
  for (let i = 0; i < 8; i++) spaces.find(0, `k${i}`);
  const order = Array.from({ length: 7 }, () => Number(spaces.evict('lru', false, 200)?.[1].slice(1)));
  for (const i of order) expect(i).toBeGreaterThanOrEqual(8);
});

/** What the model knows of a key: its database is in the name. */
interface Known {
  expireAtMs: number;
  usedAtMs: number;
}

test('whatever happens between choices, what is chosen is there, and may go', () => {
  const key = fc.integer({ min: 0, max: 60 });
  const database = fc.integer({ min: 0, max: 1 });
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(fc.constant('set' as const), database, key) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('setEx' as const), database, key) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('find' as const), database, key) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('remove' as const), database, key) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('later' as const), database, key) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('clear' as const), database, fc.constant(0)) },
    { weight: 4, arbitrary: fc.tuple(fc.constant('evict' as const), database, key) },
  );
  const order = fc.constantFrom('lru', 'lfu', 'ttl', 'random');
  fc.assert(
    fc.property(order, fc.boolean(), fc.array(action, { maxLength: 300 }), (by, isVolatile, actions) => {
      const spaces = new Spaces(2);
      const model = [new Map<string, Known>(), new Map<string, Known>()];
      const isOfTtl = by === 'ttl' || isVolatile;
      let nowMs = startMs;
      for (const [what, where, number] of actions) {
        const name = `key:${number}`;
        const buffer = bufferOf(name);
        if (what === 'set' || what === 'setEx') {
          const expireAtMs = what === 'setEx' ? nowMs + 1 + number * 100 : NO_EXPIRY;
          spaces.set(where, name, expireAtMs);
          model[where].set(name, { expireAtMs, usedAtMs: nowMs });
        } else if (what === 'find') spaces.find(where, name);
        else if (what === 'remove') {
          spaces.list[where].remove(buffer, 0, buffer.sizeBytes);
          model[where].delete(name);
        } else if (what === 'later') spaces.at((nowMs += 700));
        else if (what === 'clear') {
          spaces.list[where].clear();
          model[where].clear();
        } else {
          const isLive = ({ expireAtMs }: Known): boolean => expireAtMs === NO_EXPIRY || expireAtMs >= nowMs;
          const mayGo = (one: Known): boolean => isLive(one) && (!isOfTtl || one.expireAtMs !== NO_EXPIRY);
          const chosen = spaces.evict(by, isOfTtl);
          if (chosen === undefined) {
            for (const map of model) expect([...map.values()].filter(mayGo)).toEqual([]);
          } else {
            const known = model[chosen[0]].get(chosen[1]) as Known;
            expect(mayGo(known)).toBe(true);
            model[chosen[0]].delete(chosen[1]);
          }
        }
      }
    }),
    { numRuns: 200 },
  );
});
