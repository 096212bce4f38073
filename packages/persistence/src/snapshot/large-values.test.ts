import { Prng } from '@kvartz/base';
import { Arena, Keyspace, NO_EXPIRY } from '@kvartz/engine';
import { describe, expect, test } from 'vitest';
import { bytes, changeLarge, fillLarge, valuesOf } from '../../test/large-values.ts';
import { CutSnapshot } from './cut-snapshot.ts';
import { SnapshotMemoryError } from './held-views.ts';
import { writeSnapshot } from './write-snapshot.ts';

function databases(): Keyspace[] {
  const arena = new Arena({ checked: true, segmentBytes: 2 ** 20 });
  return Array.from({ length: 2 }, () => new Keyspace({ arena, hashKey: [1, 2] }));
}

function fileOf(snapshot: CutSnapshot, between: () => void): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let isDone = false; !isDone;) {
    isDone = snapshot.step(() => true);
    for (let piece = snapshot.take(); piece !== undefined; piece = snapshot.take()) pieces.push(piece);
    if (!isDone) between();
  }
  return Buffer.concat(pieces);
}

describe('large values in a snapshot', () => {
  test.each([1, 2, 3, 4, 5, 6])('are what they were when it began, whatever happens (seed %i)', async (seed) => {
    const random = new Prng(seed);
    const all = databases();
    for (const keyspace of all) fillLarge(keyspace, random, 1500);
    const expected = await valuesOf(Buffer.concat([...writeSnapshot(all)]));
    const snapshot = new CutSnapshot(all, { pieceBytes: 3000 });
    let steps = 0;
    const file = fileOf(snapshot, () => {
      steps++;
      for (const keyspace of all) changeLarge(keyspace, random, 20);
      if (steps % 50 === 0) all[steps % 100 === 0 ? 1 : 0].clear();
      all[0].arena.lazyFree.run(100);
    });
    expect(steps).toBeGreaterThan(50);
    expect(await valuesOf(file)).toEqual(expected);
    const { arena } = all[0];
    expect(arena.viewCount).toBe(0);
    for (const keyspace of all) keyspace.clear();
    while (arena.lazyFree.run(1000));
    expect(arena.usedBytes).toBe(0);
  });

  test('a string that changes while one is in the middle follows it', async () => {
    const [first] = databases();
    const key = bytes('long string');
    const long = bytes('x'.repeat(300_000));
    fillLarge(first, new Prng(1), 3000);
    first.setString(key, 0, key.sizeBytes, long, 0, long.sizeBytes, NO_EXPIRY);
    const expected = await valuesOf(Buffer.concat([...writeSnapshot([first])]));
    for (let changeAt = 1; changeAt < 60; changeAt += 4) {
      first.setString(key, 0, key.sizeBytes, long, 0, long.sizeBytes, NO_EXPIRY);
      let steps = 0;
      const file = fileOf(new CutSnapshot([first], { pieceBytes: 1000 }), () => {
        if (++steps === changeAt) first.setString(key, 0, key.sizeBytes, key, 0, 3, NO_EXPIRY);
      });
      expect(await valuesOf(file)).toEqual(expected);
    }
  });

  test('without memory for what changes it fails, and keeps nothing', () => {
    const [first] = databases();
    fillLarge(first, new Prng(1), 2000);
    const { arena } = first;
    const random = new Prng(2);
    const snapshot = new CutSnapshot([first], { pieceBytes: 1000 });
    expect(() =>
      fileOf(snapshot, () => {
        arena.guard!.failAfter = 0;
        changeLarge(first, random, 1);
        arena.guard!.failAfter = -1;
      }),
    ).toThrow(SnapshotMemoryError);
    expect(arena.viewCount).toBe(0);
    expect(arena.cuts.isOpen).toBe(false);
  });

  test('one that is given up in the middle keeps nothing', () => {
    const [first] = databases();
    fillLarge(first, new Prng(1), 2000);
    const snapshot = new CutSnapshot([first], { pieceBytes: 1000 });
    changeLarge(first, new Prng(2), 50);
    for (let i = 0; i < 5; i++) snapshot.step(() => true);
    expect(first.arena.viewCount).toBeGreaterThan(0);
    snapshot.abort();
    expect(first.arena.viewCount).toBe(0);
  });
});
