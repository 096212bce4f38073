import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ModelTest, type ModelOptions } from './model.ts';

/** A line to repeat a failure: `new ModelTest({ seed, ... }).run(operations)`. */
function run(options: ModelOptions, operations: number): ModelTest {
  const model = new ModelTest(options);
  model.run(operations);
  return model;
}

const seed = fc.integer({ min: 0, max: 2 ** 31 });

test('keyspaces behave as Maps do, over 120,000 operations', () => {
  const model = run({ seed: Date.now() % 2 ** 31 }, 120_000);
  for (const what of [
    'added',
    'overwritten',
    'removed',
    'edited',
    'renamed',
    'copied',
    'moved',
    'scans',
    'oom',
    'expired by the cycle',
  ]) {
    expect(model.counts[what], what).toBeGreaterThan(100);
  }
  model.finish();
}, 120_000);

test('the same with few slots, so that tables grow large and shrink', () => {
  fc.assert(
    fc.property(seed, (n) => run({ seed: n, slots: 3, keys: 6000, databases: 1 }, 30_000).finish()),
    { numRuns: 2 },
  );
}, 120_000);

test('the same in the smallest segments, with many of them', () => {
  fc.assert(
    fc.property(seed, (n) => run({ seed: n, segmentBytes: 2 ** 17, valueBytesMax: 20_000 }, 15_000).finish()),
    { numRuns: 2 },
  );
}, 120_000);

test('the same when memory is always short', () => {
  fc.assert(
    fc.property(seed, fc.integer({ min: 20_000, max: 200_000 }), (n, limitBytes) => {
      run({ seed: n, limitBytes, failRatio: 0.2, keys: 1000 }, 15_000).finish();
    }),
    { numRuns: 3 },
  );
}, 120_000);
