import type { Timers } from '@kvartz/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BlockedClient } from './blocked-client.ts';
import { Deadlines } from './deadlines.ts';

/** One timer that rings when the test says so. */
class OneTimer implements Timers {
  delays: number[] = [];
  ring: (() => void) | undefined;

  after(delayMs: number, callback: () => void): { cancel(): void } {
    this.delays.push(delayMs);
    this.ring = callback;
    return { cancel: () => void (this.ring = undefined) };
  }

  afterTurn(): void {}
}

const waiterWith = (deadlineMs: number): BlockedClient => ({ deadlineMs, heapIndex: -1 }) as unknown as BlockedClient;

test('deadlines come in order, whoever joins and leaves in between', () => {
  const stepOf = fc.oneof(
    { weight: 3, arbitrary: fc.record({ deadlineMs: fc.nat(50) }) },
    { weight: 2, arbitrary: fc.record({ leaves: fc.nat(1000) }) },
    fc.record({ nowMs: fc.nat(50) }),
  );
  fc.assert(
    fc.property(fc.array(stepOf, { maxLength: 100 }), (steps) => {
      const deadlines = new Deadlines(new OneTimer(), () => {});
      const model: BlockedClient[] = [];
      for (const step of steps) {
        if ('deadlineMs' in step) {
          const waiter = waiterWith(step.deadlineMs);
          model.push(waiter);
          deadlines.add(waiter, 0);
        } else if ('leaves' in step) {
          if (model.length > 0) deadlines.remove(model.splice(step.leaves % model.length, 1)[0]);
        } else {
          const due: number[] = [];
          for (let one = deadlines.takeDue(step.nowMs); one !== undefined; one = deadlines.takeDue(step.nowMs)) {
            due.push(one.deadlineMs);
            model.splice(model.indexOf(one), 1);
          }
          expect(due).toEqual(due.toSorted((a, b) => a - b));
          expect(model.every(({ deadlineMs }) => deadlineMs > step.nowMs)).toBe(true);
        }
        expect(deadlines.count).toBe(model.length);
      }
    }),
  );
});

test('one timer for all, set anew only for an earlier deadline', () => {
  const timers = new OneTimer();
  const deadlines = new Deadlines(timers, () => {});
  const waiters = [500, 700, 600, 300, 400].map(waiterWith);
  for (const waiter of waiters) deadlines.add(waiter, 100);
  expect(timers.delays).toEqual([400, 200]);
  deadlines.remove(waiters[3]);
  expect(timers.delays).toHaveLength(2);
  // It rings for one that has left, finds nobody, and is set for the next.
  expect(deadlines.takeDue(300)).toBeUndefined();
  deadlines.rearm(300);
  expect(timers.delays).toEqual([400, 200, 100]);
  deadlines.stop();
  expect(timers.ring).toBeUndefined();
});
