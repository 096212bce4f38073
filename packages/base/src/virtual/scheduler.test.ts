import { deepEqual, equal, rejects, throws } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { EventHeap, ScheduledEvent } from './event-heap.ts';
import { Scheduler } from './scheduler.ts';
import { VirtualWorld } from './virtual-world.ts';

test('EventHeap: by time, then by order of arrival, without the cancelled ones', () =>
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(20), fc.boolean()), { maxLength: 300 }), (entries) => {
      const heap = new EventHeap();
      const events = entries.map(([timeMs], i) => new ScheduledEvent(timeMs, i, () => {}));
      for (const event of events) heap.push(event);
      for (const [i, [, isCancelled]] of entries.entries()) if (isCancelled) heap.cancel(events[i]);
      const expected = events
        .filter((_, i) => !entries[i][1])
        .toSorted((a, b) => a.timeMs - b.timeMs || a.sequence - b.sequence);
      equal(heap.size, expected.length);
      const found: ScheduledEvent[] = [];
      for (let event = heap.peek(); event !== undefined; event = heap.peek()) {
        found.push(event);
        heap.shift();
      }
      deepEqual(found, expected);
    }),
  ));

describe('Scheduler', () => {
  test('one moment: events in order, also those they add; then afterTurn; then what afterTurn adds', () => {
    const scheduler = new Scheduler();
    const order: string[] = [];
    scheduler.at(5, () => {
      order.push('a');
      scheduler.afterTurn(() => {
        order.push('after a');
        scheduler.at(5, () => order.push('c'));
        scheduler.afterTurn(() => order.push('after after'));
      });
      scheduler.at(5, () => order.push('b'));
    });
    scheduler.at(6, () => order.push('later'));
    scheduler.advance(10);
    deepEqual(order, ['a', 'b', 'after a', 'c', 'after after', 'later']);
    equal(scheduler.nowMs, 10);
  });

  test('advance: up to and including the moment', () => {
    const scheduler = new Scheduler();
    let count = 0;
    for (const timeMs of [1, 2, 2, 3]) scheduler.at(timeMs, () => count++);
    scheduler.advance(2);
    equal(count, 3);
    equal(scheduler.pendingCount, 1);
  });

  test('run: promises settle before time goes on', async () => {
    const scheduler = new Scheduler();
    const order: string[] = [];
    scheduler.at(1, () => {
      void (async () => {
        for (let i = 0; i < 50; i++) await Promise.resolve();
        order.push(`settled at ${scheduler.nowMs}`);
        scheduler.at(1, () => order.push('still now'));
        scheduler.afterTurn(() => order.push(`after turn at ${scheduler.nowMs}`));
      })();
    });
    scheduler.at(1.5, () => order.push('later'));
    await scheduler.run(10);
    deepEqual(order, ['settled at 1', 'still now', 'after turn at 1', 'later']);
  });

  test('cannot be run from within', () => {
    const scheduler = new Scheduler();
    scheduler.at(1, () => scheduler.advance(5));
    throws(() => scheduler.advance(2), { code: 'ERR_ASSERTION' });
  });
});

describe('VirtualEnv: time', () => {
  test('timers fire at their time, not before, and not when cancelled', () => {
    const world = new VirtualWorld({ seed: 1 });
    const { timers, clock } = world.env('h');
    const start = clock.monotonicMs();
    const fired: number[] = [];
    for (const delayMs of [30, 10, 20.5]) timers.after(delayMs, () => fired.push(clock.monotonicMs() - start));
    const cancelled = timers.after(15, () => fired.push(-1));
    timers.after(12, () => cancelled.cancel());
    world.advance(100);
    deepEqual(fired, [10, 20.5, 30]);
  });

  test('the wall clock is whole, can be off and can jump; the monotonic one goes on', () => {
    const world = new VirtualWorld({ seed: 1, wallMs: 1_000_000 });
    const { clock } = world.env('h', { wallOffsetMs: -500 });
    world.advance(10.7);
    equal(clock.wallMs(), 999_510);
    const before = clock.monotonicMs();
    clock.jumpWall(-3_600_000);
    equal(clock.wallMs(), 999_510 - 3_600_000);
    equal(clock.monotonicMs(), before);
  });

  test('a paused process gets everything late, in order; a timer that came due meanwhile can be cancelled', () => {
    const world = new VirtualWorld({ seed: 1 });
    const env = world.env('h');
    const order: string[] = [];
    const second = env.timers.after(20, () => order.push('b'));
    env.timers.after(10, () => {
      order.push(`a at ${world.nowMs}`);
      second.cancel();
    });
    env.timers.after(30, () => order.push('c'));
    env.pause();
    world.advance(500);
    deepEqual(order, []);
    env.resume();
    world.advance(1);
    deepEqual(order, ['a at 500', 'c']);
  });

  test('a crashed process hears nothing', () => {
    const world = new VirtualWorld({ seed: 1 });
    const env = world.env('h');
    env.timers.after(10, () => {
      throw new Error('alive');
    });
    env.timers.afterTurn(() => {
      throw new Error('alive');
    });
    env.crash();
    world.advance(100);
    equal(env.isAlive, false);
  });

  test('runUntil: says what it waited for, and the seed', async () => {
    const world = new VirtualWorld({ seed: 99 });
    await rejects(
      world.runUntil(() => false, { limitMs: 50 }),
      /not reached within 50 ms of virtual time \(seed 99\)/,
    );
    equal(world.nowMs, 50);
  });
});
