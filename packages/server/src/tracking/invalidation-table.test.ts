import { ByteBuffer, latin1Bytes, latin1Of } from '@kvartz/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidationTable } from './invalidation-table.ts';

function bytes(text: string): ByteBuffer {
  return ByteBuffer.from(latin1Bytes(text));
}

test('who has read what: against a model', () => {
  const key = fc.oneof(fc.constantFrom('', 'a', 'b', '\x00', '\xff\xfe'), fc.string({ maxLength: 9 }));
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ remember: key, id: fc.integer({ min: 1, max: 40 }) }) },
    fc.record({ take: key }),
    fc.record({ random: fc.nat() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const table = new InvalidationTable([1, 2], () => true);
      const model = new Map<string, Set<number>>();
      const modelTake = (name: string): number[] => {
        const ids = [...(model.get(name) ?? [])].toSorted((a, b) => a - b);
        model.delete(name);
        return ids;
      };
      for (const one of steps) {
        if ('remember' in one) {
          const name = latin1Of(latin1Bytes(one.remember));
          table.remember(one.id, bytes(name), 0, name.length);
          model.set(name, (model.get(name) ?? new Set()).add(one.id));
        } else if ('take' in one) {
          const name = latin1Of(latin1Bytes(one.take));
          expect(table.take(bytes(name), 0, name.length)).toEqual(modelTake(name));
        } else {
          const taken = table.takeAny(one.random);
          if (taken === undefined) expect(model.size).toBe(0);
          else expect(taken.ids).toEqual(modelTake(latin1Of(taken.key.u8)));
        }
        expect(table.keyCount).toBe(model.size);
        expect(table.itemCount).toBe([...model.values()].reduce((sum, ids) => sum + ids.size, 0));
      }
    }),
  );
});

test('a key that many clients read and nobody writes does not collect those that are gone', () => {
  let alive = 0;
  const table = new InvalidationTable([1, 2], (id) => id > alive);
  const hot = bytes('hot');
  for (let id = 1; id <= 100_000; id++) {
    alive = id - 10;
    table.remember(id, hot, 0, 3);
  }
  expect(table.itemCount).toBeLessThan(64);
  const ids = table.take(hot, 0, 3);
  expect(ids.slice(-10)).toEqual(Array.from({ length: 10 }, (_, i) => 99_991 + i));
  expect([table.keyCount, table.itemCount]).toEqual([0, 0]);
});

test('taking one key after another costs the same from the first to the last', () => {
  const table = new InvalidationTable([1, 2], () => true);
  const count = 200_000;
  for (let i = 0; i < count; i++) {
    const name = `key:${i}`;
    table.remember(1, bytes(name), 0, name.length);
  }
  const seen = new Set<string>();
  for (let i = 0; i < count; i++) seen.add(latin1Of(table.takeAny(Math.imul(i, 2_654_435_761) >>> 0)!.key.u8));
  expect(seen.size).toBe(count);
  expect(table.takeAny(1)).toBeUndefined();
});
