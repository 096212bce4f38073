import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { test } from 'vitest';
import { Prng } from './prng.ts';

const draw = (seed: number, count: number): number[] => {
  const prng = new Prng(seed);
  return Array.from({ length: count }, () => prng.uint32());
};

test('Prng: the same seed gives the same numbers', () => {
  deepEqual(draw(42, 100), draw(42, 100));
});

test('Prng: neighbouring seeds, also past 2^32 and below zero, give unrelated numbers', () => {
  const firsts = new Set<number>();
  for (let i = -500; i < 500; i++) {
    firsts.add(draw(i, 1)[0]);
    firsts.add(draw(i + 2 ** 40, 1)[0]);
  }
  ok(firsts.size > 1995, `${firsts.size} different numbers of 2000`);
});

test('Prng: each bit is set half of the time', () => {
  const counts = Array.from({ length: 32 }, () => 0);
  const prng = new Prng(7);
  for (let i = 0; i < 20_000; i++) {
    const n = prng.uint32();
    for (let bit = 0; bit < 32; bit++) counts[bit] += (n >>> bit) & 1;
  }
  for (const [bit, count] of counts.entries()) ok(Math.abs(count - 10_000) < 500, `bit ${bit}: ${count}`);
});

test('Prng.below: uniform over its range', () => {
  const counts = [0, 0, 0, 0, 0, 0];
  const prng = new Prng(1);
  for (let i = 0; i < 60_000; i++) counts[prng.below(6)]++;
  for (const count of counts) ok(Math.abs(count - 10_000) < 500, `${count}`);
  equal(prng.below(1), 0);
  ok(prng.below(2 ** 32) < 2 ** 32);
  throws(() => prng.below(0), { code: 'ERR_ASSERTION' });
});

test('Prng.fill: every byte, whatever the length', () => {
  const target = new Uint8Array(1001);
  new Prng(3).fill(target);
  ok(target.filter((byte) => byte === 0).length < 30);
  ok(target[1000] + target[999] > 0);
});

test('Prng.chance: 0 never, 1 always, one half about half', () => {
  const prng = new Prng(5);
  let hits = 0;
  for (let i = 0; i < 10_000; i++) {
    equal(prng.chance(0), false);
    equal(prng.chance(1), true);
    if (prng.chance(0.5)) hits++;
  }
  ok(Math.abs(hits - 5000) < 300, `${hits}`);
});

test('Prng.fork: a fork does not follow its parent', () => {
  const parent = new Prng(9);
  const fork = parent.fork();
  ok(fork.uint32() !== parent.uint32());
});
