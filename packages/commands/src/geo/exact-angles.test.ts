import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exactArcSine, exactCosine, exactSine } from './exact-angles.ts';

const bits = 200n;
const one = 1n << bits;

/** A double times 2^200. */
function fixed(n: number): bigint {
  let scaled = n;
  let shift = bits;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    shift--;
  }
  return shift >= 0n ? BigInt(scaled) << shift : BigInt(scaled) >> -shift;
}

/** Sum of x^n / n! with the signs of a sine (from 1) or a cosine (from 0), times 2^200. */
function seriesOf(angle: number, from: 0 | 1): bigint {
  const x = fixed(angle);
  let term = from === 0 ? one : x;
  let sum = 0n;
  for (let n = BigInt(from); term !== 0n; n += 2n) {
    sum += term;
    term = -((((term * x) >> bits) * x) >> bits) / ((n + 1n) * (n + 2n));
    if (n > 200n) break;
  }
  return sum;
}

/** Whether no other double is nearer to `exact / 2^200`. */
function isNearest(n: number, exact: bigint): boolean {
  const error = exact - fixed(n);
  const unit = fixed(2 ** (Math.floor(Math.log2(Math.abs(n))) - 52));
  // A little more than half: the reference is rounded too.
  return (error < 0n ? -error : error) * 2n <= unit + (unit >> 40n);
}

const angleOf = fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }).filter((x) => Math.abs(x) > 1e-9);

test('exactSine and exactCosine: the nearest double', () => {
  fc.assert(
    fc.property(angleOf, (angle) => {
      expect(isNearest(exactSine(angle), seriesOf(angle, 1))).toBe(true);
      expect(isNearest(exactCosine(angle), seriesOf(angle, 0))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('exactArcSine: no other double has a nearer sine', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 0.999_999, noNaN: true }), (sine) => {
      const angle = exactArcSine(sine);
      const error = (other: number): bigint => {
        const difference = seriesOf(other, 1) - fixed(sine);
        return difference < 0n ? -difference : difference;
      };
      const step = 2 ** (Math.floor(Math.log2(angle)) - 52);
      expect(error(angle) <= error(angle - step) && error(angle) <= error(angle + step)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('angles that are known', () => {
  expect([exactSine(0), exactCosine(0), exactArcSine(0), exactArcSine(1)]).toEqual([0, 1, 0, Math.PI / 2]);
  expect(exactSine(Math.PI)).toBe(1.2246467991473532e-16);
});
