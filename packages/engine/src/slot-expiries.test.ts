import { Prng } from '@kvartz/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SlotExpiries } from './slot-expiries.ts';
import { slotCount } from './slot-groups.ts';

const time = fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.constant(Infinity));
const anySlot = fc.constantFrom(0, 1, 127, 128, slotCount - 1);
const step = fc.record({
  entry: fc.nat(9),
  slot: anySlot,
  atMs: time,
  partAtMs: time,
  isDetached: fc.nat(9).map((n) => n === 0),
});

test('it agrees with a list of entries', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const expiries = new SlotExpiries();
      const entries = new Map<number, { slot: number; atMs: number; partAtMs: number }>();
      for (const { entry, slot, atMs, partAtMs, isDetached } of steps) {
        const old = entries.get(entry);
        if (isDetached) {
          expiries.detach(slot);
          for (const [key, value] of entries) if (value.slot === slot) entries.delete(key);
        } else {
          const at = old?.slot ?? slot;
          const [fromMs, partFromMs] = [old?.atMs ?? Infinity, old?.partAtMs ?? Infinity];
          if ([fromMs, atMs, partFromMs, partAtMs].every((ms) => ms === Infinity)) continue;
          expect(expiries.change(at, fromMs, atMs, partFromMs, partAtMs)).toBe(Math.min(atMs, partAtMs) !== Infinity);
          entries.set(entry, { slot: at, atMs, partAtMs });
        }
        const all = [...entries.values()];
        expect(expiries.count).toBe(all.filter((e) => e.atMs !== Infinity).length);
        expect(expiries.partlyCount).toBe(all.filter((e) => e.partAtMs !== Infinity).length);
        for (const at of [0, 1, 127, 128, slotCount - 1]) {
          const here = all.filter((e) => e.slot === at);
          const soonestMs = Math.min(Infinity, ...here.flatMap((e) => [e.atMs, e.partAtMs]));
          expect(expiries.countOf(at)).toBe(here.filter((e) => e.atMs !== Infinity).length);
          expect(expiries.isIn(at)).toBe(soonestMs !== Infinity);
          // Nobody comes too late; and where nothing expires nobody comes at all.
          expect(expiries.lookAtOf(at)).toBeLessThanOrEqual(soonestMs);
          if (soonestMs === Infinity) expect(expiries.lookAtOf(at)).toBe(Infinity);
        }
        if (expiries.count > 0) expect(expiries.countOf(expiries.pickSlot(new Prng(1)))).toBeGreaterThan(0);
      }
    }),
  );
});

test('the mean of all expiries', () => {
  const expiries = new SlotExpiries();
  for (let i = 0; i < 100; i++) expiries.change(i, Infinity, 1_700_000_000_000 + i, Infinity, Infinity);
  expect(expiries.meanMs).toBe(1_700_000_000_049.5);
  for (let i = 0; i < 50; i++) expiries.change(i, 1_700_000_000_000 + i, Infinity, Infinity, Infinity);
  expect(expiries.meanMs).toBe(1_700_000_000_074.5);
  for (let i = 50; i < 100; i++) expiries.detach(i);
  expect([expiries.count, expiries.meanMs]).toEqual([0, Infinity]);
});

test('nobody looks at a slot before the earliest moment that was said', () => {
  const expiries = new SlotExpiries();
  expiries.change(5, Infinity, 100, Infinity, Infinity);
  expiries.setLookAt(5, 900, 500);
  expiries.change(5, Infinity, 50, Infinity, Infinity);
  expect(expiries.lookAtOf(5)).toBe(500);
});
