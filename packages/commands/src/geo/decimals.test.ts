import { expect, test } from 'vitest';
import { coordinateText, withDecimals } from './decimals.ts';

for (const [n, count, text] of [
  [0, 4, '0.0000'],
  [-0, 6, '-0.000000'],
  [166274.1516, 4, '166274.1516'],
  // Exactly halfway: to the even digit, as C does and `toFixed` does not.
  [0.03125, 4, '0.0312'],
  [0.09375, 4, '0.0938'],
  [-0.03125, 4, '-0.0312'],
  [1e21, 2, '1000000000000000000000.00'],
  [-Infinity, 6, '-inf'],
] as const)
  test(`withDecimals: ${Object.is(n, -0) ? '-0' : n} with ${count} is ${text}`, () =>
    expect(withDecimals(n, count)).toBe(text));

for (const [n, text] of [
  [13.361389338970184, '13.36138933897018433'],
  [-0.1, '-0.10000000000000001'],
  [180, '180'],
  [2.5, '2.5'],
  [-1e-20, '0'],
] as const)
  test(`coordinateText: ${n} is ${text}`, () => expect(coordinateText(n)).toBe(text));
