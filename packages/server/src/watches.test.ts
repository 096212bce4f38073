import { ByteBuffer, utf8Bytes } from '@kvartz/base';
import { expect, test } from 'vitest';
import type { Client } from './client.ts';
import { Watches } from './watches.ts';

const client = (): Client => ({ watched: [], isWatchBroken: false }) as unknown as Client;

function change(watches: Watches, dbIndex: number, key: string): void {
  const bytes = ByteBuffer.from(utf8Bytes(key));
  watches.keyChanged(dbIndex, bytes, 0, bytes.sizeBytes);
}

test('a change of a watched key breaks the watch of those who watch it, in that database only', () => {
  const watches = new Watches();
  const [a, b, c] = [client(), client(), client()];
  watches.watch(a, 0, 'k');
  watches.watch(b, 0, 'other');
  watches.watch(c, 1, 'k');
  change(watches, 0, 'k');
  expect([a, b, c].map((one) => one.isWatchBroken)).toEqual([true, false, false]);
});

test('unwatch forgets the keys and mends the watch', () => {
  const watches = new Watches();
  const a = client();
  watches.watch(a, 0, 'k');
  watches.watch(a, 0, 'k');
  change(watches, 0, 'k');
  watches.unwatch(a);
  expect(a.isWatchBroken).toBe(false);
  expect(watches.isEmpty).toBe(true);
  change(watches, 0, 'k');
  expect(a.isWatchBroken).toBe(false);
});

test('a change of the database breaks the watch of the keys that it concerns', () => {
  const watches = new Watches();
  const [a, b] = [client(), client()];
  watches.watch(a, 2, 'there');
  watches.watch(b, 2, 'missing');
  watches.databaseChanged(2, (key) => key === 'there');
  expect([a.isWatchBroken, b.isWatchBroken]).toEqual([true, false]);
});
