import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Histogram } from './histogram.ts';

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value, 1);
  return histogram;
}

describe('Histogram', () => {
  test('percentiles are at most a 32nd above the true ones', () => {
    const nanoseconds = fc.array(fc.integer({ min: 0, max: 1_000_000_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(nanoseconds, fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const sorted = values.toSorted((a, b) => a - b);
        const exact = sorted[Math.ceil((percent / 100) * values.length) - 1];
        const found = histogramOf(values).percentile(percent);
        expect(found).toBeGreaterThanOrEqual(exact);
        expect(found).toBeLessThanOrEqual(exact + exact / 32);
      }),
    );
  });

  test('doublings of 1024 ns, cumulative, those that add nothing left out', () => {
    const histogram = histogramOf([0, 900, 1500, 1600, 40_000, 131_000]);
    expect([...histogram.doublings()]).toEqual([
      [1, 2],
      [2, 4],
      [66, 5],
      [132, 6],
    ]);
  });

  test('a sample stands for as many calls as it says', () => {
    const histogram = new Histogram();
    histogram.record(1000, 63);
    histogram.record(5000, 1);
    expect(histogram.count).toBe(64);
    expect(histogram.percentile(98)).toBeLessThan(1032);
    expect(histogram.percentile(100)).toBeGreaterThanOrEqual(5000);
  });

  test('what took longer than a second counts as a second', () => {
    expect(histogramOf([5e9]).percentile(50)).toBeGreaterThanOrEqual(1e9);
  });
});
