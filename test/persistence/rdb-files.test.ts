import { readFileSync } from 'node:fs';
import { Arena, Keyspace } from '@kvartz/engine';
import {
  type RdbKey,
  type RdbNote,
  readRdb,
  SnapshotLoader,
  type SnapshotOptions,
  writeSnapshot,
} from '@kvartz/persistence';
import { expect, test } from 'vitest';
import { describeWith } from '../support/programs.ts';
import { fillDataSet } from './support/data-set.ts';
import { checkRdb, RedisProcess } from './support/redis-process.ts';
import { valueInFile, valueInRedis } from './support/redis-value.ts';

const low =
  '--hash-max-listpack-entries 3 --set-max-intset-entries 3 --zset-max-listpack-entries 3 --list-max-listpack-size 2 --stream-node-max-entries 5';
const settings: readonly (readonly [name: string, flags: string])[] = [
  ['usual', ''],
  ['uncompressed, without sum', '--rdbcompression no --rdbchecksum no'],
  ['low limits', low],
  ['idle times', '--maxmemory-policy allkeys-lru'],
  ['access counters', '--maxmemory-policy allkeys-lfu'],
];

function flagsOf(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}

function load(file: Uint8Array, pieceBytes: number): Keyspace[] {
  const arena = new Arena();
  const databases = Array.from({ length: 16 }, () => new Keyspace({ arena, hashKey: [1, 2] }));
  const loader = new SnapshotLoader({ databases, expiredBeforeMs: 1 });
  for (let at = 0; at < file.length; at += pieceBytes) loader.feed(file.subarray(at, at + pieceBytes));
  loader.finish();
  return databases;
}

function write(databases: readonly Keyspace[], options?: SnapshotOptions): Buffer {
  return Buffer.concat([...writeSnapshot(databases, options)]);
}

describeWith(['redis-server', 'redis-check-rdb'], 'RDB files', () => {
  test.each(settings)('of redis-server are read: %s', async (_name, text) => {
    const redis = await RedisProcess.start(flagsOf(text));
    try {
      await fillDataSet(redis);
      const items: (RdbKey | RdbNote)[] = [];
      for await (const item of readRdb([await redis.save()])) items.push(item);
      const keys = items.filter((item): item is RdbKey => 'db' in item);
      expect(keys.length).toBe(Number(await redis.call('dbsize')) + 2);
      for (const item of keys) {
        await redis.call('select', item.db);
        expect(item.expireAtMs ?? -1).toBe(Number(await redis.call('pexpiretime', Buffer.from(item.key))));
        const name = Buffer.from(item.key).toString('latin1').slice(0, 40);
        expect(valueInFile(item), name).toEqual(await valueInRedis(redis, Buffer.from(item.key), item.type));
        if (text.includes('lru')) expect(item.idleSeconds).toBeLessThan(100);
        if (text.includes('lfu')) expect(item.freq).toBeGreaterThan(0);
      }
      const aux = items.flatMap((item) => (item.type === 'aux' ? [item.name] : []));
      expect(aux).toContain('redis-ver');
    } finally {
      await redis.stop();
    }
  });

  test.each(settings)('of redis-server are loaded, and ours by it: %s', async (_name, text) => {
    const redis = await RedisProcess.start(flagsOf(text));
    await fillDataSet(redis);
    const digest = await redis.digest();
    const file = await redis.save();
    await redis.stop();
    for (const [version, pieceBytes] of [
      [10, 1000],
      [9, 2 ** 20],
    ] as const) {
      const isPlain = text.includes('rdbcompression');
      const ours = write(load(file, pieceBytes), { version, isCompressed: !isPlain, isChecksummed: !isPlain });
      expect(checkRdb(ours)).toContain('RDB looks OK');
      const other = await RedisProcess.start([], ours);
      try {
        expect(await other.digest()).toBe(digest);
      } finally {
        await other.stop();
      }
    }
  });

  test.each([1, 2, 4, 6, 7, 8, 9])(
    'of old servers are loaded as redis-server loads them: version %d',
    async (version) => {
      const path = new URL(`../../packages/persistence/testdata/version-${version}.rdb`, import.meta.url);
      const old = readFileSync(path);
      expect(checkRdb(old)).toContain('RDB looks OK');
      const digests: string[] = [];
      for (const file of [old, write(load(old, 7))]) {
        const redis = await RedisProcess.start([], file);
        try {
          digests.push(await redis.digest());
        } finally {
          await redis.stop();
        }
      }
      expect(digests[1]).toBe(digests[0]);
      expect(digests[0]).not.toMatch(/^0*$/);
    },
  );

  test.each([11, 12] as const)('of version %d are loaded again', async (version) => {
    const redis = await RedisProcess.start();
    await fillDataSet(redis);
    const databases = load(await redis.save(), 1000);
    await redis.stop();
    const file = write(databases, { version });
    expect(file.subarray(0, 9).toString()).toBe(`REDIS00${version}`);
    expect(write(load(file, 77), { version }).length).toBe(file.length);
  });
});
