import { Prng } from '@kvartz/base';
import { describe, expect, test } from 'vitest';
import { shown } from './support/shown.ts';
import { type TestClient, TestServer } from './support/test-server.ts';

const outOfMemory = "-OOM command not allowed when used memory > 'maxmemory'.";
const policies = ['allkeys-lru', 'allkeys-lfu', 'allkeys-random', 'volatile-lru', 'volatile-lfu', 'volatile-random'];

async function start(policy: string, maxmemory = '0'): Promise<{ server: TestServer; client: TestClient }> {
  const server = await TestServer.start({ directives: { 'maxmemory-policy': policy, maxmemory } });
  return { server, client: await server.connect() };
}

/** Sets so many keys of `bytes` bytes; one in eight does not expire. */
async function fill(client: TestClient, prefix: string, count: number, bytes: number): Promise<unknown[]> {
  const refusals: unknown[] = [];
  for (let i = 0; i < count; i++) {
    const expiry = i % 8 === 0 ? [] : ['EX', String(1000 + i)];
    const reply = shown(await client.ask('SET', `${prefix}:${i}`, 'x'.repeat(bytes), ...expiry));
    if (reply !== 'OK') refusals.push(reply);
  }
  return refusals;
}

async function keysOf(client: TestClient, pattern: string): Promise<string[]> {
  return ((await client.ask('KEYS', pattern)) as string[]).toSorted();
}

async function infoOf(client: TestClient, field: string): Promise<number> {
  return Number(new RegExp(`^${field}:(.*)\r`, 'm').exec((await client.ask('INFO everything')) as string)?.[1]);
}

describe('maxmemory', () => {
  for (const policy of [...policies, 'volatile-ttl']) {
    test(`${policy}: writes are not refused, and memory stays below`, async () => {
      const { server, client } = await start(policy, '4mb');
      expect(await fill(client, 'k', 4000, 2000)).toEqual([]);
      expect(server.kernel.arena.usedBytes).toBeLessThan(4 * 2 ** 20);
      expect(server.kernel.arena.residentBytes).toBeLessThan(5 * 2 ** 20);
      expect(await infoOf(client, 'evicted_keys')).toBeGreaterThan(2000);
      const left = await keysOf(client, 'k:*');
      expect(left.length).toBeGreaterThan(1000);
      // What does not expire stays under the volatile policies.
      const lasting = left.filter((key) => Number(key.slice(2)) % 8 === 0);
      if (policy.startsWith('volatile')) expect(lasting).toHaveLength(500);
    });
  }

  test('noeviction: writes are refused, reads and deletions are not', async () => {
    const { client } = await start('noeviction', '2mb');
    const refusals = await fill(client, 'k', 1500, 2000);
    expect(new Set(refusals)).toEqual(new Set([outOfMemory]));
    expect(await client.ask('GET k:0')).toHaveLength(2000);
    expect(await infoOf(client, 'evicted_keys')).toBe(0);
    expect(await infoOf(client, 'current_eviction_exceeded_time')).toBeGreaterThanOrEqual(0);
    expect(await client.ask('DEL k:0 k:1 k:2 k:3 k:4')).toBe(5);
    expect(await client.ask('SET k:0 1')).toBe('OK');
  });

  for (const policy of ['volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl']) {
    test(`${policy}: without keys that expire, writes are refused`, async () => {
      const { client } = await start(policy);
      for (let i = 0; i < 100; i++) await client.ask('SET', `k:${i}`, 'x'.repeat(1000));
      await client.ask('CONFIG SET maxmemory 1');
      expect(shown(await client.ask('SET a 1'))).toBe(outOfMemory);
      expect(shown(await client.ask('LPUSH a 1'))).toBe(outOfMemory);
      expect(await client.ask('DBSIZE')).toBe(100);
    });
  }

  test('a limit that is lowered takes effect without further commands', async () => {
    const { server, client } = await start('allkeys-random');
    await fill(client, 'k', 3000, 1000);
    await client.ask('CONFIG SET maxmemory 2mb');
    await server.world.run(100);
    expect(server.kernel.arena.usedBytes).toBeLessThanOrEqual(2 * 2 ** 20);
    expect(await client.ask('DBSIZE')).toBeGreaterThan(500);
  });

  test('a large collection goes, and is freed before another key goes', async () => {
    const { client } = await start('volatile-ttl');
    for (let i = 0; i < 50; i++) {
      const members = Array.from({ length: 400 }, (_, j) => `member:${i}:${j}:${'x'.repeat(50)}`);
      await client.ask('SADD', 'large', ...members);
    }
    await client.ask('EXPIRE large 100');
    await client.ask('SET', 'small', 'x'.repeat(1000), 'EX', '1000');
    await client.ask('CONFIG SET maxmemory 1mb');
    expect(await client.ask('SET a 1')).toBe('OK');
    expect(await client.ask('EXISTS large small a')).toBe(2);
  });

  test('a request that can never fit is refused, and nothing goes for it', async () => {
    const { client } = await start('allkeys-lru', '3mb');
    await fill(client, 'k', 100, 1000);
    expect(shown(await client.ask('SET', 'large', 'x'.repeat(4_000_000)))).toBe(outOfMemory);
    expect(await client.ask('DBSIZE')).toBe(100);
  });

  test('keys go from all databases', async () => {
    const { client } = await start('allkeys-random');
    for (const database of ['0', '5', '9']) {
      await client.ask('SELECT', database);
      await fill(client, 'k', 500, 1000);
    }
    await client.ask('CONFIG SET maxmemory 1mb');
    await client.ask('SET a 1');
    for (const database of ['0', '5', '9']) {
      await client.ask('SELECT', database);
      expect(await client.ask('DBSIZE')).toBeLessThan(490);
    }
  });
});

describe('what becomes of evicted keys', () => {
  test('their WATCH is broken', async () => {
    const { server, client } = await start('allkeys-random');
    const other = await server.connect();
    await client.ask('SET', 'a', 'x'.repeat(10_000));
    await client.ask('WATCH a');
    await other.ask('CONFIG SET maxmemory 1');
    await other.ask('SET b 1');
    await other.ask('CONFIG SET maxmemory 0');
    await client.ask('MULTI');
    await client.ask('PING');
    expect(await client.ask('EXEC')).toBeNull();
  });

  test('they are an event, and an invalidation', async () => {
    const { server, client } = await start('allkeys-random');
    await client.ask('CONFIG SET notify-keyspace-events Ee');
    const listener = await server.connect();
    await listener.ask('SUBSCRIBE __keyevent@0__:evicted');
    await client.ask('SET', 'a', 'x'.repeat(1000));
    const reader = await server.connect();
    await reader.ask('HELLO 3');
    await reader.ask('CLIENT TRACKING ON');
    await reader.ask('GET a');
    await client.ask('CONFIG SET maxmemory 1');
    await client.ask('SET b 1');
    expect(await listener.next()).toEqual(['message', '__keyevent@0__:evicted', 'a']);
    expect(JSON.stringify(await reader.next())).toContain('invalidate');
  });

  test('CONFIG RESETSTAT forgets how many they were', async () => {
    const { client } = await start('allkeys-random');
    await fill(client, 'k', 50, 1000);
    await client.ask('CONFIG SET maxmemory 1');
    await client.ask('SET b 1');
    expect(await infoOf(client, 'evicted_keys')).toBeGreaterThan(0);
    await client.ask('CONFIG RESETSTAT');
    expect(await infoOf(client, 'evicted_keys')).toBe(0);
    expect(await infoOf(client, 'total_eviction_exceeded_time')).toBe(0);
  });
});

describe('writes of all types, with every reference checked', () => {
  for (const [policy, seed] of [
    ['allkeys-lru', 1],
    ['allkeys-random', 2],
    ['volatile-ttl', 3],
  ] as const) {
    test(`${policy}: nothing but OOM is refused, and the arena stays whole`, async () => {
      const { server, client } = await start(policy, '1mb');
      const random = new Prng(seed);
      const below = (count: number): number => Math.floor(random.ratio() * count);
      const text = (bytes: number): string => 'x'.repeat(1 + Math.floor((1 + bytes) ** random.ratio()));
      const makers: ((key: string) => string[])[] = [
        (key) => ['SET', `s${key}`, text(60_000), 'EX', String(10 + below(100))],
        (key) => ['SET', `s${key}`, text(300)],
        (key) => ['APPEND', `s${key}`, text(2000)],
        (key) => ['HSET', `h${key}`, `f${below(300)}`, text(200)],
        (key) => ['RPUSH', `l${key}`, text(3000), text(20)],
        (key) => ['SADD', `m${key}`, text(100), String(below(1000))],
        (key) => ['ZADD', `z${key}`, String(below(1000)), String(below(1000))],
        (key) => ['XADD', `x${key}`, '*', 'f', text(300)],
        (key) => ['EXPIRE', `${'shlmzx'[below(6)]}${key}`, String(1 + below(60))],
        (key) => ['COPY', `s${key}`, `s${below(300)}`, 'REPLACE'],
        (key) => ['RENAME', `s${key}`, `s${below(300)}`],
      ];
      const errors = new Set<unknown>();
      for (let i = 0; i < 6000; i++) {
        client.send(...makers[below(makers.length)](String(below(300))));
        if (i % 50 !== 0) continue;
        for (const reply of await client.repliesWithin(500)) {
          const known = shown(reply);
          if (typeof known === 'string' && known.startsWith('-')) errors.add(known);
        }
      }
      errors.delete('-ERR no such key');
      errors.delete('-ERR source and destination objects are the same');
      if (policy.startsWith('volatile')) errors.delete(outOfMemory);
      expect([...errors]).toEqual([]);
      await client.repliesWithin(500);
      expect(server.kernel.stats.evictedKeys).toBeGreaterThan(50);
      for (const database of server.kernel.databases) database.forEach((e) => void database.memoryOf(e));
      await client.ask('FLUSHALL');
      expect(server.kernel.arena.usedBytes).toBe(0);
    });
  }
});

describe('transactions without memory', () => {
  const fullOf = async (): Promise<TestClient> => {
    const { client } = await start('noeviction');
    await client.ask('SET', 'a', 'x'.repeat(1000));
    return client;
  };

  test('whatever is queued is refused, and EXEC then aborts', async () => {
    const client = await fullOf();
    await client.ask('CONFIG SET maxmemory 1');
    await client.ask('MULTI');
    expect(shown(await client.ask('GET a'))).toBe(outOfMemory);
    expect(shown(await client.ask('EXEC'))).toBe('-EXECABORT Transaction discarded because of previous errors.');
    await client.ask('MULTI');
    expect(await client.ask('DISCARD')).toBe('OK');
  });

  test('EXEC of what was queued before is refused when it needs memory', async () => {
    const client = await fullOf();
    await client.ask('MULTI');
    await client.ask('CONFIG SET maxmemory 1');
    expect(await client.ask('SET b 1')).toBe('QUEUED');
    expect(await client.ask('EXEC')).toEqual(['OK', 'OK']);
    await client.ask('CONFIG SET maxmemory 0');
    await client.ask('MULTI');
    expect(await client.ask('SET b 1')).toBe('QUEUED');
  });
});

describe('clocks', () => {
  const idle = (client: TestClient, key: string): Promise<unknown> => client.ask('OBJECT', 'IDLETIME', key);

  test('CLIENT NO-TOUCH: looks are no use, a new value and TOUCH are', async () => {
    const { server, client } = await start('noeviction');
    for (const key of ['a', 'b', 'c', 'd']) await client.ask('SET', key, '1');
    await client.ask('CLIENT NO-TOUCH ON');
    await server.world.run(10_000);
    await client.ask('GET a');
    await client.ask('SET b 2');
    await client.ask('TOUCH c');
    expect(await idle(client, 'a')).toBe(10);
    expect([await idle(client, 'b'), await idle(client, 'c')]).toEqual([0, 0]);
    await client.ask('MULTI');
    await client.ask('GET d');
    await client.ask('EXEC');
    expect(await idle(client, 'd')).toBe(10);
    const other = await server.connect();
    await other.ask('GET a');
    expect(await idle(client, 'a')).toBe(0);
    await client.ask('CLIENT NO-TOUCH OFF');
    await client.ask('GET d');
    expect(await idle(client, 'd')).toBe(0);
  });

  test('RESET ends it', async () => {
    const { server, client } = await start('noeviction');
    await client.ask('SET a 1');
    await client.ask('CLIENT NO-TOUCH ON');
    await client.ask('RESET');
    await server.world.run(10_000);
    await client.ask('GET a');
    expect(await idle(client, 'a')).toBe(0);
  });

  test('CONFIG SET maxmemory-policy says what they mean, at once', async () => {
    const { client } = await start('noeviction');
    await client.ask('SET a 1');
    expect(shown(await client.ask('OBJECT FREQ a'))).toContain('-ERR An LFU maxmemory policy is not selected');
    await client.ask('CONFIG SET maxmemory-policy allkeys-lfu lfu-log-factor 0');
    await client.ask('SET b 1');
    for (let i = 0; i < 7; i++) await client.ask('GET b');
    expect(await client.ask('OBJECT FREQ b')).toBe(12);
    expect(shown(await idle(client, 'b'))).toContain('-ERR An LFU maxmemory policy is selected');
    await client.ask('CONFIG SET maxmemory-policy volatile-ttl');
    expect(shown(await client.ask('OBJECT FREQ b'))).toContain('-ERR An LFU');
  });

  test('lfu-decay-time: minutes in which a counter falls by one', async () => {
    const { server, client } = await start('allkeys-lfu');
    await client.ask('SET a 1');
    await server.world.run(3 * 60_000);
    expect(await client.ask('OBJECT FREQ a')).toBe(2);
    await client.ask('CONFIG SET lfu-decay-time 3');
    expect(await client.ask('OBJECT FREQ a')).toBe(4);
  });
});
