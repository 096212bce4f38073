import { ByteBuffer } from '@kvartz/base';
import { Arena, Keyspace, NO_EXPIRY } from '@kvartz/engine';
import { expect, test } from 'vitest';
import { allOf } from '../../test/rdb-keys.ts';
import { readRdb } from '../rdb/read-rdb.ts';
import { CutSnapshot } from './cut-snapshot.ts';
import { SnapshotLoader } from './snapshot-loader.ts';
import { writeSnapshot } from './write-snapshot.ts';

function keyspaces(count: number): Keyspace[] {
  const arena = new Arena({ checked: true, segmentBytes: 2 ** 20 });
  return Array.from({ length: count }, () => new Keyspace({ arena, hashKey: [1, 2] }));
}

function set(keyspace: Keyspace, key: string, value: string): void {
  const name = ByteBuffer.from(new TextEncoder().encode(key));
  const text = ByteBuffer.from(new TextEncoder().encode(value));
  keyspace.setString(name, 0, name.sizeBytes, text, 0, text.sizeBytes, NO_EXPIRY);
}

function piecesOf(snapshot: CutSnapshot): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let isDone = false; !isDone;) {
    isDone = snapshot.step(() => false);
    for (let piece = snapshot.take(); piece !== undefined; piece = snapshot.take()) pieces.push(piece);
  }
  return pieces;
}

async function keysOf(pieces: readonly Uint8Array[]): Promise<string[]> {
  const items = await allOf(readRdb(pieces));
  const keys = items.map((item) => ('db' in item ? `${item.db} ${String(item.key)}=${String(item.value)}` : item.type));
  return keys.toSorted();
}

test('a file without changes has what one has that is written at once', async () => {
  const databases = keyspaces(3);
  for (let i = 0; i < 3000; i++) set(databases[i % 2], `key:${i}`, `value of ${i}`);
  const aux = [['redis-ver', '7.0.15']] as const;
  const expected = await keysOf([...writeSnapshot(databases, { aux })]);
  const snapshot = new CutSnapshot(databases, { aux, pieceBytes: 1000 });
  const pieces = piecesOf(snapshot);
  expect(pieces.length).toBeGreaterThan(50);
  expect(await keysOf(pieces)).toEqual(expected);
  expect([snapshot.keysTotal, snapshot.keysDone, snapshot.unwrittenBytes]).toEqual([3000, 3000, 0]);
});

test('what changes meanwhile waits in memory until it is taken', async () => {
  const databases = keyspaces(2);
  for (let i = 0; i < 2000; i++) set(databases[i % 2], `key:${i}`, 'old');
  const expected = await keysOf([...writeSnapshot(databases)]);
  const snapshot = new CutSnapshot(databases, { pieceBytes: 4096 });
  const first = snapshot.unwrittenBytes;
  for (let i = 0; i < 1000; i++) set(databases[i % 2], `key:${i}`, 'new');
  expect(snapshot.unwrittenBytes - first).toBeGreaterThan(10_000);
  expect(snapshot.hasPiece).toBe(true);
  expect(await keysOf(piecesOf(snapshot))).toEqual(expected);
});

test('large strings come in pieces, also when they change in the middle', async () => {
  const databases = keyspaces(2);
  for (let i = 0; i < 4; i++) set(databases[i % 2], `key:${i}`, `${i}`.repeat(1_000_000));
  for (let i = 0; i < 100; i++) set(databases[i % 2], `small:${i}`, 'x');
  const expected = await keysOf([...writeSnapshot(databases)]);
  const snapshot = new CutSnapshot(databases, { pieceBytes: 2 ** 16 });
  const pieces: Uint8Array[] = [];
  let turns = 0;
  for (let isDone = false; !isDone; turns++) {
    isDone = snapshot.step(() => true);
    for (let piece = snapshot.take(); piece !== undefined; piece = snapshot.take()) pieces.push(piece);
    if (pieces.length === 5) for (let i = 0; i < 3; i++) set(databases[i % 2], `key:${i}`, 'new');
  }
  expect(turns).toBeGreaterThan(15);
  expect(await keysOf(pieces)).toEqual(expected);
});

test('a snapshot that is given up keeps nothing', () => {
  const databases = keyspaces(1);
  for (let i = 0; i < 1000; i++) set(databases[0], `key:${i}`, 'old');
  const snapshot = new CutSnapshot(databases, { pieceBytes: 100 });
  snapshot.step(() => true);
  snapshot.abort();
  snapshot.abort();
  for (let i = 0; i < 1000; i++) set(databases[0], `key:${i}`, 'new');
  expect(snapshot.take()).toBeUndefined();
  expect(databases[0].arena.cuts.isOpen).toBe(false);
});

test('a file loads into other databases', () => {
  const databases = keyspaces(4);
  for (let i = 0; i < 500; i++) set(databases[i % 4], `key:${i}`, 'x'.repeat(i));
  const others = keyspaces(4);
  const loader = new SnapshotLoader({ databases: others, expiredBeforeMs: 0 });
  for (const piece of piecesOf(new CutSnapshot(databases))) loader.feed(piece);
  loader.finish();
  expect(others.map(({ keyCount }) => keyCount)).toEqual([125, 125, 125, 125]);
});
