import { ByteBuffer, latin1Of } from '@kvartz/base';
import { Arena, Keyspace } from '@kvartz/engine';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allOf, keys } from '../../test/rdb-keys.ts';
import { RdbError } from '../rdb/rdb-error.ts';
import type { RdbKey, RdbNote } from '../rdb/rdb-item.ts';
import { readRdb } from '../rdb/read-rdb.ts';
import { writeRdb } from '../rdb/write-rdb.ts';
import { SnapshotLoader, type SnapshotLoaderOptions } from './snapshot-loader.ts';
import type { SnapshotOptions } from './snapshot-options.ts';
import { writeSnapshot } from './write-snapshot.ts';

class Databases {
  readonly arena = new Arena({ checked: true, segmentBytes: 2 ** 20 });
  readonly all = Array.from({ length: 16 }, () => new Keyspace({ arena: this.arena, hashKey: [1, 2] }));

  constructor(isPacked = true) {
    for (const { limits } of this.all) {
      if (isPacked) continue;
      limits.hashMaxListpackEntries = 2;
      limits.setMaxIntsetEntries = 2;
      limits.setMaxListpackEntries = 2;
      limits.zsetMaxListpackEntries = 2;
      limits.listMaxListpackSize = 2;
    }
  }

  load(file: Uint8Array, options: Partial<SnapshotLoaderOptions> = {}): SnapshotLoader {
    const loader = new SnapshotLoader({ databases: this.all, expiredBeforeMs: -Infinity, ...options });
    for (let at = 0; at < file.length; at += 100) loader.feed(file.subarray(at, at + 100));
    loader.finish();
    return loader;
  }

  write(options?: SnapshotOptions): Buffer {
    return Buffer.concat([...writeSnapshot(this.all, options)]);
  }

  /** All blocks are accounted for. */
  clear(): void {
    for (const keyspace of this.all) keyspace.forEach((e) => void keyspace.memoryOf(e));
    for (const keyspace of this.all) {
      const found: Uint8Array[] = [];
      keyspace.expiryMode = 'ignore';
      keyspace.forEach((e) => {
        const { buffer, end, start } = keyspace.keyOf(e);
        found.push(buffer.u8.slice(start, end));
      });
      for (const key of found) keyspace.remove(ByteBuffer.from(key), 0, key.length);
    }
    this.arena.lazyFree.run(Infinity);
    expect(this.arena.usedBytes).toBe(0);
  }
}

async function fileOf(items: readonly RdbKey[]): Promise<Buffer> {
  return Buffer.concat(await allOf(writeRdb(items, { version: 12 })));
}

/** Whatever order keys, fields and members come in. */
function plain(items: readonly (RdbKey | RdbNote)[]): string[] {
  const all = items.filter((item): item is RdbKey => 'db' in item);
  const kept = all.filter(({ value }) => !Array.isArray(value) || value.length > 0);
  return kept
    .map((item) => {
      const elements =
        item.type === 'hash' || item.type === 'set' || item.type === 'zset' ? item.value.map(text) : undefined;
      return text([item.db, item.key, item.type, item.expireAtMs, elements?.toSorted() ?? item.value]);
    })
    .toSorted();
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === 'bigint') return String(inner);
    if (typeof inner === 'number' && !Number.isFinite(inner)) return String(inner);
    if (inner instanceof Uint8Array) return latin1Of(inner);
    return isRecord(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner;
  });
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

describe('snapshots', () => {
  test('what a file says goes through the engine into another file, whatever the limits and versions', async () => {
    await fc.assert(
      fc.asyncProperty(
        keys,
        fc.boolean(),
        fc.constantFrom(11 as const, 12 as const),
        async (items, isPacked, version) => {
          const databases = new Databases(isPacked);
          const loader = databases.load(await fileOf(items));
          const file = databases.write({ version, pieceBytes: 50 });
          expect(plain(await allOf(readRdb([file])))).toEqual(plain(items));
          expect(loader.loadedKeys + loader.emptyKeys).toBe(items.length);
          const others = new Databases(!isPacked);
          others.load(file);
          expect(plain(await allOf(readRdb([others.write({ version })])))).toEqual(plain(items));
          databases.clear();
          others.clear();
        },
      ),
      { numRuns: 40, endOnFailure: true },
    );
  });

  test('bytes that were changed leave databases that are sound', async () => {
    await fc.assert(
      fc.asyncProperty(keys, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }), async (items, changes) => {
        const before = new Databases();
        before.load(await fileOf(items));
        const file = before.write({ version: 11, isCompressed: false, isChecksummed: false });
        for (const [at, byte] of changes) file[9 + (at % (file.length - 9))] = byte;
        const after = new Databases();
        try {
          after.load(file);
        } catch (error) {
          expect(error).toBeInstanceOf(RdbError);
        }
        after.write({ version: 11 });
        after.clear();
      }),
      { numRuns: 100, endOnFailure: true },
    );
  });

  test('where memory ends the key that came last is not there, and all others are sound', async () => {
    await fc.assert(
      fc.asyncProperty(keys, fc.nat(40), async (items, failAfter) => {
        const databases = new Databases();
        const file = await fileOf(items);
        databases.arena.guard!.failAfter = failAfter;
        const loader = new SnapshotLoader({ databases: databases.all, expiredBeforeMs: -Infinity });
        loader.feed(file);
        databases.arena.guard!.failAfter = -1;
        let count = 0;
        for (const keyspace of databases.all) count += keyspace.keyCount;
        expect(count).toBe(loader.loadedKeys);
        databases.write();
        databases.clear();
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });

  test('keys that have expired are left out, whatever they hold', async () => {
    const key = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(name));
    const items: RdbKey[] = [
      { db: 0, key: key('a'), type: 'string', value: key('v'), expireAtMs: 999 },
      { db: 0, key: key('b'), type: 'list', value: [key('v')], expireAtMs: 999 },
      { db: 1, key: key('c'), type: 'set', value: [key('v')], expireAtMs: 1000 },
      { db: 1, key: key('d'), type: 'string', value: key('v') },
    ];
    const databases = new Databases();
    const loader = databases.load(await fileOf(items), { expiredBeforeMs: 1000 });
    expect([loader.loadedKeys, loader.expiredKeys]).toEqual([2, 2]);
    expect(databases.all.map(({ keyCount }) => keyCount).slice(0, 3)).toEqual([0, 2, 0]);
  });

  test('a database that is not there is refused', async () => {
    const file = await fileOf([{ db: 16, key: new Uint8Array(1), type: 'string', value: new Uint8Array(1) }]);
    expect(() => new Databases().load(file)).toThrow(/a database below 16.*found database 16/);
  });
});
