import { ByteBuffer, Prng } from '@kvartz/base';
import { describe, expect, test, vi } from 'vitest';
import { bufferOf, textOf } from '../../test/model.ts';
import { Arena, type BlockRef } from '../arena.ts';
import { FreeBudget } from '../free-budget.ts';
import { Span } from '../span.ts';
import { createRecord, readRecordKey } from './record.ts';
import { copyTable, freeTable, Table, tableBytes, TableCursor } from './table.ts';

const keyAt = 4;

function arenaOf(): Arena {
  const arena = new Arena({ segmentBytes: 2 ** 20, checked: true });
  arena.memberHashKey = [1, 2];
  return arena;
}

class Model {
  readonly arena = arenaOf();
  readonly table = new Table(this.arena, keyAt);
  readonly root = this.table.create();
  readonly keys = new Set<string>();
  readonly #span = new Span(new ByteBuffer(0));

  add(key: string): void {
    const bytes = bufferOf(key);
    const found = this.table.find(this.root, bytes, 0, key.length);
    if ((found !== 0) !== this.keys.has(key)) throw new Error(`${key} ${found !== 0 ? 'is' : 'is not'} there`);
    if (found !== 0) return;
    const record = createRecord(this.arena, keyAt, 0, bytes, 0, key.length);
    if (record === 0) return;
    if (this.table.add(this.root, record)) this.keys.add(key);
    else this.arena.free(record);
  }

  remove(key: string): void {
    const found = this.table.find(this.root, bufferOf(key), 0, key.length);
    if ((found !== 0) !== this.keys.delete(key)) throw new Error(`${key} ${found !== 0 ? 'is' : 'is not'} there`);
    if (found === 0) return;
    this.table.remove(this.root);
    this.arena.free(found);
  }

  keyOf(record: BlockRef): string {
    return textOf(readRecordKey(this.arena, record, keyAt, this.#span));
  }

  all(root = this.root): string[] {
    const cursor = new TableCursor();
    const found: string[] = [];
    for (let record = this.table.next(root, cursor); record !== 0; record = this.table.next(root, cursor)) {
      found.push(this.keyOf(record));
    }
    return found;
  }

  check(): void {
    expect(this.table.count(this.root)).toBe(this.keys.size);
    expect(this.all().toSorted()).toEqual([...this.keys].toSorted());
  }
}

describe('against a Set', () => {
  for (const [seed, keyCount, failRatio] of [
    [1, 50, 0],
    [2, 3000, 0],
    [3, 20_000, 0],
    [4, 3000, 0.05],
  ] as const)
    test(`${keyCount} keys, ${failRatio * 100}% of allocations fail`, { timeout: 60_000 }, () => {
      const random = new Prng(seed);
      const model = new Model();
      for (let round = 0; round < 6; round++) {
        // Mostly growing, then mostly shrinking.
        const isGrowing = round % 2 === 0;
        for (let i = 0; i < keyCount * 2; i++) {
          const key = `key:${random.uint32() % keyCount}`;
          if (failRatio > 0 && random.uint32() < failRatio * 2 ** 32)
            model.arena.guard!.failAfter = random.uint32() % 2;
          if (random.uint32() % 10 < (isGrowing ? 8 : 2)) model.add(key);
          else model.remove(key);
          model.arena.guard!.failAfter = -1;
        }
        model.check();
      }
      for (const key of model.keys) model.remove(key);
      model.check();
      expect(freeTable(model.arena, model.root, new FreeBudget(Infinity))).toBe(true);
      expect(model.arena.usedBytes).toBe(0);
    });
});

test('a scan visits what is there throughout exactly once, while the table grows and shrinks', () => {
  for (let seed = 1; seed <= 5; seed++) {
    const random = new Prng(seed);
    const model = new Model();
    for (let i = 0; i < 4000; i++) model.add(`steady:${i}`);
    const visits = new Map<string, number>();
    let cursor = 0;
    do {
      cursor = model.table.scan(model.root, cursor, 1 + (random.uint32() % 60), (record) => {
        const key = model.keyOf(record);
        visits.set(key, (visits.get(key) ?? 0) + 1);
      });
      const isGrowing = random.uint32() % 2 === 0;
      for (let i = 0; i < 400; i++) {
        const key = `other:${random.uint32() % 20_000}`;
        if (isGrowing) model.add(key);
        else if (model.keys.has(key)) model.remove(key);
      }
    } while (cursor !== 0);
    for (let i = 0; i < 4000; i++) expect(visits.get(`steady:${i}`)).toBe(1);
  }
});

test('cursors that nobody gave out end the scan or go on somewhere', () => {
  const model = new Model();
  for (let i = 0; i < 100; i++) model.add(`key:${i}`);
  for (const cursor of [-1, NaN, Infinity, 2 ** 32, 1.5, 2 ** 31]) {
    expect(model.table.scan(model.root, cursor, 10, () => {})).toBeGreaterThanOrEqual(0);
  }
});

test('every record is as likely to be picked as any other', () => {
  for (const count of [7, 5000]) {
    const model = new Model();
    for (let i = 0; i < count; i++) model.add(`key:${i}`);
    const picks = new Map<string, number>();
    const random = new Prng(5);
    const each = 40;
    for (let i = 0; i < count * each; i++) {
      const key = model.keyOf(model.table.random(model.root, random));
      picks.set(key, (picks.get(key) ?? 0) + 1);
    }
    // Chi-squared with count - 1 degrees of freedom: its mean is about count, its deviation the root of twice that.
    let chi = 0;
    for (const key of model.keys) chi += ((picks.get(key) ?? 0) - each) ** 2 / each;
    expect(Math.abs(chi - (count - 1))).toBeLessThan(5 * Math.sqrt(2 * count));
  }
});

test('a copy is another table with the same records; without memory nothing is left of it', () => {
  for (const count of [3, 300, 6000]) {
    const model = new Model();
    for (let i = 0; i < count; i++) model.add(`key:${i}`);
    const used = model.arena.usedBytes;
    for (const failAfter of [0, 1, 2, 3, count]) {
      model.arena.guard!.failAfter = failAfter;
      expect(copyTable(model.arena, model.root)).toBe(0);
      model.arena.guard!.failAfter = -1;
      expect(model.arena.usedBytes).toBe(used);
    }
    const copy = copyTable(model.arena, model.root);
    expect(model.all(copy).toSorted()).toEqual([...model.keys].toSorted());
    expect(tableBytes(model.arena, model.root)).toBeCloseTo(used, -4);
    // In slices.
    let slices = 0;
    while (!freeTable(model.arena, copy, new FreeBudget(100))) slices++;
    expect(slices).toBeGreaterThanOrEqual(Math.floor(count / 200));
    expect(model.arena.usedBytes).toBe(used);
    model.check();
  }
});

test('a segment that cannot be split leaves everything as it was, the directory too', () => {
  const model = new Model();
  const { arena } = model;
  const refused: number[] = [];
  for (let i = 0; i < 20_000; i++) {
    for (const failAfter of [1, 2, 3]) {
      const before = [arena.usedBytes, model.keys.size];
      arena.guard!.failAfter = failAfter;
      model.add(`key:${i}`);
      const isRefused = arena.guard!.failAfter < 0;
      arena.guard!.failAfter = -1;
      // A segment that is not quite full takes the record without growing.
      if (!isRefused || model.keys.size > before[1]) break;
      refused.push(failAfter);
      expect([arena.usedBytes, model.keys.size]).toEqual(before);
    }
    if (!model.keys.has(`key:${i}`)) model.add(`key:${i}`);
  }
  // One of the two segments, and the directory: each more than once.
  expect(refused.filter((failAfter) => failAfter === 2).length).toBeGreaterThan(4);
  expect(refused.filter((failAfter) => failAfter === 3).length).toBeGreaterThan(2);
  model.check();
});

test('a slice of freeing frees no more blocks than its budget says, and the next one goes on where it ended', () => {
  const model = new Model();
  for (let i = 0; i < 30_000; i++) model.add(`key:${i}`);
  const { arena } = model;
  const free = vi.spyOn(arena, 'free');
  const budget = new FreeBudget(0);
  let slices = 0;
  for (let isDone = false; !isDone; slices++) {
    free.mockClear();
    budget.units = 100;
    isDone = freeTable(arena, model.root, budget);
    expect(free.mock.calls.length).toBeLessThanOrEqual(103);
    expect(isDone || budget.units <= 0).toBe(true);
  }
  expect(arena.usedBytes).toBe(0);
  expect(slices).toBeGreaterThan(300);
  expect(slices).toBeLessThan(450);
});
