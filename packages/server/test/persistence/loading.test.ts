import { writeRdb } from '@kvartz/persistence';
import { VirtualWorld } from '@kvartz/base/virtual';
import { describe, expect, test } from 'vitest';
import { DataFileError } from '../../src/index.ts';
import { persistenceInfo } from '../support/info.ts';
import { shown } from '../support/shown.ts';
import { TestServer, type TestServerOptions } from '../support/test-server.ts';

const host = '10.0.0.1';
const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** A world in which this server finds a snapshot of these keys. */
async function worldWith(keys: readonly string[], change?: (file: Buffer) => Uint8Array): Promise<VirtualWorld> {
  const world = new VirtualWorld({ seed: 1 });
  const { disk } = world.env(host, { rootFolder: '/srv' });
  const pieces: Uint8Array[] = [];
  const items = keys.map((key) => ({ db: 0, key: bytes(key), type: 'string' as const, value: bytes(`of ${key}`) }));
  for await (const piece of writeRdb(items)) pieces.push(piece);
  const file = Buffer.concat(pieces);
  await world.complete(disk.writeFileAtomic('/srv/dump.rdb', change?.(file) ?? file));
  return world;
}

async function refused(world: VirtualWorld, directives: TestServerOptions['directives'] = {}): Promise<DataFileError> {
  const error = await TestServer.start({ world, host, directives }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DataFileError);
  return error as DataFileError;
}

const many = Array.from({ length: 100 }, (_, i) => `key:${i}`);

describe('loading', () => {
  test('clients are let in and told to wait; INFO says how far it is', async () => {
    const world = await worldWith(many);
    const starting = TestServer.begin({ world, host, directives: { 'key-load-delay': 100_000 } });
    const { server } = starting;
    await world.run(3000);
    const client = await server.connect();
    expect(shown(await client.ask('GET key:1'))).toBe('-LOADING Redis is loading the dataset in memory');
    expect(shown(await client.ask('PING'))).toBe('-LOADING Redis is loading the dataset in memory');
    expect(shown(await client.ask('SAVE'))).toBe('-LOADING Redis is loading the dataset in memory');
    expect(await client.ask('SELECT 1')).toBe('OK');
    const info = await persistenceInfo(client);
    expect(info['loading']).toBe('1');
    const perc = Number(info['loading_loaded_perc']);
    expect(perc).toBeGreaterThan(10);
    expect(perc).toBeLessThan(90);
    expect(Number(info['loading_loaded_bytes']) / Number(info['loading_total_bytes'])).toBeCloseTo(perc / 100, 2);
    expect(Number(info['loading_eta_seconds'])).toBeGreaterThan(2);
    expect(Number(info['rdb_last_load_keys_loaded'])).toBeGreaterThan(10);
    await world.complete(starting.done);
    expect(server.logLines.some((line) => /^Loading: [\d.]+% of \d+ bytes, \d+ keys so far/.test(line))).toBe(true);
    const [loaded, ready] = ['DB loaded from disk', 'Ready to accept'].map((text) =>
      server.logLines.findIndex((line) => line.startsWith(text)),
    );
    expect(loaded).toBeGreaterThan(0);
    expect(ready).toBeGreaterThan(loaded);
    await client.ask('SELECT 0');
    expect(await client.ask('DBSIZE')).toBe(100);
    expect((await persistenceInfo(client))['loading']).toBe('0');
    expect('loading_eta_seconds' in (await persistenceInfo(client))).toBe(false);
  });

  test('subscribers of keyspace events hear nothing of it', async () => {
    const world = await worldWith(many);
    const starting = TestServer.begin({
      world,
      host,
      directives: { 'key-load-delay': 10_000, 'notify-keyspace-events': 'KEAn' },
    });
    await world.run(100);
    const client = await starting.server.connect();
    await client.ask('PSUBSCRIBE *');
    await world.complete(starting.done);
    expect(await client.repliesWithin(1000)).toEqual([]);
    const other = await starting.server.connect();
    await other.ask('SET new 1');
    expect((await client.repliesWithin(100)).length).toBeGreaterThan(0);
  });

  test('a server that is stopped while it loads leaves off', async () => {
    const world = await worldWith(many);
    const starting = TestServer.begin({ world, host, directives: { 'key-load-delay': 1_000_000, save: '1 1' } });
    await world.run(2000);
    const failed = starting.done.then(
      () => undefined,
      (error: unknown) => String(error),
    );
    await world.complete(starting.server.kernel.shutdown.begin({ save: 'always', isForced: false, isNow: true }));
    expect(await world.complete(failed)).toContain('the server ends while it loads');
    expect((await (await TestServer.start({ world, host })).kernel).databases[0].keyCount).toBe(100);
  });

  test('temporary files of saves that did not end are removed, those of others are not', async () => {
    const world = await worldWith(many);
    const { disk } = world.env(host, { rootFolder: '/srv' });
    for (const name of ['temp-77.dump.rdb', 'temp-0.dump.rdb', 'temp-77.rdb', 'temp-77.other.rdb', 'temp-1.aof']) {
      await world.complete(disk.writeFileAtomic(name, bytes('x')));
    }
    const server = await TestServer.start({ world, host });
    expect(await world.complete(server.env.disk.list('.'))).toEqual([
      'dump.rdb',
      'temp-1.aof',
      'temp-77.other.rdb',
      'temp-77.rdb',
    ]);
  });

  test('libraries of functions go into the next snapshot', async () => {
    const world = new VirtualWorld({ seed: 1 });
    const { disk } = world.env(host, { rootFolder: '/srv' });
    const pieces: Uint8Array[] = [];
    for await (const piece of writeRdb([{ type: 'function', code: bytes('#!lua name=mylib') }])) pieces.push(piece);
    await world.complete(disk.writeFileAtomic('dump.rdb', Buffer.concat(pieces)));
    const server = await TestServer.start({ world, host });
    const client = await server.connect();
    await client.ask('SET a 1');
    await client.ask('SAVE');
    const file = Buffer.from(await world.complete(server.env.disk.readFile('dump.rdb')));
    expect(file.includes('#!lua name=mylib')).toBe(true);
  });
});

describe('a file that cannot be loaded ends the start', () => {
  test.each([
    [
      'truncated',
      (file: Buffer) => file.subarray(0, file.length - 20),
      /RDB truncated at offset \d+: expected .*found/,
    ],
    ['of a bad sum', (file: Buffer) => Buffer.concat([file.subarray(0, -1), bytes('!')]), /RDB checksum at offset/],
    ['another format', () => bytes('hello, this is a text'), /RDB corrupt at offset \d: expected .*REDIS/],
    ['too new', (file: Buffer) => Buffer.concat([bytes('REDIS0099'), file.subarray(9)]), /RDB unsupported .*version/],
    ['empty', () => new Uint8Array(0), /RDB truncated at offset 0/],
  ])('%s', async (_name, change, reason) => {
    const error = await refused(await worldWith(many, change));
    expect(error.message).toMatch(/^dump.rdb cannot be loaded: /);
    expect(error.message).toMatch(reason);
    expect(error.message).toContain('kvartz rdb check');
  });

  test.each(['open', 'read'])('%s fails', async (syscall) => {
    const world = await worldWith(many);
    world.volume(host).faultOf = (one) => (one.syscall === syscall ? 'EIO' : undefined);
    expect((await refused(world)).message).toMatch(/^dump.rdb cannot be loaded: Input\/output error/);
  });

  test('a database that is not there', async () => {
    const world = await worldWith(['a']);
    const first = await TestServer.start({ world, host });
    const client = await first.connect();
    await client.ask('SELECT 9');
    await client.ask('SET a 1');
    await client.ask('SAVE');
    await world.complete(first.kernel.stop());
    expect((await refused(world, { databases: 5 })).message).toContain('a database below 5');
  });
});

describe('cluster mode: nodes.conf is made to agree with the keys', () => {
  test('slots that nobody serves are taken', async () => {
    const world = await worldWith(['a', 'b']);
    const server = await TestServer.start({
      world,
      host,
      directives: { 'cluster-enabled': true, port: 7000, 'cluster-require-full-coverage': false },
    });
    const client = await server.connect();
    expect(server.logLines).toContain('I have keys for unassigned slot 3300. Taking responsibility for it.');
    await client.repliesWithin(5000);
    expect(await client.ask('GET a')).toBe('of a');
    expect(shown(await client.ask('GET c'))).toBe('-CLUSTERDOWN Hash slot not served');
    const file = await world.complete(server.env.disk.readFile('nodes.conf'));
    expect(Buffer.from(file).toString()).toMatch(/ 3300 15495\n/);
  });

  test('slots of another node are imported: the keys are kept, and found with ASKING only', async () => {
    const world = await worldWith(['b']);
    const [me, other] = ['a'.repeat(40), 'b'.repeat(40)];
    const { disk } = world.env(host, { rootFolder: '/srv' });
    const nodes = `${me} :7000@17000 myself,master - 0 0 1 connected 0-100\n${other} 10.0.0.2:7000@17000 master - 0 0 2 connected 101-16383\nvars currentEpoch 2 lastVoteEpoch 0\n`;
    await world.complete(disk.writeFileAtomic('nodes.conf', bytes(nodes)));
    const server = await TestServer.start({ world, host, directives: { 'cluster-enabled': true, port: 7000 } });
    expect(server.logLines).toContain(
      'I have keys for slot 3300, but the slot is assigned to another node. Setting it to importing state.',
    );
    const client = await server.connect();
    await client.repliesWithin(3000);
    expect(await client.ask('CLUSTER COUNTKEYSINSLOT 3300')).toBe(1);
    const file = Buffer.from(await world.complete(server.env.disk.readFile('nodes.conf'))).toString();
    expect(file).toContain(`[3300-<-${other}]`);
  });
});
