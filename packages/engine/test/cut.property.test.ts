import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CutModel, type CutModelOptions } from './cut-model.ts';

/** A line to repeat a failure: `new CutModel({ seed, ... }).run(operations)`. */
function run(options: CutModelOptions, operations: number): CutModel {
  const model = new CutModel(options);
  model.run(operations);
  return model;
}

const seed = fc.integer({ min: 0, max: 2 ** 31 });
const isLong = process.env.CI === 'true';

test('each of several cuts is the state at the moment it was taken', () => {
  const { counts } = run({ seed: Date.now() % 2 ** 31 }, isLong ? 60_000 : 15_000);
  for (const what of ['begun', 'finished', 'aborted', 'of slots', 'cleared', 'swapped']) {
    expect(counts[what], what).toBeGreaterThan(5);
  }
}, 240_000);

test('the same with few slots, large values and as many cuts as can be', () => {
  fc.assert(
    fc.property(seed, (n) => void run({ seed: n, slots: 2, keys: 60, cutsMax: 8, bulk: 2500 }, 2500)),
    { numRuns: isLong ? 6 : 2 },
  );
}, 240_000);

test('the same with many keys, so that tables are gone over in pieces', () => {
  fc.assert(
    fc.property(seed, (n) => void run({ seed: n, slots: 3, keys: 6000, cutsMax: 2 }, 12_000)),
    { numRuns: isLong ? 4 : 1 },
  );
}, 240_000);

test('the same when memory is often short', () => {
  fc.assert(
    fc.property(seed, (n) => void run({ seed: n, failRatio: 0.3 }, 5000)),
    { numRuns: isLong ? 4 : 1 },
  );
}, 240_000);
