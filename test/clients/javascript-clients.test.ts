/** Collections, publish and subscribe, streams, blocking commands and pools with ioredis and node-redis, RESP2 and RESP3. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createClient, createClientPool } from 'redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TestNode } from '../cluster/support/test-node.ts';

let node: TestNode;
beforeAll(async () => {
  node = await TestNode.start();
});
beforeEach(async () => void (await node.ask('FLUSHALL')));
afterAll(() => node?.remove());

async function untilBlocked(): Promise<void> {
  await expect.poll(() => node.ask('INFO', 'clients'), { timeout: 10_000 }).toContain('blocked_clients:1');
}

for (const protocol of [2, 3] as const) {
  describe(`ioredis, RESP${protocol}`, () => {
    let redis: Redis;
    let other: Redis;
    beforeAll(() => {
      redis = new Redis({ port: node.port, protocol });
      other = new Redis({ port: node.port, protocol });
    });
    afterAll(() => {
      redis.disconnect();
      other.disconnect();
    });

    test('collections', async () => {
      expect(await redis.hset('h', { a: 1, b: '2' })).toBe(2);
      expect(await redis.hgetall('h')).toEqual({ a: '1', b: '2' });
      expect(await redis.rpush('l', 1, 2, 3)).toBe(3);
      expect(await redis.lrange('l', 0, -1)).toEqual(['1', '2', '3']);
      expect(await redis.zadd('z', 1, 'a', 2.5, 'b')).toBe(2);
      expect(await redis.zrangebyscore('z', 1, '+inf', 'LIMIT', 1, 1)).toEqual(['b']);
      expect((await redis.smembers('none')).length).toBe(0);
      const members: string[] = [];
      for await (const page of redis.hscanStream('h')) members.push(...(page as string[]));
      expect(members.length).toBe(4);
    });

    test('publish and subscribe', async () => {
      const messages: unknown[] = [];
      other.on('message', (channel, message) => messages.push([channel, message]));
      other.on('pmessage', (...all) => messages.push(all));
      expect(await other.subscribe('news', 'sport')).toBe(2);
      expect(await other.psubscribe('n*')).toBe(3);
      expect(await redis.publish('news', 'hello')).toBe(2);
      await expect
        .poll(() => messages)
        .toEqual([
          ['news', 'hello'],
          ['n*', 'news', 'hello'],
        ]);
      expect(await other.unsubscribe('news', 'sport')).toBe(1);
      expect(await other.punsubscribe('n*')).toBe(0);
      expect(await other.ping()).toBe('PONG');
    });

    test('streams and groups', async () => {
      const id = await redis.xadd('st', '*', 'n', '1');
      await redis.xgroup('CREATE', 'st', 'g', '0');
      const read = redis.duplicate();
      expect(await read.xreadgroup('GROUP', 'g', 'c', 'COUNT', 10, 'STREAMS', 'st', '>')).toEqual([
        ['st', [[id, ['n', '1']]]],
      ]);
      const waiting = read.xreadgroup('GROUP', 'g', 'c', 'BLOCK', 5000, 'STREAMS', 'st', '>');
      await untilBlocked();
      const next = await redis.xadd('st', '*', 'n', '2');
      expect(await waiting).toEqual([['st', [[next, ['n', '2']]]]]);
      expect(await redis.xack('st', 'g', id!, next!)).toBe(2);
      expect(await redis.xpending('st', 'g')).toEqual([0, null, null, null]);
      read.disconnect();
    });

    test('a blocking pop waits on its own connection', async () => {
      const waiting = other.blpop('q', 5);
      await untilBlocked();
      await redis.rpush('q', 'job');
      expect(await waiting).toEqual(['q', 'job']);
      expect(await other.blpop('q', 0.05)).toBeNull();
    });

    test('a client that loses its connection comes back, with its subscriptions', async () => {
      const lost = new Redis({ port: node.port, protocol, retryStrategy: () => 20 });
      await lost.subscribe('after');
      const heard = once(lost, 'message');
      await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await expect.poll(() => redis.publish('after', 'back'), { timeout: 10_000 }).toBe(1);
      expect(await heard).toEqual(['after', 'back']);
      lost.disconnect();
    });
  });

  describe(`node-redis, RESP${protocol}`, () => {
    const connect = () => createClient({ socket: { port: node.port, host: '127.0.0.1' }, RESP: protocol }).connect();
    let redis: Awaited<ReturnType<typeof connect>>;
    let other: Awaited<ReturnType<typeof connect>>;
    beforeAll(async () => {
      redis = await connect();
      other = await connect();
    });
    afterAll(() => {
      redis?.destroy();
      other?.destroy();
    });

    test('collections', async () => {
      expect(await redis.hSet('h', { a: '1', b: '2' })).toBe(2);
      expect({ ...(await redis.hGetAll('h')) }).toEqual({ a: '1', b: '2' });
      expect(
        await redis.zAdd('z', [
          { score: 1, value: 'a' },
          { score: Infinity, value: 'b' },
        ]),
      ).toBe(2);
      expect(await redis.zRangeWithScores('z', 0, -1)).toEqual([
        { score: 1, value: 'a' },
        { score: Infinity, value: 'b' },
      ]);
      expect(await redis.sAdd('s', ['x', 'y'])).toBe(2);
      expect([...(await redis.sMembers('s'))].toSorted()).toEqual(['x', 'y']);
      expect(await redis.zScore('z', 'none')).toBeNull();
      expect(await redis.hExpire('h', 'a', 100)).toEqual([1]);
      expect(await redis.hTTL('h', ['a', 'b'])).toEqual([100, -1]);
    });

    test('publish and subscribe', async () => {
      const subscriber = await connect();
      const messages: string[] = [];
      await subscriber.subscribe('news', (message) => messages.push(message));
      await subscriber.pSubscribe('n*', (message, channel) => messages.push(`${channel}: ${message}`));
      await subscriber.sSubscribe('shard', (message) => messages.push(`shard: ${message}`));
      expect(await redis.publish('news', 'hello')).toBe(2);
      expect(await redis.sPublish('shard', 'one')).toBe(1);
      await expect.poll(() => messages).toEqual(['hello', 'news: hello', 'shard: one']);
      subscriber.destroy();
    });

    test('streams and groups', async () => {
      const id = await redis.xAdd('st', '*', { n: '1' });
      await redis.xGroupCreate('st', 'g', '0');
      const read = await other.xReadGroup('g', 'c', { key: 'st', id: '>' }, { COUNT: 5 });
      expect(JSON.stringify(read)).toContain(id);
      expect(await redis.xAck('st', 'g', id)).toBe(1);
      expect((await redis.xInfoStream('st')).length).toBe(1);
      expect((await redis.xPending('st', 'g')).pending).toBe(0);
    });

    test('a blocking pop waits on its own connection', async () => {
      const waiting = other.blPop('q', 5);
      await untilBlocked();
      await redis.rPush('q', 'job');
      expect({ ...(await waiting) }).toEqual({ key: 'q', element: 'job' });
      expect(await other.blPop('q', 0.05)).toBeNull();
    });

    test('a pool', async () => {
      const options = { socket: { port: node.port, host: '127.0.0.1' }, RESP: protocol };
      const pool = createClientPool(options, { minimum: 2, maximum: 5 });
      await pool.connect();
      await Promise.all(Array.from({ length: 200 }, () => pool.incr('hits')));
      expect(await pool.get('hits')).toBe('200');
      pool.destroy();
    });
  });
}

test('node-redis keeps a cache of its own that writes of others invalidate', async () => {
  const options = { socket: { port: node.port, host: '127.0.0.1' }, RESP: 3 } as const;
  const cached = await createClient({ ...options, clientSideCache: { ttl: 0, maxEntries: 100 } }).connect();
  const writer = await createClient(options).connect();
  await writer.set('k', '1');
  const reads = async (): Promise<number> =>
    Number(/cmdstat_get:calls=(\d+)/.exec(await node.ask('INFO', 'commandstats'))?.[1] ?? 0);
  const before = await reads();
  for (let i = 0; i < 10; i++) expect(await cached.get('k')).toBe('1');
  expect((await reads()) - before).toBe(1);
  await writer.set('k', '2');
  await sleep(50);
  expect(await cached.get('k')).toBe('2');
  cached.destroy();
  writer.destroy();
});
