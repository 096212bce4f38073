import { expect, test } from 'vitest';
import { AccessClock } from './access-clock.ts';

const start = 1_700_000_000_000;

test('lru: idle time in seconds, also across the turn of the 24-bit clock', () => {
  const clock = new AccessClock(1);
  const turn = Math.ceil(start / 1000 / 2 ** 24) * 2 ** 24 * 1000;
  clock.setNow(turn - 5000);
  const bits = clock.fresh;
  clock.setNow(turn + 7000);
  expect(clock.idleMs(bits)).toBe(12_000);
  expect(clock.idleMs(clock.touched(bits))).toBe(0);
});

test('lru: an idle time can be given', () => {
  const clock = new AccessClock(1);
  clock.setNow(start);
  for (const idleMs of [0, 1000, 3_600_000, 2 ** 24 * 1000 - 1000]) {
    expect(clock.idleMs(clock.bitsOfIdle(idleMs))).toBe(idleMs);
  }
});

test('lfu: a new entry counts 5, and decays by one a minute', () => {
  const clock = new AccessClock(1);
  clock.isLfu = true;
  clock.setNow(start);
  const bits = clock.fresh;
  expect(clock.lfuCounter(bits)).toBe(5);
  clock.setNow(start + 3 * 60_000);
  expect(clock.lfuCounter(bits)).toBe(2);
  clock.setNow(start + 30 * 60_000);
  expect(clock.lfuCounter(bits)).toBe(0);
  clock.lfuDecayMinutes = 10;
  expect(clock.lfuCounter(bits)).toBe(2);
  clock.lfuDecayMinutes = 0;
  expect(clock.lfuCounter(bits)).toBe(5);
});

/** The table in Redis's documentation of LFU: accesses, and what the counter then is, by lfu-log-factor. */
for (const [factor, accesses, low, high] of [
  [0, 1000, 255, 255],
  [1, 1000, 40, 60],
  [10, 1000, 14, 24],
  [10, 100_000, 130, 155],
  [100, 1000, 7, 13],
  [100, 100_000, 40, 60],
] as const) {
  test(`lfu: ${accesses} accesses at factor ${factor} count about as in Redis`, () => {
    const clock = new AccessClock(99);
    clock.isLfu = true;
    clock.lfuLogFactor = factor;
    clock.setNow(start);
    let bits = clock.fresh;
    for (let i = 0; i < accesses; i++) bits = clock.touched(bits);
    expect(clock.lfuCounter(bits)).toBeGreaterThanOrEqual(low);
    expect(clock.lfuCounter(bits)).toBeLessThanOrEqual(high);
  });
}

test('frozen: a look is no use, replacing the value is one under LRU only, and a deliberate touch always is', () => {
  for (const isLfu of [false, true]) {
    const clock = new AccessClock(1);
    clock.isLfu = isLfu;
    clock.lfuLogFactor = 0;
    clock.setNow(start);
    const bits = clock.fresh;
    clock.setNow(start + 5000);
    expect(clock.isPlain).toBe(!isLfu);
    clock.isFrozen = true;
    expect(clock.isPlain).toBe(false);
    expect(clock.found(bits)).toBe(bits);
    expect(clock.replaced(bits) === bits).toBe(isLfu);
    expect(clock.touched(bits)).not.toBe(bits);
    clock.isFrozen = false;
    expect(clock.isPlain).toBe(!isLfu);
    expect(clock.found(bits)).not.toBe(bits);
  }
});
