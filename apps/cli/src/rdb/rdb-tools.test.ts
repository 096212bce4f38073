import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RdbKey, type RdbNote, type RdbStream, readRdb, writeRdb } from '@kvartz/persistence';
import { afterAll, describe, expect, test } from 'vitest';
import { checkRdb } from './check-rdb.ts';
import { rdbDiff } from './rdb-diff.ts';
import { rdbStats } from './rdb-stats.ts';
import { jsonOfItem } from './rdb-to-json.ts';

const folder = mkdtempSync(join(tmpdir(), 'kvartz-rdb-tools-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'latin1'));
const nowMs = 1_700_000_000_000;
const long = 'x'.repeat(100);

const stream: RdbStream = {
  entries: [{ id: '1-1', fields: [[bytes('f'), bytes('v')]] }],
  lastId: '1-1',
  maxDeletedId: '0-0',
  entriesAdded: 1n,
  groups: [
    {
      name: bytes('g'),
      lastId: '1-1',
      entriesRead: 1n,
      consumers: [{ name: bytes('c'), seenMs: 5, activeMs: 5 }],
      pending: [{ id: '1-1', consumer: bytes('c'), deliveredMs: 5, deliveries: 1 }],
    },
  ],
};
const items: readonly (RdbKey | RdbNote)[] = [
  { type: 'aux', name: 'redis-ver', value: '7.0.15' },
  { type: 'function', code: bytes('#!lua name=l') },
  { db: 0, key: bytes('s'), type: 'string', value: bytes(long) },
  { db: 0, key: bytes('soon'), type: 'string', value: bytes('1'), expireAtMs: nowMs + 30_000 },
  { db: 0, key: bytes('gone'), type: 'string', value: bytes('1'), expireAtMs: nowMs - 1 },
  { db: 0, key: bytes('l'), type: 'list', value: [bytes('a'), bytes('b'), bytes('c')] },
  { db: 2, key: bytes('\xff\x00'), type: 'set', value: [bytes('m1'), bytes('m2')] },
  { db: 2, key: bytes('h'), type: 'hash', value: [{ field: bytes('f'), value: bytes('v'), expireAtMs: nowMs }] },
  { db: 2, key: bytes('z'), type: 'zset', value: [{ member: bytes('m'), score: Infinity }] },
  { db: 2, key: bytes('x'), type: 'stream', value: stream },
];

let files = 0;

/** The path of a file of these keys. */
async function fileOf(list: readonly (RdbKey | RdbNote)[]): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of writeRdb(list, { version: 12 })) pieces.push(piece);
  return fileOfBytes(Buffer.concat(pieces));
}

function fileOfBytes(content: Uint8Array): string {
  const path = join(folder, `${++files}.rdb`);
  writeFileSync(path, content);
  return path;
}

async function contentOf(list: readonly (RdbKey | RdbNote)[]): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of writeRdb(list, { version: 12 })) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('rdb check', () => {
  test('a whole file', async () => {
    expect(await checkRdb(await fileOf(items))).toMatchObject({
      isWhole: true,
      version: 12,
      keys: 8,
      expiringKeys: 2,
      functionLibraries: 1,
      aux: { 'redis-ver': '7.0.15' },
    });
  });

  test('what follows the end of the file is counted', async () => {
    const content = await contentOf(items);
    const report = await checkRdb(fileOfBytes(Buffer.concat([content, Buffer.from('*1\r\n$4\r\nPING\r\n')])));
    expect(report).toMatchObject({ isWhole: true, rdbBytes: content.length, sizeBytes: content.length + 14 });
  });

  test('damage is told with its place, and what came before', async () => {
    const content = await contentOf(items);
    const cut = await checkRdb(fileOfBytes(content.subarray(0, content.length - 20)));
    expect(cut).toMatchObject({
      isWhole: false,
      keys: 7,
      error: { code: 'truncated', lastKey: { db: 2, key: bytes('z') } },
    });
    const flipped = Buffer.from(content);
    flipped[content.indexOf('soon')] = 0x79;
    expect(await checkRdb(fileOfBytes(flipped))).toMatchObject({
      isWhole: false,
      keys: 8,
      error: { code: 'checksum', offset: content.length - 8 },
    });
  });
});

test('rdb stats counts keys by type, database, size and expiry', async () => {
  const stats = await rdbStats(await fileOf(items), 2, nowMs);
  expect(stats).toMatchObject({ keys: 8, functionLibraries: 1 });
  expect(stats.databases).toMatchObject([
    { db: 0, keys: 4, expiringKeys: 2 },
    { db: 2, keys: 4, expiringKeys: 0 },
  ]);
  expect(Object.fromEntries(stats.types.map(({ elements, keys, type }) => [type, [keys, elements]]))).toEqual({
    string: [3, 102],
    list: [1, 3],
    set: [1, 2],
    hash: [1, 1],
    zset: [1, 1],
    stream: [1, 1],
  });
  expect(stats.biggestByBytes[0]).toMatchObject({ key: 'x', type: 'stream' });
  expect(stats.biggestByElements).toMatchObject([
    { key: 'l', elements: 3 },
    { key: { base64: '/wA=' }, elements: 2 },
  ]);
  expect(stats.expiry.filter(({ keys }) => keys > 0)).toEqual([
    { within: 'expired', keys: 1 },
    { within: '1 minute', keys: 1 },
    { within: 'never', keys: 6 },
  ]);
  const keyBytes = stats.types.reduce((sum, one) => sum + one.bytes, 0);
  expect(keyBytes).toBe(stats.databases.reduce((sum, one) => sum + one.bytes, 0));
  expect(keyBytes).toBeLessThan(stats.bytes);
});

test('rdb to-json loses nothing', () => {
  expect(items.map((item) => JSON.stringify(jsonOfItem(item)))).toEqual([
    '{"aux":"redis-ver","value":"7.0.15"}',
    '{"function":"#!lua name=l"}',
    `{"db":0,"key":"s","type":"string","value":"${long}"}`,
    '{"db":0,"key":"soon","type":"string","expireAtMs":1700000030000,"value":"1"}',
    '{"db":0,"key":"gone","type":"string","expireAtMs":1699999999999,"value":"1"}',
    '{"db":0,"key":"l","type":"list","value":["a","b","c"]}',
    '{"db":2,"key":{"base64":"/wA="},"type":"set","value":["m1","m2"]}',
    '{"db":2,"key":"h","type":"hash","value":[{"field":"f","value":"v","expireAtMs":1700000000000}]}',
    '{"db":2,"key":"z","type":"zset","value":[{"member":"m","score":"Infinity"}]}',
    '{"db":2,"key":"x","type":"stream","value":{"lastId":"1-1","maxDeletedId":"0-0","entriesAdded":"1",' +
      '"entries":[{"id":"1-1","fields":[["f","v"]]}],"groups":[{"name":"g","lastId":"1-1","entriesRead":"1",' +
      '"consumers":[{"name":"c","seenMs":5,"activeMs":5}],' +
      '"pending":[{"id":"1-1","consumer":"c","deliveredMs":5,"deliveries":1}]}]}}',
  ]);
});

describe('rdb diff', () => {
  /** Changes, with the names of keys. */
  async function diff(
    a: readonly (RdbKey | RdbNote)[],
    b: readonly (RdbKey | RdbNote)[],
    keysAtOnce?: number,
  ): Promise<string[]> {
    const found: string[] = [];
    const options = keysAtOnce === undefined ? {} : { keysAtOnce };
    for await (const { change, item } of rdbDiff(await fileOf(a), await fileOf(b), options)) {
      found.push(`${change} ${'key' in item ? Buffer.from(item.key).toString('latin1') : item.type}`);
    }
    return found.toSorted();
  }
  const keysOf = (list: readonly (RdbKey | RdbNote)[]): RdbKey[] => list.filter((item) => 'key' in item);

  test('order, encodings and notes of files do not count', async () => {
    expect(await diff(items, items)).toEqual([]);
    const turned = keysOf(items).map((item) =>
      item.type === 'set' ? { ...item, value: item.value.toReversed() } : item,
    );
    expect(await diff(keysOf(items), [...turned].toReversed())).toEqual([]);
  });

  test('keys, types, values, times and libraries do', async () => {
    const [s, soon, gone, l, set, h, z, x] = keysOf(items);
    const changed: (RdbKey | RdbNote)[] = [
      { ...s!, db: 1 },
      { ...soon!, expireAtMs: nowMs + 1 },
      gone!,
      { ...l!, type: 'list', value: [bytes('b'), bytes('a'), bytes('c')] },
      { ...set!, type: 'list', value: [bytes('m1'), bytes('m2')] },
      { ...h!, type: 'hash', value: [{ field: bytes('f'), value: bytes('v') }] },
      { ...z!, type: 'zset', value: [{ member: bytes('m'), score: 1 }] },
      { ...x!, type: 'stream', value: { ...stream, groups: [] } },
      { db: 0, key: bytes('new'), type: 'string', value: bytes('') },
    ];
    const expected = ['added new', 'added s', 'expiry soon', 'removed function', 'removed s', 'type \xff\x00'];
    expected.push(...['h', 'l', 'x', 'z'].map((name) => `value ${name}`));
    for (const keysAtOnce of [undefined, 3, 1]) expect(await diff(items, changed, keysAtOnce)).toEqual(expected);
  });

  test('many keys', async () => {
    const keys = Array.from({ length: 20_000 }, (_, i): RdbKey => {
      return { db: 0, key: bytes(`key:${i}`), type: 'string', value: bytes(String(i)) };
    });
    const others = keys.filter((_, i) => i % 1000 !== 7);
    expect(await diff(keys, others, 3000)).toHaveLength(20);
    expect(await diff(others, keys)).toHaveLength(20);
  });
});

test('what the tools read is what the library reads', async () => {
  const read: unknown[] = [];
  for await (const item of readRdb([await contentOf(items)])) read.push(item);
  expect(read).toHaveLength(items.length);
});
