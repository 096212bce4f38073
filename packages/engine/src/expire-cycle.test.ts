import { ByteBuffer, Prng } from '@kvartz/base';
import { expect, test } from 'vitest';
import { Arena, Keyspace, NO_EXPIRY } from './index.ts';

const start = 1_700_000_000_000;
const value = new ByteBuffer(8);
const wide = { keysMax: Infinity, cellsMax: Infinity };

function keyspaceOf(
  slots = 16_384,
  checked = true,
): { keyspace: Keyspace; expired: () => number; set: (n: number, at: number) => void } {
  let count = 0;
  const keyspace = new Keyspace({
    arena: new Arena({ checked, segmentBytes: 2 ** 22 }),
    hashKey: [1, 2],
    slotOf: slots === 16_384 ? undefined : (key, at) => key.u8[at] % slots,
    onExpired: () => count++,
  });
  keyspace.nowMs = start;
  const key = new ByteBuffer(4);
  const set = (n: number, at: number): void => {
    key.dv.setUint32(0, n, true);
    if (keyspace.setString(key, 0, 4, value, 0, 8, at) === 0) throw new Error('out of memory');
  };
  return { keyspace, expired: () => count, set };
}

test('expire cycle: removes what is due, and nothing else', () => {
  const { keyspace, expired, set } = keyspaceOf();
  for (let n = 0; n < 3000; n++) set(n, n % 3 === 0 ? NO_EXPIRY : start + (n % 3) * 1000);
  expect(keyspace.expireCycle(wide, start + 1000)).toMatchObject({ removed: 0, isDone: true });
  expect(keyspace.expireCycle(wide, start + 1001)).toMatchObject({ removed: 1000, isDone: true });
  expect(keyspace.expireCycle(wide, start + 2500)).toMatchObject({ removed: 1000, isDone: true });
  expect(keyspace.keyCount).toBe(1000);
  expect(keyspace.expiringCount).toBe(0);
  expect(expired()).toBe(2000);
});

test('expire cycle: one walk through a crowded slot leaves nothing that is due', () => {
  const { keyspace, set } = keyspaceOf(3);
  for (let n = 0; n < 9000; n++) set(n, start + (n % 10 === 0 ? 5000 : n % 100));
  expect(keyspace.expireCycle(wide, start + 200)).toMatchObject({ removed: 8100, isDone: true });
});

test('expire cycle: keeps to its budget and goes on where it stopped', () => {
  const { keyspace, set } = keyspaceOf();
  for (let n = 0; n < 5000; n++) set(n, start + 10);
  let calls = 0;
  let result;
  do {
    result = keyspace.expireCycle({ keysMax: 300, cellsMax: 1000 }, start + 20);
    expect(result.removed).toBeLessThanOrEqual(300);
    // A table that has been begun is finished.
    expect(result.visited).toBeLessThan(1100);
    calls++;
  } while (!result.isDone);
  expect(keyspace.keyCount).toBe(0);
  expect(calls).toBeGreaterThan(10);
});

test('expire cycle: walks a large table in pieces, while it changes, and misses nothing for good', () => {
  const { keyspace, set } = keyspaceOf(1);
  const random = new Prng(3);
  for (let n = 0; n < 40_000; n++) set(n, n % 2 === 0 ? NO_EXPIRY : start + random.below(5000));
  let nowMs = start;
  while (nowMs < start + 6000) {
    nowMs += 20;
    const { visited } = keyspace.expireCycle({ keysMax: 1000, cellsMax: 3000 }, nowMs);
    expect(visited).toBeLessThanOrEqual(3000 + 4096);
    const key = new ByteBuffer(4);
    for (let i = 0; i < 20; i++) {
      key.dv.setUint32(0, random.below(40_000), true);
      keyspace.remove(key, 0, 4);
    }
    set(50_000 + random.below(1000), nowMs + random.below(500));
  }
  for (let i = 0; i < 300; i++) keyspace.expireCycle({ keysMax: 1000, cellsMax: 3000 }, (nowMs += 100));
  expect(keyspace.expiringCount).toBe(0);
});

test('expire cycle: slots with nothing due cost next to nothing', () => {
  const { keyspace, set } = keyspaceOf();
  for (let n = 0; n < 50_000; n++) set(n, start + 3_600_000);
  expect(keyspace.expireCycle(wide, start + 1000).visited).toBeLessThan(1100);
});

test('expire cycle: a slot is not walked for each key, but no more than a tenth of the keys are left lying', () => {
  for (const effort of [1, 10]) {
    const { keyspace, set } = keyspaceOf(16, false);
    const random = new Prng(effort);
    const count = 12_000;
    // A minute to live, evenly spread: 200 keys come and go each second.
    for (let n = 0; n < count; n++) set(n, start + random.below(60_000));
    let visited = 0;
    let stale = 0;
    let ticks = 0;
    for (let nowMs = start; nowMs < start + 90_000; nowMs += 100) {
      keyspace.nowMs = nowMs;
      for (let i = 0; i < 20; i++) set(100_000 + ((nowMs / 100) % 600) * 20 + i, nowMs + 60_000);
      visited += keyspace.expireCycle({ ...wide, effort }, nowMs).visited;
      if (nowMs < start + 60_000) continue;
      stale += (keyspace.keyCount - count) / count;
      ticks++;
    }
    expect(stale / ticks, `effort ${effort}`).toBeLessThan(0.11 - effort / 100 + 0.02);
    // At effort 1 a slot is walked every 180 ms, or every second call; its keys come due twice in a call.
    const calls = 900;
    if (effort === 1) expect(visited / calls).toBeLessThan(0.6 * 18_000);
  }
});

test('expire cycle: a few keys are removed at the next call', () => {
  const { keyspace, set } = keyspaceOf();
  set(1, start + 500);
  set(2, start + 600);
  keyspace.expireCycle(wide, start + 550);
  expect(keyspace.keyCount).toBe(1);
  keyspace.expireCycle(wide, start + 650);
  expect(keyspace.keyCount).toBe(0);
});

test('expire cycle: a replica removes nothing', () => {
  const { keyspace, set } = keyspaceOf();
  keyspace.expiryMode = 'hide';
  set(1, start + 1);
  expect(keyspace.expireCycle(wide, start + 1000)).toMatchObject({ removed: 0, isDone: true });
  expect(keyspace.keyCount).toBe(1);
});
