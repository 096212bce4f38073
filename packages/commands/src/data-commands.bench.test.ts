import { expect, test } from 'vitest';
import { cases, runCases } from './data-commands.bench.ts';

test('the bench runs', () => {
  const results = runCases(10, 0);
  expect(results.map(({ name }) => name)).toEqual(cases.map(({ name }) => name));
  // All but those that answer null have left something.
  expect(new Set(results.map(({ checksum }) => checksum)).size).toBeGreaterThan(5);
});
