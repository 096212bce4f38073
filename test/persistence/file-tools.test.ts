/** `kvartz rdb` and `kvartz aof` on files of redis-server, and beside redis-check-rdb and redis-check-aof. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { formatManifest, parseManifest } from '@kvartz/persistence';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/programs.ts';
import { fillDataSet } from './support/data-set.ts';
import { RedisProcess } from './support/redis-process.ts';

const kvartz = resolve(import.meta.dirname, '../../apps/cli/src/main.ts');

interface Outcome {
  readonly code: number | null;
  readonly text: string;
}

function run(program: string, ...args: string[]): Outcome {
  const { status, stderr, stdout } = spawnSync(program, args, { encoding: 'utf8', timeout: 50_000 });
  return { code: status, text: stdout + stderr };
}

const tool = (...args: string[]): Outcome => run(process.execPath, kvartz, ...args);

describeWith(['redis-server', 'redis-check-rdb', 'redis-check-aof'], 'tools for files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kvartz-tools-'));
  const dump = join(folder, 'dump.rdb');
  const original = join(folder, 'appendonlydir');
  const incrementName = 'appendonly.aof.2.incr.aof';
  let digest = '';
  let copies = 0;

  /** The append-only file of redis-server, for one test to change. */
  function copyOfAof(): string {
    const path = join(folder, `aof-${++copies}`, 'appendonlydir');
    cpSync(original, path, { recursive: true });
    return path;
  }

  beforeAll(async () => {
    const redis = await RedisProcess.start(['--appendonly', 'yes', '--aof-timestamp-enabled', 'yes']);
    try {
      await fillDataSet(redis);
      await redis.call('bgrewriteaof');
      while (String(await redis.call('info', 'persistence')).includes('aof_rewrite_in_progress:1'));
      await redis.client.multi().set('in a transaction', '1').incr('counter').exec();
      await redis.call('rpush', 'list', 'after the rewrite');
      await redis.call('set', 'last', 'x'.repeat(100));
      writeFileSync(dump, await redis.save());
      digest = await redis.digest();
      cpSync(join(redis.folder, 'appendonlydir'), original, { recursive: true });
    } finally {
      await redis.stop();
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What redis-server makes of an RDB file. */
  async function digestOf(path: string): Promise<string> {
    const redis = await RedisProcess.start([], readFileSync(path));
    try {
      return await redis.digest();
    } finally {
      await redis.stop();
    }
  }

  test('a manifest of redis-server is read and written byte for byte', () => {
    const content = readFileSync(join(original, 'appendonly.aof.manifest'));
    expect(Buffer.from(formatManifest(parseManifest(content))).toString()).toBe(content.toString());
  });

  test('rdb check and redis-check-rdb agree, whatever byte is another one', () => {
    expect(run('redis-check-rdb', dump).code).toBe(0);
    const whole = tool('rdb', 'check', dump);
    expect(whole.text).toMatch(/written by Redis 7\..*\nIt is whole: \d+ keys, 4 of them with a time of expiry/);
    expect(whole.code).toBe(0);
    const content = readFileSync(dump);
    const damaged = join(folder, 'damaged.rdb');
    for (const part of [0.1, 0.4, 0.8]) {
      const copy = Buffer.from(content);
      copy[Math.floor(copy.length * part)]! ^= 0x41;
      writeFileSync(damaged, copy);
      expect(run('redis-check-rdb', damaged).code).not.toBe(0);
      const { code, text } = tool('rdb', 'check', damaged);
      expect(text).toMatch(
        /It is damaged \(\w+\) at offset \d+(, byte \d+ of the value before it)?: expected .*, found /,
      );
      expect(code).toBe(1);
    }
    expect(tool('rdb', 'check', join(folder, 'none.rdb')).code).toBe(2);
  });

  test('rdb stats and to-json', () => {
    const stats = JSON.parse(tool('rdb', 'stats', '--json', '--top', '1', dump).text) as {
      keys: number;
      databases: { db: number }[];
      types: { type: string }[];
      biggestByBytes: unknown[];
    };
    expect(stats.databases.map(({ db }) => db)).toEqual([0, 3]);
    expect(stats.types.map(({ type }) => type).toSorted()).toEqual(['hash', 'list', 'set', 'stream', 'string', 'zset']);
    expect(stats.biggestByBytes).toHaveLength(1);
    const out = join(folder, 'dump.jsonl');
    expect(tool('rdb', 'to-json', dump, '-o', out)).toEqual({ code: 0, text: '' });
    const lines = readFileSync(out, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { key?: unknown });
    expect(lines.filter((line) => line.key !== undefined)).toHaveLength(stats.keys);
    expect(lines).toContainEqual(
      expect.objectContaining({ key: 'set:int32', type: 'set', value: ['-100000', '1', '2', '100000'] }),
    );
    expect(tool('rdb', 'to-json', dump, '-o', out).code).toBe(2);
  });

  test('aof check and redis-check-aof agree on whole files', () => {
    expect(run('redis-check-aof', join(original, 'appendonly.aof.manifest')).code).toBe(0);
    for (const path of [original, join(original, 'appendonly.aof.manifest')]) {
      const { code, text } = tool('aof', 'check', path);
      expect(text).toMatch(/base\.rdb: whole, \d+ keys in RDB, 0 commands/);
      expect(text).toMatch(/incr\.aof: whole, 7 commands, 1 transactions/);
      expect(code).toBe(0);
    }
  });

  test('aof to-rdb gives the data set, and rdb diff nothing', async () => {
    const out = join(folder, 'converted.rdb');
    expect(tool('aof', 'to-rdb', original, out)).toMatchObject({ code: 0 });
    expect(run('redis-check-rdb', out).code).toBe(0);
    expect(await digestOf(out)).toBe(digest);
    expect(tool('rdb', 'diff', dump, out)).toEqual({ code: 0, text: 'No differences\n' });
    expect(readdirSync(original)).toHaveLength(3);
    expect(tool('aof', 'to-rdb', original, out).code).toBe(2);
  });

  test('aof repair cuts back an end that is not whole, as redis-check-aof --fix does', async () => {
    const ours = copyOfAof();
    const theirs = copyOfAof();
    const size = readFileSync(join(original, incrementName)).length;
    for (const path of [ours, theirs]) truncateSync(join(path, incrementName), size - 30);
    expect(tool('aof', 'check', ours).code).toBe(1);
    const asked = tool('aof', 'repair', ours);
    expect(asked.text).toMatch(/0 whole commands are among them\nkvartz: nobody can be asked here/);
    expect(asked.code).toBe(2);
    const repaired = tool('aof', 'repair', '--yes', ours);
    expect(repaired.text).toMatch(/is repaired: it has \d+ bytes now, and what was cut off is kept in/);
    expect(repaired.code).toBe(0);
    const fix = spawnSync('redis-check-aof', ['--fix', join(theirs, 'appendonly.aof.manifest')], { input: 'y\n' });
    expect(fix.status).toBe(0);
    const content = readFileSync(join(ours, incrementName));
    const fixed = readFileSync(join(theirs, incrementName));
    // The time of the command that went may stand before it; Redis cuts that off too.
    expect(content.toString().replace(/#TS:\d+\r\n$/, '')).toBe(fixed.toString().replace(/#TS:\d+\r\n$/, ''));
    const tail = readFileSync(join(ours, `${incrementName}.tail-${content.length}`));
    expect(content.length + tail.length).toBe(size - 30);
    expect(run('redis-check-aof', join(ours, 'appendonly.aof.manifest')).code).toBe(0);
    expect(tool('aof', 'repair', ours)).toMatchObject({ code: 0 });
    const out = join(folder, 'repaired.rdb');
    expect(tool('aof', 'to-rdb', ours, out).code).toBe(0);
    const diff = tool('rdb', 'diff', dump, out);
    expect(diff.text).toMatch(/^- db 0 string last\n0 only in B, 1 only in A/);
    expect(diff.code).toBe(1);
  });

  test('damage in the middle is told with its place, and cut off with what follows only when that is wanted', () => {
    const path = copyOfAof();
    const file = join(path, incrementName);
    const content = readFileSync(file);
    const at =
      content.indexOf('*3\r\n$5\r\nRPUSH') < 0
        ? content.indexOf('*3\r\n$5\r\nrpush')
        : content.indexOf('*3\r\n$5\r\nRPUSH');
    content[at] = 0x2b;
    writeFileSync(file, content);
    expect(run('redis-check-aof', join(path, 'appendonly.aof.manifest')).code).toBe(1);
    const { code, text } = tool('aof', 'check', '--json', path);
    const report = JSON.parse(text) as { files: { error?: unknown; safeOffset: number }[] };
    expect(report.files[1]).toMatchObject({ error: { code: 'corrupt', offset: at }, commands: 5 });
    expect(code).toBe(1);
    expect(tool('aof', 'to-rdb', path, join(folder, 'none.rdb'))).toMatchObject({ code: 1 });
    expect(tool('aof', 'repair', '-y', path).text).toMatch(/1 whole commands are among them/);
    expect(readFileSync(file).length).toBe(report.files[1]!.safeOffset);
  });

  test('what cannot be repaired is left alone', () => {
    const path = copyOfAof();
    const base = join(path, 'appendonly.aof.2.base.rdb');
    truncateSync(base, 5000);
    const { code, text } = tool('aof', 'repair', '-y', path);
    expect(text).toMatch(/cannot be repaired: the RDB file in it is damaged/);
    expect(code).toBe(1);
    expect(readFileSync(base)).toHaveLength(5000);
  });
});
