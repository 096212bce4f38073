import { expect, test } from 'vitest';
import {
  blockBytesOf,
  classBlocks,
  classBytes,
  classPages,
  pageBytes,
  sizeClassCount,
  sizeClassOf,
  slabBlockBytesMax,
} from './size-classes.ts';

test('size classes: the smallest that fits, at most an eighth (or 7 bytes) too large', () => {
  for (let size = 1; size <= slabBlockBytesMax; size += size < 1024 ? 1 : 13) {
    const c = sizeClassOf(size);
    expect(classBytes[c]).toBeGreaterThanOrEqual(size);
    expect(classBytes[c - 1]).toBeLessThan(size);
    expect(classBytes[c] - size).toBeLessThanOrEqual(Math.max(7, size / 8));
    expect(classBytes[c] % 8).toBe(0);
    expect(blockBytesOf(size)).toBe(classBytes[c]);
  }
});

test('size classes: a slab holds at least four blocks and wastes little of its pages', () => {
  for (let c = 1; c < sizeClassCount; c++) {
    expect(classBlocks[c]).toBeGreaterThanOrEqual(4);
    const usedBytes = classBlocks[c] * classBytes[c];
    expect(1 - usedBytes / (classPages[c] * pageBytes), `class of ${classBytes[c]}`).toBeLessThan(1 / 40);
  }
});

test('size classes: larger blocks are whole pages', () => {
  for (const [size, block] of [
    [16_385, 20_480],
    [20_480, 20_480],
    [20_481, 24_576],
    [2 ** 29, 2 ** 29],
  ] as const)
    expect(blockBytesOf(size)).toBe(block);
});
