/** Fields of hashes that expire in the server as a process, by the machine's clock. */
import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { TestNode } from './support/test-node.ts';

const isRedis = process.env['KVARTZ_NODE']?.includes('redis-server') ?? false;
let node: TestNode | undefined;
afterEach(() => node?.remove());

test.skipIf(isRedis)('they go by themselves, and the key with the last of them; who listens hears of it', async () => {
  node = await TestNode.start(['--notify-keyspace-events', 'Khg']);
  const redis = new Redis({ port: node.port });
  const listener = new Redis({ port: node.port });
  const events: string[] = [];
  listener.on('message', (_channel, event) => events.push(event));
  await listener.subscribe('__keyspace@0__:session');
  const fields = Array.from({ length: 2000 }, (_, i) => `f${i}`);
  await redis.hset('large', 'kept', '1', ...fields.flatMap((name) => [name, 'x']));
  expect(await redis.call('HPEXPIRE', 'large', 300, 'FIELDS', fields.length, ...fields)).toEqual(fields.map(() => 1));
  expect(await redis.call('HSETEX', 'session', 'PX', 300, 'FIELDS', 2, 'user', 'ann', 'token', 'abc')).toBe(1);
  expect(await redis.call('HGETEX', 'session', 'PX', 600, 'FIELDS', 1, 'user')).toEqual(['ann']);
  expect(await redis.call('OBJECT', 'ENCODING', 'session')).toBe('listpackex');
  await expect.poll(() => redis.exists('session'), { timeout: 10_000 }).toBe(0);
  expect(events).toEqual(['hset', 'hexpire', 'hexpire', 'hexpired', 'hexpired', 'del']);
  await expect.poll(() => redis.hlen('large'), { timeout: 10_000 }).toBe(1);
  expect(await redis.info('keyspace')).toContain('subexpiry=0');
  expect(await redis.info('stats')).toContain('expired_subkeys:2002');
  redis.disconnect();
  listener.disconnect();
});
