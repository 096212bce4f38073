import { expect, test } from 'vitest';
import { median } from './stats.ts';

for (const [values, middle] of [
  [[], Number.NaN],
  [[7], 7],
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
  [[10, 9, 100], 10],
] as const)
  test(`median of [${values.join(', ')}] is ${middle}`, () => expect(median(values)).toBe(middle));
