import { equal, ok } from 'node:assert/strict';
import { test } from 'vitest';
import { RealClock, RealRandom, RealTimers } from './index.ts';

test('RealClock: whole milliseconds of wall time, a monotonic clock that does not go back', () => {
  const clock = new RealClock();
  ok(Number.isInteger(clock.wallMs()) && clock.wallMs() > Date.UTC(2024, 0, 1));
  let before = clock.monotonicMs();
  for (let i = 0; i < 1000; i++) {
    const now = clock.monotonicMs();
    ok(now >= before);
    before = now;
  }
});

test('RealRandom: 32-bit numbers past one pool, and filled arrays', () => {
  const random = new RealRandom();
  const seen = new Set<number>();
  for (let i = 0; i < 3000; i++) {
    const n = random.uint32();
    ok(Number.isInteger(n) && n >= 0 && n < 2 ** 32);
    seen.add(n);
  }
  ok(seen.size > 2990);
  const target = new Uint8Array(64);
  random.fill(target);
  ok(target.some((byte) => byte !== 0));
});

test('RealTimers: never early', async () => {
  const timers = new RealTimers();
  await Promise.all(
    [0, 1, 3.3, 10, 25].map(
      (delayMs) =>
        new Promise<void>((resolve) => {
          const start = performance.now();
          timers.after(delayMs, () => {
            ok(performance.now() - start >= delayMs);
            resolve();
          });
        }),
    ),
  );
});

test('RealTimers: a cancelled timer and one of 100 days do not fire', async () => {
  const timers = new RealTimers();
  let count = 0;
  const long = timers.after(100 * 86_400_000, () => count++);
  timers.after(5, () => count++).cancel();
  await new Promise<void>((resolve) => timers.after(20, resolve));
  long.cancel();
  equal(count, 0);
});

test('RealTimers: afterTurn comes after promises and once', async () => {
  const order: string[] = [];
  await new Promise<void>((resolve) => {
    new RealTimers().afterTurn(() => {
      order.push('afterTurn');
      resolve();
    });
    void Promise.resolve().then(() => order.push('promise'));
    order.push('now');
  });
  equal(order.join(), 'now,promise,afterTurn');
});
