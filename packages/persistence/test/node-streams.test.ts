/** What the README shows: files through Node's streams and async iterators. */
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, expect, test } from 'vitest';
import { type RdbKey, type RdbNote, RdbError, readRdb, writeRdb } from '../src/index.ts';
import { allOf } from './rdb-keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'kvartz-streams-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text));
const items: RdbKey[] = Array.from({ length: 5000 }, (_, i) => ({
  db: i % 2,
  key: bytes(`key:${i}`),
  type: 'string',
  value: bytes(`value ${'x'.repeat(i % 300)}`),
  expireAtMs: i % 3 === 0 ? 4_102_444_800_000 : undefined,
}));

function keysOf(all: readonly (RdbKey | RdbNote)[]): string[] {
  return all.map((item) => ('db' in item ? `${item.db} ${String(item.key)} ${item.expireAtMs}` : item.type));
}

test('writeRdb and readRdb are parts of pipelines', async () => {
  const path = join(folder, 'dump.rdb');
  await pipeline(writeRdb(items), createWriteStream(path));
  expect(keysOf(await allOf(readRdb(createReadStream(path, { highWaterMark: 1000 }))))).toEqual(keysOf(items));
  const copy = join(folder, 'copy.rdb');
  await pipeline(
    createReadStream(path),
    (source: AsyncIterable<Uint8Array>) => readRdb(source),
    async function* (all: AsyncIterable<RdbKey | RdbNote>) {
      for await (const item of all) if ('db' in item && item.db === 1) yield item;
    },
    (kept: AsyncIterable<RdbKey | RdbNote>) => writeRdb(kept),
    createWriteStream(copy),
  );
  expect(keysOf(await allOf(readRdb(createReadStream(copy))))).toEqual(keysOf(items.filter(({ db }) => db === 1)));
});

test('any Readable will do, and a source that fails fails the reader', async () => {
  const through = new PassThrough();
  const reading = allOf(readRdb(through));
  await pipeline(writeRdb(items), through);
  expect(await reading).toHaveLength(items.length);
  expect(await allOf(readRdb(Readable.from(writeRdb(items))))).toHaveLength(items.length);
  const broken = new PassThrough();
  broken.write('REDIS0010');
  setImmediate(() => broken.destroy(new Error('pulled out')));
  await expect(allOf(readRdb(broken))).rejects.toThrow('pulled out');
});

test('who stops reading closes the source; a file that is cut is refused with its offset', async () => {
  const path = join(folder, 'cut.rdb');
  await pipeline(writeRdb(items), createWriteStream(path));
  const source = createReadStream(path);
  for await (const item of readRdb(source)) if ('db' in item) break;
  expect(source.destroyed).toBe(true);
  const cut = createReadStream(path, { end: 5000 });
  const error: unknown = await allOf(readRdb(cut)).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RdbError);
  expect((error as RdbError).code).toBe('truncated');
});
