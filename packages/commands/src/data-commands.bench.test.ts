import { expect, test } from 'vitest';
import { cases, runCases } from './data-commands.bench.ts';

test('the bench runs', () => {
  const results = runCases(10, 1);
  expect(results.map(({ name }) => name)).toEqual(cases.map(({ name }) => name));
  expect(results.every(({ nanoseconds }) => nanoseconds > 0)).toBe(true);
});
