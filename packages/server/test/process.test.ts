import { describe, expect, test } from 'vitest';
import { shown } from './support/shown.ts';
import { TestServer } from './support/test-server.ts';

describe('SLOWLOG', () => {
  test('holds what took long, newest first', async () => {
    const server = await TestServer.start({ directives: { 'slowlog-log-slower-than': 0 } });
    const client = await server.connect();
    await client.ask('CLIENT SETNAME me');
    for (const request of ['SET a 1', 'GET a', 'NOSUCH', 'MULTI', 'GET b', 'EXEC']) await client.ask(request);
    const entries = (await client.ask('SLOWLOG GET -1')) as unknown[][];
    expect(entries.map(([, , , words]) => (words as string[]).join(' '))).toEqual([
      'GET b',
      'MULTI',
      'GET a',
      'SET a 1',
      'CLIENT SETNAME me',
    ]);
    expect(entries[0]).toEqual([
      expect.any(Number),
      Math.floor(server.env.clock.wallMs() / 1000),
      expect.any(Number),
      ['GET', 'b'],
      expect.stringMatching(/^10\.0\.1\.1:\d+$/),
      'me',
    ]);
    expect(entries.map(([id]) => id)).toEqual([4, 3, 2, 1, 0]);
    expect(await client.ask('SLOWLOG GET 2')).toHaveLength(2);
    expect(await client.ask('SLOWLOG RESET')).toBe('OK');
    expect(await client.ask('SLOWLOG LEN')).toBe(1);
  });

  test('cuts long commands, and holds no more than slowlog-max-len', async () => {
    const directives = { 'slowlog-log-slower-than': 0, 'slowlog-max-len': 2 };
    const client = await (await TestServer.start({ directives })).connect();
    await client.ask('PING');
    await client.ask(`DEL ${'k '.repeat(39)}k`);
    await client.ask('SET', 'a', 'x'.repeat(200));
    const [set, del, ...rest] = (await client.ask('SLOWLOG GET')) as [unknown, unknown, unknown, string[]][];
    expect(set[3]).toEqual(['SET', 'a', `${'x'.repeat(128)}... (72 more bytes)`]);
    expect(del[3]).toHaveLength(32);
    expect(del[3][31]).toBe('... (10 more arguments)');
    expect(rest).toEqual([]);
  });

  test('shows no passwords', async () => {
    const server = await TestServer.start({ directives: { 'slowlog-log-slower-than': 0 } });
    const client = await server.connect();
    await client.ask('AUTH default sesame');
    await client.ask('AUTH sesame');
    await client.ask('HELLO 3 AUTH default sesame SETNAME me');
    await client.ask('CONFIG SET hz 20 requirepass sesame cluster-announce-port 1 MASTERAUTH sesame');
    const entries = (await client.ask('SLOWLOG GET')) as unknown[][];
    expect(entries.map(([, , , words]) => (words as string[]).join(' '))).toEqual([
      'CONFIG SET hz 20 requirepass (redacted) cluster-announce-port 1 MASTERAUTH (redacted)',
      'HELLO 3 AUTH (redacted) (redacted) SETNAME me',
      'AUTH (redacted)',
      'AUTH (redacted) (redacted)',
    ]);
  });

  test('a negative threshold holds nothing', async () => {
    const client = await (await TestServer.start({ directives: { 'slowlog-log-slower-than': -1 } })).connect();
    await client.ask('KEYS *');
    expect(await client.ask('SLOWLOG LEN')).toBe(0);
  });
});

describe('MEMORY', () => {
  test('USAGE is what the engine counts', async () => {
    const server = await TestServer.start();
    const client = await server.connect();
    await client.ask('SET', 'a', 'x'.repeat(1000));
    const bytes = Number(await client.ask('MEMORY USAGE a SAMPLES 0'));
    expect(bytes).toBeGreaterThan(1000);
    expect(bytes).toBeLessThan(1300);
    expect(await client.ask('MEMORY USAGE b')).toBeNull();
  });

  test('STATS agree with INFO', async () => {
    const server = await TestServer.start();
    const client = await server.connect();
    await client.ask('SET a 1');
    await client.ask('HELLO 3');
    const stats = (await client.ask('MEMORY STATS')) as Map<string, number>;
    expect(stats.get('total.allocated')).toBe(server.kernel.arena.usedBytes);
    expect(stats.get('keys.count')).toBe(1);
    const ofDatabase = stats.get('db.0') as unknown as Map<string, number>;
    expect(ofDatabase.get('overhead.hashtable.main')).toBe(stats.get('overhead.total'));
    expect(stats.get('dataset.bytes')).toBe(server.kernel.arena.usedBytes - Number(stats.get('overhead.total')));
  });

  test('the bytes of the index grow and shrink with the keys', async () => {
    const server = await TestServer.start();
    const client = await server.connect();
    const [first] = server.kernel.databases;
    for (let i = 0; i < 100; i++) await client.ask('SET', `{k}${i}`, '1');
    const full = first.indexBytes;
    expect(full).toBeGreaterThanOrEqual(800);
    for (let i = 0; i < 90; i++) await client.ask('DEL', `{k}${i}`);
    expect(first.indexBytes).toBeLessThan(full);
    await client.ask('FLUSHALL');
    expect(first.indexBytes).toBe(0);
  });

  test('PURGE gives back what holds nothing', async () => {
    const server = await TestServer.start();
    const client = await server.connect();
    for (let i = 0; i < 40; i++) await client.ask('SET', `k${i}`, 'x'.repeat(1_000_000));
    const { arena } = server.kernel;
    expect(arena.residentBytes).toBeGreaterThan(40_000_000);
    expect(await client.ask('MEMORY MALLOC-STATS')).toContain('segment 2: 4096 pages');
    await client.ask('FLUSHALL');
    expect(await client.ask('MEMORY PURGE')).toBe('OK');
    expect(arena.residentBytes).toBe(0);
    expect(await client.ask('SET a 1')).toBe('OK');
    expect(await client.ask('GET a')).toBe('1');
  });
});

describe('SHUTDOWN', () => {
  for (const request of ['SHUTDOWN', 'SHUTDOWN NOSAVE', 'SHUTDOWN NOW FORCE', 'SHUTDOWN SAVE', 'SHUTDOWN SAVE FORCE']) {
    test(request, async () => {
      const server = await TestServer.start();
      const [client, other] = [await server.connect(), await server.connect()];
      client.send('SET a 1');
      client.send(request);
      client.send('SET b 1');
      expect(await client.repliesWithin(5000)).toEqual(['OK']);
      expect([client.isClosed, other.isClosed, server.shutdowns.count]).toEqual([true, true, 1]);
    });
  }

  for (const [request, error] of [
    ['SHUTDOWN FOO', '-ERR syntax error'],
    ['SHUTDOWN SAVE NOSAVE', '-ERR syntax error'],
    ['SHUTDOWN ABORT NOW', '-ERR syntax error'],
    ['SHUTDOWN ABORT', '-ERR No shutdown in progress.'],
  ] as const) {
    test(request, async () => {
      const server = await TestServer.start();
      const client = await server.connect();
      expect(shown(await client.ask(request))).toBe(error);
      expect(server.shutdowns.count).toBe(0);
    });
  }
});

describe('DEBUG', () => {
  test('works only where enable-debug-command allows it', async () => {
    const off = await (await TestServer.start({ directives: { 'enable-debug-command': 'no' } })).connect('local');
    expect(shown(await off.ask('DEBUG SLEEP 0'))).toMatch(/^-ERR DEBUG command not allowed\./);
    const server = await TestServer.start({ directives: { 'enable-debug-command': 'local' } });
    expect(shown(await (await server.connect('remote')).ask('DEBUG SLEEP 0'))).toMatch(
      /^-ERR DEBUG command not allowed\./,
    );
    expect(await (await server.connect('local')).ask('DEBUG SLEEP 0')).toBe('OK');
  });

  test('SLEEP lets everybody wait', async () => {
    const server = await TestServer.start();
    const [client, other] = [await server.connect(), await server.connect()];
    client.send('DEBUG SLEEP 2');
    await server.world.run(500);
    client.send('PING');
    other.send('PING');
    expect([...(await other.repliesWithin(1000)), ...(await client.repliesWithin(0))]).toEqual([]);
    expect(await other.repliesWithin(1500)).toEqual(['PONG']);
    expect(await client.repliesWithin(0)).toEqual(['OK', 'PONG']);
  });

  test('SET-ACTIVE-EXPIRE 0 leaves expired keys alone', async () => {
    const server = await TestServer.start();
    const client = await server.connect();
    await client.ask('DEBUG SET-ACTIVE-EXPIRE 0');
    await client.ask('SET a 1 PX 10');
    await server.world.run(1000);
    expect(server.kernel.stats.expiredKeys).toBe(0);
    await client.ask('DEBUG SET-ACTIVE-EXPIRE 1');
    await server.world.run(1000);
    expect(server.kernel.stats.expiredKeys).toBe(1);
  });

  test('OBJECT tells the encoding', async () => {
    const client = await (await TestServer.start()).connect();
    await client.ask('SET a 1');
    expect(await client.ask('DEBUG OBJECT a')).toMatch(
      /^Value at:0x[0-9a-f]+ refcount:1 encoding:int serializedlength:\d+ lru:\d+ lru_seconds_idle:0$/,
    );
    expect(shown(await client.ask('DEBUG OBJECT b'))).toBe('-ERR no such key');
  });

  test('OBJECT tells of the packs of a list, as redis-server 7.0.15 does', async () => {
    const client = await (await TestServer.start()).connect();
    const packsOf = async (key: string) => String(await client.ask(`DEBUG OBJECT ${key}`)).replace(/.*idle:0/, '');
    await client.ask('RPUSH small a b c');
    expect(await packsOf('small')).toBe('');
    for (let i = 1; i <= 300; i++) await client.ask(`RPUSH big item-number-${i}-${'x'.repeat(35)}`);
    const shape = 'ql_listpack_max:-2 ql_compressed:0 ql_uncompressed_size:15806';
    expect(await packsOf('big')).toBe(` ql_nodes:2 ql_avg_node:150.00 ${shape}`);
    await client.ask('CONFIG SET list-max-listpack-size 5');
    await client.ask('RPUSH five 1 2 3 4 5 6 7 8 9 10 11');
    const fiveShape = 'ql_listpack_max:5 ql_compressed:0 ql_uncompressed_size:43';
    expect(await packsOf('five')).toBe(` ql_nodes:3 ql_avg_node:3.67 ${fiveShape}`);
    await client.ask('CONFIG SET list-max-listpack-size -1');
    await client.ask(`RPUSH plain ${'x'.repeat(20_000)}`);
    await client.ask('RPUSH plain a');
    const plainShape = 'ql_listpack_max:-1 ql_compressed:0 ql_uncompressed_size:20025';
    expect(await packsOf('plain')).toBe(` ql_nodes:2 ql_avg_node:1.00 ${plainShape}`);
  });

  test('POPULATE makes keys and keeps those that are there', async () => {
    const client = await (await TestServer.start()).connect();
    await client.ask('SET p:1 mine');
    expect(await client.ask('DEBUG POPULATE 3 p 10')).toBe('OK');
    expect(await client.ask('MGET p:0 p:1 p:2')).toEqual(['value:0\0\0\0', 'mine', 'value:2\0\0\0']);
  });
});

test('TIME is the wall clock, and stands still in a transaction', async () => {
  const server = await TestServer.start();
  const client = await server.connect();
  const [seconds, microseconds] = (await client.ask('TIME')) as string[];
  const nowMs = Number(seconds) * 1000 + Number(microseconds) / 1000;
  expect(Math.abs(nowMs - server.env.clock.wallMs())).toBeLessThan(100);
  for (const request of ['MULTI', 'TIME', 'TIME']) await client.ask(request);
  const [first, second] = (await client.ask('EXEC')) as string[][];
  expect(first).toEqual(second);
});

test('LOLWUT ends with the versions', async () => {
  const client = await (await TestServer.start()).connect();
  expect(await client.ask('LOLWUT VERSION 5 1 2')).toMatch(/\nRedis ver\. 7\.2\.\d+, Kvartz ver\. [\d.]+\n$/);
});
