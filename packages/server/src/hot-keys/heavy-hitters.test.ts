import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeavyHitters } from './heavy-hitters.ts';

test('weights are exact while there is a counter for each key, and never too low afterwards', () => {
  const stream = fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 100 })), {
    maxLength: 500,
  });
  fc.assert(
    fc.property(stream, fc.integer({ min: 1, max: 80 }), (pairs, counters) => {
      const hitters = new HeavyHitters(counters);
      const exact = new Map<string, number>();
      let total = 0;
      for (const [number, weight] of pairs) {
        hitters.add(`k${number}`, weight);
        exact.set(`k${number}`, (exact.get(`k${number}`) ?? 0) + weight);
        total += weight;
      }
      const found = hitters.top(1000);
      expect(found.length).toBe(Math.min(counters, exact.size));
      expect(found.map(([, weight]) => weight)).toEqual(found.map(([, weight]) => weight).toSorted((a, b) => b - a));
      for (const [key, weight] of found) {
        const truth = exact.get(key)!;
        expect(weight).toBeGreaterThanOrEqual(truth);
        expect(weight).toBeLessThanOrEqual(truth + (exact.size <= counters ? 0 : total / counters));
      }
      // Whoever has more than its share of the counters is among them.
      for (const [key, weight] of exact) {
        if (weight > total / counters) expect(found.some(([name]) => name === key)).toBe(true);
      }
    }),
  );
});
