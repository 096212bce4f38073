import { expect, test } from 'vitest';
import { SyncPace } from './sync-pace.ts';

/** Syncs until the pace has settled, on a disk that takes so long; answers how many of the last 320 were inline. */
function inlineOf(pace: SyncPace, ms: number): number {
  let inline = 0;
  for (let i = 0; i < 2000; i++) {
    const { isInline } = pace;
    if (isInline && i >= 1680) inline++;
    pace.note(ms, isInline);
  }
  return inline;
}

test('a quick disk is synced inline, a slow one in the background but for probes, and back again', () => {
  const pace = new SyncPace();
  expect([0.1, 4, 30, 7, 1].map((ms) => inlineOf(pace, ms))).toEqual([320, 320, 10, 10, 320]);
});

test('one sync that takes long changes nothing', () => {
  const pace = new SyncPace();
  inlineOf(pace, 0.3);
  pace.note(5000, true);
  expect(pace.isInline).toBe(true);
});

test('what a sync in the background took says nothing of the disk', () => {
  const pace = new SyncPace();
  for (let i = 0; i < 100; i++) pace.note(100, false);
  expect(pace.averageMs).toBe(0);
});
