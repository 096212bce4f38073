import { ByteBuffer, latin1Bytes } from '@kvartz/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteKeyMap } from './byte-key-map.ts';

function bytes(name: string): ByteBuffer {
  return ByteBuffer.from(latin1Bytes(name));
}

test('against a Map of strings, growing and shrinking', () => {
  const name = fc.oneof(
    fc.nat(3000).map((n) => `key:${n}`),
    fc.constantFrom('', '\x00', '\xff', 'a'),
  );
  const step = fc.record({ name, isDeleted: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { size: 'large', maxLength: 4000 }), fc.nat(), (steps, random) => {
      const map = new ByteKeyMap<number>([1, 2]);
      const model = new Map<string, number>();
      for (const [i, one] of steps.entries()) {
        const key = bytes(one.name);
        if (one.isDeleted) expect(map.delete(key, 0, key.sizeBytes)).toBe(model.delete(one.name));
        else {
          map.set(key, 0, key.sizeBytes, i);
          model.set(one.name, i);
        }
        expect(map.get(key, 0, key.sizeBytes)).toBe(model.get(one.name));
        expect(map.size).toBe(model.size);
      }
      expect([...map.keys()].toSorted()).toEqual([...model.keys()].toSorted());
      expect(model.size === 0 ? map.anyKey(random) === undefined : model.has(map.anyKey(random)!)).toBe(true);
      for (const each of model.keys()) {
        const key = bytes(each);
        expect(map.get(key, 0, key.sizeBytes)).toBe(model.get(each));
        map.delete(key, 0, key.sizeBytes);
      }
      expect([map.size, map.anyKey(random)]).toEqual([0, undefined]);
    }),
    { numRuns: 40 },
  );
});

test('any key may be chosen', () => {
  const map = new ByteKeyMap<boolean>([1, 2]);
  for (let i = 0; i < 20; i++) map.set(bytes(`k${i}`), 0, `k${i}`.length, true);
  const seen = new Set(Array.from({ length: 10_000 }, (_, i) => map.anyKey(Math.imul(i, 2_654_435_761) >>> 0)));
  expect(seen.size).toBe(20);
  map.clear();
  expect([...map.keys()]).toEqual([]);
});
