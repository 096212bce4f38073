import fc from 'fast-check';
import { expect, test } from 'vitest';
import { interleave, latitudeMax, latitudeOf, longitudeMax, longitudeOf, scoreOf } from './coordinates.ts';

const longitude = fc.double({ min: -longitudeMax, max: longitudeMax, noNaN: true });
const latitude = fc.double({ min: -latitudeMax, max: latitudeMax, noNaN: true });

test('scoreOf: the position comes back within a cell, and as the same score', () => {
  fc.assert(
    fc.property(longitude, latitude, (x, y) => {
      const score = scoreOf(x, y);
      expect(Math.abs(longitudeOf(score) - x)).toBeLessThanOrEqual(360 / 2 ** 26);
      expect(Math.abs(latitudeOf(score) - y)).toBeLessThanOrEqual(180 / 2 ** 26);
      if (x < longitudeMax && y < latitudeMax) expect(scoreOf(longitudeOf(score), latitudeOf(score))).toBe(score);
    }),
  );
});

test('interleave: bits in turn, the lowest of the second number first', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 26 - 1), fc.nat(2 ** 26 - 1), (odd, even) => {
      let expected = 0n;
      for (let bit = 0n; bit < 26n; bit++) {
        expected |= ((BigInt(even) >> bit) & 1n) << (2n * bit);
        expected |= ((BigInt(odd) >> bit) & 1n) << (2n * bit + 1n);
      }
      expect(BigInt(interleave(odd, even))).toBe(expected);
    }),
  );
});

for (const [score, x, y] of [
  [-5, longitudeMax, latitudeMax],
  [2 ** 53, longitudeMax, -85.05112751263943],
  [1e300, -179.99999731779099, -85.05112751263943],
  [Infinity, -179.99999731779099, -85.05112751263943],
] as const)
  test(`a score that no position has, ${score}, is at the edge of the map`, () =>
    expect([longitudeOf(score), latitudeOf(score)]).toEqual([x, y]));
