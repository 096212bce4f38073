/** Append-only files of redis-server in Kvartz, and those of Kvartz in redis-server. */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { describeWith } from '../support/programs.ts';
import { serverCommand } from '../support/server-command.ts';
import { fillDataSet } from './support/data-set.ts';
import { RedisProcess } from './support/redis-process.ts';

const aofDirectory = 'appendonlydir';

describeWith(['redis-server'], 'append-only files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kvartz-aof-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let count = 0;

  /** Runs a server on a copy of a folder; its append-only files afterwards are in the folder that is answered. */
  async function run(
    argv: readonly string[],
    flags: readonly string[],
    from: string | undefined,
    work: (server: RedisProcess) => Promise<void>,
  ): Promise<string> {
    const start = join(folder, `${++count}`);
    const end = join(folder, `${count}-after`);
    cpSync(from ?? mkdtempSync(join(folder, 'empty-')), start, { recursive: true });
    const server = await RedisProcess.of(argv, ['--appendonly', 'yes', ...flags, '--dir', start]);
    try {
      await work(server);
      cpSync(start, end, { recursive: true });
    } finally {
      await server.stop();
    }
    return end;
  }

  async function rewritten(server: RedisProcess): Promise<void> {
    await server.call('bgrewriteaof');
    while (String(await server.call('info', 'persistence')).includes('aof_rewrite_in_progress:1')) {
      await new Promise((resolve) => void setTimeout(resolve, 20));
    }
  }

  const both: readonly (readonly [name: string, writer: readonly string[], reader: readonly string[]])[] = [
    ['of redis-server, in Kvartz', ['redis-server'], serverCommand()],
    ['of Kvartz, in redis-server', serverCommand(), ['redis-server']],
    ['of Kvartz, in Kvartz', serverCommand(), serverCommand()],
  ];
  for (const [name, writer, reader] of both) {
    for (const flags of [[], ['--aof-use-rdb-preamble', 'no', '--aof-timestamp-enabled', 'yes']]) {
      test(`${name}, ${flags.length === 0 ? 'with an RDB base' : 'with a base of commands and times'}`, async () => {
        let digest = '';
        const files = await run(writer, flags, undefined, async (server) => {
          await fillDataSet(server);
          await rewritten(server);
          await server.client.multi().set('together', '1').incr('together').exec();
          await server.call('sadd', 'set', 'after the rewrite');
          await server.call('xreadgroup', 'group', 'workers', 'dora', 'count', '5', 'streams', 'stream', '>');
          await server.call('xadd', 'stream', 'maxlen', '200', '*', 'f', 'v');
          await server.call('select', '3');
          await server.call('set', 'other', 'database');
          digest = await server.digest();
        });
        expect(readdirSync(join(files, aofDirectory)).toSorted()).toEqual([
          `appendonly.aof.2.base.${flags.length === 0 ? 'rdb' : 'aof'}`,
          'appendonly.aof.2.incr.aof',
          'appendonly.aof.manifest',
        ]);
        await run(reader, [], files, async (server) => expect(await server.digest()).toBe(digest));
      });
    }
  }

  test('one file of Redis 6, in both', async () => {
    let digest = '';
    const files = await run(['redis-server'], ['--aof-use-rdb-preamble', 'no'], undefined, async (server) => {
      await server.call('set', 'a', '1');
      await server.call('rpush', 'l', '1', '2');
      digest = await server.digest();
    });
    const old = mkdtempSync(join(folder, 'old-'));
    renameSync(join(files, aofDirectory, 'appendonly.aof.1.incr.aof'), join(old, 'appendonly.aof'));
    const manifests: string[] = [];
    for (const argv of [['redis-server'], serverCommand()]) {
      const after = await run(argv, [], old, async (server) => expect(await server.digest()).toBe(digest));
      manifests.push(readFileSync(join(after, aofDirectory, 'appendonly.aof.manifest'), 'utf8'));
      expect(existsSync(join(after, 'appendonly.aof'))).toBe(false);
    }
    expect(manifests[1]).toBe(manifests[0]);
  });

  test('a file whose end is missing, in both, and what is written after it', async () => {
    const files = await run(['redis-server'], [], undefined, async (server) => {
      await server.call('set', 'a', '1');
      await server.call('set', 'b', '2');
    });
    const increment = join(files, aofDirectory, 'appendonly.aof.1.incr.aof');
    truncateSync(increment, readFileSync(increment).length - 3);
    for (const argv of [['redis-server'], serverCommand()]) {
      const after = await run(argv, ['--appendfsync', 'always'], files, async (server) => {
        expect(await server.client.mget('a', 'b')).toEqual(['1', null]);
        await server.call('set', 'c', '3');
      });
      await run(['redis-server'], [], after, async (server) => {
        expect(await server.client.mget('a', 'b', 'c')).toEqual(['1', null, '3']);
      });
    }
  });

  test('damage in the middle, in both', async () => {
    const files = await run(['redis-server'], [], undefined, async (server) => {
      for (let i = 0; i < 50; i++) await server.call('set', `key:${i}`, `${i}`);
    });
    const increment = join(files, aofDirectory, 'appendonly.aof.1.incr.aof');
    const content = readFileSync(increment);
    content.write('?', content.indexOf('*3', 500));
    writeFileSync(increment, content);
    for (const argv of [['redis-server'], serverCommand()]) {
      await expect(run(argv, [], files, async () => {})).rejects.toThrow(
        argv[0] === 'redis-server'
          ? /Bad file format reading the append only file/
          : /AOF corrupt at offset \d+: expected/,
      );
    }
  });
});
