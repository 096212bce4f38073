import fc from 'fast-check';
import { expect, test } from 'vitest';
import { denseRegister } from './dense.ts';
import { HllDraft } from './draft.ts';
import { registerCount } from './element-pattern.ts';
import { headerBytes, isDense } from './layout.ts';
import { sparseRegister } from './sparse.ts';

function registerOf(draft: HllDraft, index: number): number {
  return isDense(draft.bytes, 0)
    ? denseRegister(draft.bytes.u8, headerBytes, index)
    : sparseRegister(draft.bytes.u8, headerBytes, draft.length, index);
}

/** Close together, so that runs are split and joined. */
const changeOf = fc.tuple(
  fc.oneof(
    fc.integer({ min: 0, max: 80 }),
    fc.integer({ min: registerCount - 20, max: registerCount - 1 }),
    fc.nat(registerCount - 1),
  ),
  fc.oneof({ weight: 60, arbitrary: fc.integer({ min: 1, max: 3 }) }, fc.integer({ min: 1, max: 51 })),
);

test('draft: whatever its encoding, a register is the highest value it was raised to', () => {
  fc.assert(
    fc.property(
      fc.array(changeOf, { maxLength: 200, size: 'max' }),
      fc.constantFrom(20, 60, 3000),
      fc.boolean(),
      (changes, sparseBytesMax, isAscending) => {
        const draft = new HllDraft();
        draft.clear();
        const model = new Map<number, number>();
        const ordered = isAscending ? changes.toSorted((a, b) => a[0] - b[0]) : changes;
        for (const [index, value] of ordered) {
          const before = model.get(index) ?? 0;
          expect(draft.raise(index, value, sparseBytesMax)).toBe(value > before ? 1 : 0);
          model.set(index, Math.max(before, value));
        }
        if (!isDense(draft.bytes, 0)) expect(draft.length).toBeLessThanOrEqual(sparseBytesMax);
        const copy = new HllDraft();
        copy.load(draft.bytes, 0, draft.length);
        expect(copy.toDense()).toBe(true);
        for (const index of [0, 1, 63, 64, 80, 81, registerCount - 1, ...model.keys()]) {
          expect(registerOf(draft, index)).toBe(model.get(index) ?? 0);
          expect(registerOf(copy, index)).toBe(model.get(index) ?? 0);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('draft: runs that do not cover a register are corrupted', () => {
  const draft = new HllDraft();
  draft.clear();
  draft.length -= 2;
  expect(draft.raise(5, 1, 3000)).toBe(-1);
  expect(draft.toDense()).toBe(false);
});
