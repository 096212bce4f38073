import { ByteBuffer, Prng } from '@kvartz/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arena } from './arena.ts';
import { firstHashOf, homeOf } from './cells.ts';
import { halfSipHash13 } from './hash.ts';
import { slotCount } from './slot-groups.ts';
import { SlotTables } from './slot-tables.ts';

const cellsMax = 2 ** 27;
const cells = fc.oneof(fc.integer({ min: 1, max: 70_000 }), fc.integer({ min: 1, max: cellsMax }));
const hash = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test('home: rises with the hash and stays within the table', () => {
  fc.assert(
    fc.property(cells, hash, hash, (n, a, b) => {
      const low = homeOf(Math.min(a, b) | 0, n);
      const high = homeOf(Math.max(a, b) | 0, n);
      return low >= 0 && low <= high && high < n;
    }),
    { numRuns: 2000 },
  );
});

test('home: firstHashOf is where a home begins', () => {
  fc.assert(
    fc.property(cells, hash, (n, h) => {
      const home = homeOf(h | 0, n);
      const first = firstHashOf(home, n);
      expect(first).toBeLessThanOrEqual(h);
      expect(homeOf(first | 0, n)).toBe(home);
      if (first > 0) expect(homeOf((first - 1) | 0, n)).toBeLessThan(home);
      const next = firstHashOf(home + 1, n);
      expect(next).toBeGreaterThan(first);
      if (next < 2 ** 32) expect(homeOf(next | 0, n)).toBeGreaterThan(home);
    }),
    { numRuns: 2000 },
  );
});

test('home: spreads hashes evenly', () => {
  for (const n of [4, 7, 100, 1024, 65_536, 65_600, 200_000]) {
    const counts = new Uint32Array(n <= 100 ? n : 64);
    const random = new Prng(n);
    for (let i = 0; i < 64_000; i++) counts[Math.floor((homeOf(random.uint32() | 0, n) * counts.length) / n)]++;
    const mean = 64_000 / counts.length;
    for (const count of counts) expect(Math.abs(count - mean)).toBeLessThan(6 * Math.sqrt(mean) + mean / 100);
  }
});

/** Sets of keys that trouble weak hashes: the longest way from home to cell must stay that of random numbers. */
const keySets: Record<string, (i: number, key: ByteBuffer) => number> = {
  'decimal counters': (i, key) => {
    key.u8.set(new TextEncoder().encode(String(i)));
    return String(i).length;
  },
  'one word, counting': (i, key) => {
    key.dv.setUint32(0, i, true);
    return 4;
  },
  'multiples of 2^16': (i, key) => {
    key.dv.setUint32(0, (i << 16) | (i >>> 16), true);
    return 4;
  },
  'zeros of all lengths': (i, key) => {
    key.u8.fill(0);
    return i;
  },
  'one bit set': (i, key) => {
    key.u8.fill(0);
    key.u8[i >> 3] = 1 << (i & 7);
    return 8192;
  },
  // Blocks whose effects cancel out in murmur3 whatever the seed: every choice of pairs gives the same hash there.
  'pairs that collide in murmur3': (i, key) => {
    for (let bit = 0; bit < 16; bit++) {
      const isOther = (i >> bit) & 1;
      key.dv.setUint32(bit * 8, murmurInverse(isOther === 0 ? 0 : 0x0004_0000), true);
      key.dv.setUint32(bit * 8 + 4, murmurInverse(isOther === 0 ? 0 : 0x8000_0000), true);
    }
    return 128;
  },
};

/** The block that murmur3's mixing of one word turns into `mixed`. */
function murmurInverse(mixed: number): number {
  const unmultiplied = Math.imul(mixed, inverseOf(0x1b873593));
  return Math.imul((unmultiplied >>> 15) | (unmultiplied << 17), inverseOf(0xcc9e2d51)) >>> 0;
}

function inverseOf(odd: number): number {
  let inverse = odd;
  for (let i = 0; i < 5; i++) inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse));
  return inverse;
}

for (const [name, write] of Object.entries(keySets)) {
  test(`tables: chosen keys do not pile up: ${name}`, () => {
    const key = new ByteBuffer(8192);
    const count = name === 'zeros of all lengths' ? 8192 : 20_000;
    const seen = new Map<number, number>();
    const slots = new Uint32Array(slotCount);
    for (let i = 0; i < count; i++) {
      const h = halfSipHash13(key, 0, write(i, key), 0x1234567, 0x89abcdef);
      seen.set(h, (seen.get(h) ?? 0) + 1);
      slots[h & (slotCount - 1)]++;
    }
    // One pair in 2^32 collides: of 20,000 keys there are 0.05 expected, three would be a scandal.
    expect(count - seen.size).toBeLessThan(3);
    expect(Math.max(...slots)).toBeLessThan(14);
  });
}

test('tables: the way from home to cell stays short in tables of all sizes', () => {
  const arena = new Arena();
  const tables = new SlotTables(arena);
  const key = new ByteBuffer(8);
  let longest = 0;
  for (let i = 0; i < 100_000; i++) {
    const h = halfSipHash13(key, 0, write32(key, i), 1, 2);
    tables.hash = h;
    tables.slot = 7;
    if (!tables.add(i + 1, Infinity)) expect.unreachable();
    const home = homeOf(h, tables.cellsOf(7));
    const distance = tables.cell >= home ? tables.cell - home : tables.cell - home + tables.cellsOf(7);
    longest = Math.max(longest, distance);
  }
  // Linear probing, 80% full at most: clusters of some hundred are to be expected among 10^5 keys.
  expect(longest).toBeLessThan(300);
  expect(tables.countOf(7)).toBe(100_000);
  expect(tables.countOf(7) / tables.cellsOf(7)).toBeGreaterThan(0.55);
});

function write32(key: ByteBuffer, i: number): number {
  key.dv.setUint32(0, i, true);
  return 4;
}
