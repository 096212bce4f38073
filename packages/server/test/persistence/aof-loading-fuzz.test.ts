import { latin1Bytes, latin1Of } from '@kvartz/base';
import { VirtualWorld } from '@kvartz/base/virtual';
import { encodeRequest } from '@kvartz/resp';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadAppendOnlyFiles, readManifest } from '../../src/persistence/aof-loading.ts';
import { DataFileError } from '../../src/persistence/data-file-error.ts';
import { TestServer } from '../support/test-server.ts';

const runs = process.env['CI'] === 'true' ? 3000 : 400;
const folder = 'appendonlydir';
const commands = fc.constantFrom(
  'SELECT 0',
  'SET a 1',
  'SET b 2 PXAT 4102444800000',
  'APPEND a 23',
  'RPUSH l x y z',
  'SADD s 1 2 three',
  'HSET h f v g w',
  'HPEXPIREAT h 4102444800000 FIELDS 1 f',
  'ZADD z 1 m 2.5 n',
  'XADD x 1-1 f v',
  'XGROUP CREATE x g 0',
  'MULTI',
  'INCR n',
  'EXEC',
  'DEL a',
  'FLUSHALL',
  'SELECT 7',
  'RENAME l k',
  'SWAPDB 0 7',
  'BLPOP none 0',
  'SHUTDOWN',
  'CONFIG SET port 1',
);
/** Bytes that mean something to a reader of such files. */
const bytes = fc.oneof(fc.nat(255), fc.constantFrom(...latin1Bytes('*$#\r\n0139-\0')));
const change = fc.record({
  kind: fc.constantFrom('set' as const, 'insert' as const, 'delete' as const, 'cut' as const, 'repeat' as const),
  at: fc.nat(),
  count: fc.integer({ min: 1, max: 40 }),
  byte: bytes,
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function changed(content: Uint8Array, { at, byte, count, kind }: Change): Uint8Array {
  const place = content.length === 0 ? 0 : at % content.length;
  const [head, rest] = [content.subarray(0, place), content.subarray(place)];
  switch (kind) {
    case 'set':
      return Uint8Array.from([...head, byte, ...rest.subarray(1)]);
    case 'insert':
      return Uint8Array.from([...head, byte, ...rest]);
    case 'delete':
      return Uint8Array.from([...head, ...rest.subarray(count)]);
    case 'cut':
      return head.slice();
    default:
      return Uint8Array.from([...head, ...rest.subarray(0, count), ...rest]);
  }
}

test('a changed append-only file is loaded or refused, and what is loaded is loaded again', async () => {
  const world = new VirtualWorld({ seed: 1 });
  const server = await TestServer.start({ world, directives: { save: '' } });
  const { env, kernel } = server;
  const { disk } = env;
  await world.complete(disk.makeFolder(folder));
  const manifest = latin1Bytes('file appendonly.aof.1.incr.aof seq 1 type i\n');
  await world.complete(disk.writeFileAtomic(`${folder}/appendonly.aof.manifest`, manifest));
  const path = `${folder}/appendonly.aof.1.incr.aof`;
  const load = async (): Promise<'loaded' | DataFileError> => {
    for (const database of kernel.databases) database.clear();
    try {
      await loadAppendOnlyFiles(kernel, await readManifest(kernel), kernel.persistence.loading);
      return 'loaded';
    } catch (error) {
      if (error instanceof DataFileError) return error;
      throw error;
    }
  };
  const counts = { loaded: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(commands, { maxLength: 20 }),
      fc.array(change, { maxLength: 3 }),
      async (list, changes) => {
        const text = list.map((words) => latin1Of(encodeRequest(words.split(' ')))).join('');
        let content: Uint8Array = latin1Bytes(text);
        for (const one of changes) content = changed(content, one);
        await world.complete(disk.writeFileAtomic(path, content));
        const outcome = await world.complete(load());
        if (outcome === 'loaded') {
          counts.loaded++;
          const keys = kernel.databases.map(({ keyCount }) => keyCount);
          const size = (await world.complete(disk.readFile(path))).length;
          expect(size).toBeLessThanOrEqual(content.length);
          // What was cut back needs no cutting.
          expect(await world.complete(load())).toBe('loaded');
          expect(kernel.databases.map(({ keyCount }) => keyCount)).toEqual(keys);
          expect((await world.complete(disk.readFile(path))).length).toBe(size);
        } else {
          counts.refused++;
          expect(outcome.message).toMatch(/offset \d+/);
          // A file that is refused is not touched.
          expect(await world.complete(disk.readFile(path))).toEqual(content);
        }
        expect(server.shutdowns.count).toBe(0);
      },
    ),
    { numRuns: runs },
  );
  expect(Math.min(counts.loaded, counts.refused)).toBeGreaterThan(runs / 20);
}, 120_000);
