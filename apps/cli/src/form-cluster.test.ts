import { expect, test } from 'vitest';
import { shareOf } from './form-cluster.ts';

for (const count of [1, 2, 3, 7, 100])
  test(`${count} shares cover every slot once and differ by one at most`, () => {
    const shares = Array.from({ length: count }, (_, index) => shareOf(index, count));
    expect(shares[0]![0]).toBe(0);
    expect(shares.at(-1)![1]).toBe(16_383);
    for (let i = 1; i < count; i++) expect(shares[i]![0]).toBe(shares[i - 1]![1] + 1);
    const sizes = shares.map(([first, last]) => last - first + 1);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

test('three masters get the shares that redis-cli gives them', () =>
  expect([0, 1, 2].map((index) => shareOf(index, 3))).toEqual([
    [0, 5460],
    [5461, 10_922],
    [10_923, 16_383],
  ]));
