import { describe, expect, test } from 'vitest';
import { persistenceInfo } from '../support/info.ts';
import { shown } from '../support/shown.ts';
import { TestServer } from '../support/test-server.ts';

/** The file is slow to write: so many milliseconds for each key. */
const slow = (ms: number): string => `CONFIG SET rdb-key-save-delay ${ms * 1000}`;

/** What a server that starts with this world's files holds. */
async function restarted(server: TestServer): Promise<TestServer> {
  await server.world.complete(server.kernel.stop());
  return TestServer.start({ world: server.world });
}

describe('SAVE and BGSAVE', () => {
  test('what SAVE has written is there after a restart', async () => {
    const first = await TestServer.start();
    const client = await first.connect();
    await client.ask('SET a 1');
    await client.ask('RPUSH l 1 2 3');
    await client.ask('SET later 1 PX 1000');
    expect(await client.ask('SAVE')).toBe('OK');
    expect(first.logLines).toContain('DB saved on disk');
    await first.world.run(1500);
    const second = await restarted(first);
    const other = await second.connect();
    expect(await other.ask('GET a')).toBe('1');
    expect(await other.ask('LRANGE l 0 -1')).toEqual(['1', '2', '3']);
    expect(await other.ask('DBSIZE')).toBe(2);
    const info = await persistenceInfo(other);
    expect(info['rdb_last_load_keys_loaded']).toBe('2');
    expect(info['rdb_last_load_keys_expired']).toBe('1');
    expect(info['rdb_changes_since_last_save']).toBe('0');
    expect(second.logLines).toContain('Done loading RDB, keys loaded: 2, keys expired: 1, empty keys skipped: 0.');
  });

  test('BGSAVE tells of itself in INFO, and what changes meanwhile is not in the file', async () => {
    const server = await TestServer.start();
    const client = await server.connect();
    for (let i = 0; i < 20; i++) await client.ask(`SET k${i} old`);
    await client.ask(slow(100));
    const before = Number(await client.ask('LASTSAVE'));
    expect(await client.ask('BGSAVE')).toBe('Background saving started');
    expect(shown(await client.ask('BGSAVE'))).toBe('-ERR Background save already in progress');
    expect(shown(await client.ask('SAVE'))).toBe('-ERR Background save already in progress');
    await client.ask('MSET k0 new k19 new more 1');
    await client.repliesWithin(1000);
    const running = await persistenceInfo(client);
    expect(running['rdb_bgsave_in_progress']).toBe('1');
    expect(running['rdb_current_bgsave_time_sec']).toBe('1');
    expect(running['current_save_keys_total']).toBe('20');
    expect(Number(running['current_save_keys_processed'])).toBeGreaterThan(5);
    expect(Number(running['current_fork_perc'])).toBeCloseTo(Number(running['current_save_keys_processed']) * 5);
    await client.repliesWithin(2000);
    const over = await persistenceInfo(client);
    expect(over['rdb_bgsave_in_progress']).toBe('0');
    expect(over['rdb_last_bgsave_status']).toBe('ok');
    expect(over['rdb_last_bgsave_time_sec']).toBe('2');
    expect(over['rdb_saves']).toBe('1');
    expect(over['rdb_changes_since_last_save']).toBe('3');
    expect(Number(await client.ask('LASTSAVE'))).toBeGreaterThan(before);
    const other = await (await restarted(server)).connect();
    expect(await other.ask('MGET k0 k19 more')).toEqual(['old', 'old', null]);
    expect(await other.ask('DBSIZE')).toBe(20);
  });

  test('others are served while SAVE runs', async () => {
    const server = await TestServer.start();
    const [client, other] = [await server.connect(), await server.connect()];
    await client.ask('SET a 1');
    await client.ask(slow(1000));
    client.send('SAVE');
    expect(await other.ask('SET a 2')).toBe('OK');
    expect(await client.ask('GET a')).toBe('OK');
    expect(await client.next()).toBe('2');
  });

  test.each([
    ['BGSAVE foo', '-ERR syntax error'],
    ['BGSAVE SCHEDULE x', '-ERR syntax error'],
    ['BGSAVE SCHEDULE', 'Background saving started'],
    ['SAVE x', "-ERR wrong number of arguments for 'save' command"],
  ])('%s', async (request, reply) => {
    const client = await (await TestServer.start()).connect();
    expect(shown(await client.ask(request))).toBe(reply);
  });

  test('in a transaction SAVE is refused, and BGSAVE comes after it', async () => {
    const server = await TestServer.start();
    const client = await server.connect();
    await client.ask('MULTI');
    expect(shown(await client.ask('SAVE'))).toBe('-ERR Command not allowed inside a transaction');
    await client.ask('DISCARD');
    await client.ask('MULTI');
    await client.ask('BGSAVE');
    await client.ask('SET a 1');
    expect(await client.ask('EXEC')).toEqual(['Background saving scheduled', 'OK']);
    await client.repliesWithin(1000);
    expect((await persistenceInfo(client))['rdb_saves']).toBe('1');
    const other = await (await restarted(server)).connect();
    expect(await other.ask('GET a')).toBe('1');
  });

  test('the directives say how the file is written', async () => {
    const server = await TestServer.start({ directives: { rdbchecksum: false, dbfilename: 'other.rdb' } });
    const client = await server.connect();
    await client.ask('CONFIG SET rdbcompression no rdb-version 11 maxmemory-policy allkeys-lru');
    await client.ask('SET', 'a', 'x'.repeat(1000));
    await client.ask('SAVE');
    const file = await server.world.complete(server.env.disk.readFile('other.rdb'));
    const text = Buffer.from(file).toString('latin1');
    expect(text).toMatch(/^REDIS0011/);
    expect(text).toContain('x'.repeat(1000));
    expect(text).toContain('redis-ver');
    expect(text).toContain('\xf8'); // IDLE
    expect(text.slice(-9)).toBe(`\xff${'\0'.repeat(8)}`);
    expect(await server.world.complete(server.env.disk.exists('dump.rdb'))).toBe(false);
  });
});

describe('save points', () => {
  test('a snapshot is taken when enough has changed and enough time has passed', async () => {
    const server = await TestServer.start({ directives: { save: '60 3' } });
    const client = await server.connect();
    await client.ask('MSET a 1 b 2');
    await client.repliesWithin(100_000);
    expect((await persistenceInfo(client))['rdb_saves']).toBe('0');
    await client.ask('SET d 3');
    await client.repliesWithin(1000);
    expect((await persistenceInfo(client))['rdb_saves']).toBe('1');
    expect(server.logLines).toContain('3 changes in 60 seconds. Saving...');
    for (let i = 0; i < 3; i++) await client.ask('INCR d');
    await client.repliesWithin(50_000);
    expect((await persistenceInfo(client))['rdb_saves']).toBe('1');
    await client.ask('CONFIG', 'SET', 'save', '');
    await client.repliesWithin(50_000);
    expect((await persistenceInfo(client))['rdb_saves']).toBe('1');
    await client.ask('CONFIG', 'SET', 'save', '10 1');
    await client.repliesWithin(1000);
    expect((await persistenceInfo(client))['rdb_saves']).toBe('2');
  });
});

describe('FLUSHALL', () => {
  test('ends a save that is running, and with save points the file becomes empty', async () => {
    const server = await TestServer.start({ directives: { save: '3600 100' } });
    const client = await server.connect();
    await client.ask('SET a 1');
    await client.ask('SAVE');
    await client.ask(slow(5000));
    await client.ask('BGSAVE');
    await client.repliesWithin(1000);
    expect(await client.ask('FLUSHALL')).toBe('OK');
    await client.ask(slow(0));
    await client.repliesWithin(10_000);
    const info = await persistenceInfo(client);
    expect([info['rdb_bgsave_in_progress'], info['rdb_last_bgsave_status']]).toEqual(['0', 'ok']);
    const second = await restarted(server);
    expect(await (await second.connect()).ask('DBSIZE')).toBe(0);
    expect(await server.world.complete(server.env.disk.list('.'))).toEqual(['dump.rdb']);
  });

  test('without save points the file stays', async () => {
    const server = await TestServer.start({ directives: { save: '' } });
    const client = await server.connect();
    await client.ask('SET a 1');
    await client.ask('SAVE');
    await client.ask('FLUSHALL');
    await client.repliesWithin(1000);
    expect(await (await (await restarted(server)).connect()).ask('GET a')).toBe('1');
  });
});

describe('DEBUG RELOAD', () => {
  test('brings back what was there, with times and without what has expired', async () => {
    const server = await TestServer.start();
    const client = await server.connect();
    await client.ask('SET a 1');
    await client.ask('SET b 1 PX 100000');
    await client.ask('SET gone 1 PX 10');
    await client.ask('HSET h f v');
    await client.repliesWithin(50);
    await client.ask('SELECT 3');
    await client.ask('ZADD z 1.5 m');
    const digest = await client.ask('DEBUG DIGEST');
    expect(await client.ask('DEBUG RELOAD')).toBe('OK');
    expect(await client.ask('DEBUG DIGEST')).toBe(digest);
    expect(await client.ask('ZSCORE z m')).toBe('1.5');
    await client.ask('SELECT 0');
    expect(await client.ask('DBSIZE')).toBe(3);
    expect(Number(await client.ask('PTTL b'))).toBeGreaterThan(90_000);
  });

  test('NOSAVE takes the last file, NOFLUSH and MERGE leave what is not in it', async () => {
    const server = await TestServer.start();
    const client = await server.connect();
    await client.ask('MSET a old b old');
    await client.ask('SAVE');
    await client.ask('MSET a new c new');
    expect(await client.ask('DEBUG RELOAD NOSAVE NOFLUSH MERGE')).toBe('OK');
    expect(await client.ask('MGET a b c')).toEqual(['old', 'old', 'new']);
    expect(await client.ask('DEBUG RELOAD NOSAVE')).toBe('OK');
    expect(await client.ask('MGET a b c')).toEqual(['old', 'old', null]);
  });

  test.each([
    ['DEBUG RELOAD FOO', '-ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.'],
    ['DEBUG RELOAD NOSAVE', '-ERR Error trying to load the RDB dump, check server logs.'],
    ['DEBUG LOADAOF', '-ERR The append-only file is off'],
  ])('%s', async (request, reply) => {
    const client = await (await TestServer.start()).connect();
    expect(shown(await client.ask(request))).toBe(reply);
  });

  test('others are answered -LOADING, watched keys count as changed', async () => {
    const server = await TestServer.start();
    const [client, other] = [await server.connect(), await server.connect()];
    await client.ask('SET a 1');
    await other.ask('WATCH a');
    await client.ask('CONFIG SET key-load-delay 1000000');
    client.send('DEBUG RELOAD');
    await server.world.run(100);
    expect(shown(await other.ask('GET a'))).toBe('-LOADING Redis is loading the dataset in memory');
    expect((await persistenceInfo(other))['loading']).toBe('1');
    expect(await client.next()).toBe('OK');
    await other.ask('MULTI');
    await other.ask('SET a 2');
    expect(await other.ask('EXEC')).toBe(null);
  });
});
