import { ByteBuffer, latin1Of, utf8Bytes } from '@kvartz/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteList } from './byte-list.ts';
import { sortByBytes } from './byte-sort.ts';
import { sortAll, sortRange } from './index-sort.ts';
import { sortByKeys } from './key-sort.ts';

const keysOf = fc.oneof(
  fc.array(fc.double({ noNaN: true }), { maxLength: 1500, size: 'max' }),
  fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 1500, size: 'max' }),
  fc.array(fc.constantFrom(0, -0, 1, Infinity, -Infinity, 2 ** 53, 1e-300), { maxLength: 1500, size: 'max' }),
);

function expected(keys: readonly number[], compareEqual: (a: number, b: number) => number): number[] {
  return keys
    .map((_, i) => i)
    .toSorted((a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : compareEqual(a, b)));
}

test('sortByKeys: by key, then as the equal ones compare', () => {
  fc.assert(
    fc.property(keysOf, fc.boolean(), (keys, isBackward) => {
      const compareEqual = (a: number, b: number): number => (isBackward ? b - a : a - b);
      const order = Uint32Array.from(keys, (_, i) => i);
      sortByKeys(order, Float64Array.from(keys), compareEqual, (run) => sortAll(run, compareEqual));
      expect(Array.from(order)).toEqual(expected(keys, compareEqual));
    }),
  );
});

test('sortByBytes: as the bytes, and the shorter one first', () => {
  const textOf = fc.oneof(
    fc.uint8Array({ max: 2, maxLength: 60, size: 'max' }),
    fc.nat(20).map((n) => utf8Bytes(`a common beginning:${n}`)),
    fc.constantFrom(new Uint8Array(0), new Uint8Array(7), new Uint8Array(100), new Uint8Array(101)),
  );
  fc.assert(
    fc.property(fc.array(textOf, { maxLength: 1500, size: 'max' }), (texts) => {
      const items = new ByteList(1);
      for (const text of texts) items.push(ByteBuffer.from(text), 0, text.length);
      const order = Uint32Array.from(texts, (_, i) => i);
      sortByBytes(items, order, (a, b) => items.compare(a, b));
      const sorted = texts
        .map((text) => latin1Of(text, 0, text.length))
        .toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      expect(Array.from(order, (i) => latin1Of(texts[i], 0, texts[i].length))).toEqual(sorted);
    }),
    { numRuns: 50 },
  );
});

test('sortAll: equal elements stay in their order', () => {
  fc.assert(
    fc.property(keysOf, (keys) => {
      const order = Uint32Array.from(keys, (_, i) => i);
      sortAll(order, (a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : 0));
      expect(Array.from(order)).toEqual(expected(keys, (a, b) => a - b));
    }),
  );
});

test('sortRange: the range holds what it holds when all is sorted', () => {
  fc.assert(
    fc.property(keysOf, fc.nat(), fc.nat(), (keys, from, count) => {
      fc.pre(keys.length > 0);
      const first = from % keys.length;
      const last = Math.min(first + (count % 20), keys.length - 1);
      const order = Uint32Array.from(keys, (_, i) => i);
      const compare = (a: number, b: number): number => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : 0);
      sortRange(order, first, last, compare);
      const sorted = expected(keys, (a, b) => a - b).map((i) => keys[i] + 0);
      expect(Array.from(order.subarray(first, last + 1), (i) => keys[i] + 0)).toEqual(sorted.slice(first, last + 1));
      expect(Array.from(order.toSorted())).toEqual(keys.map((_, i) => i));
    }),
  );
});
