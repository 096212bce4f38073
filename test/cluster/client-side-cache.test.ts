/** What libraries make of CLIENT TRACKING and keyspace notifications. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { BasicClientSideCache, createClient } from 'redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestNode } from './support/test-node.ts';

let node: TestNode;
beforeAll(async () => {
  node = await TestNode.start(['--notify-keyspace-events', 'KEA']);
});
afterAll(() => node?.remove());

async function eventually(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`not within 5 s: ${isTrue.toString()}`);
    await sleep(5);
  }
}

test('node-redis with a client-side cache reads from it, until somebody else writes', async () => {
  const cache = new BasicClientSideCache({ ttl: 0, maxEntries: 0, evictPolicy: 'LRU', recordStats: true });
  const socket = { host: '127.0.0.1', port: node.port };
  const reader = await createClient({ socket, RESP: 3, clientSideCache: cache }).connect();
  const writer = await createClient({ socket }).connect();
  try {
    await writer.set('cached', 'one');
    for (let i = 0; i < 10; i++) expect(await reader.get('cached')).toBe('one');
    expect(cache.stats().hitCount).toBe(9);
    await writer.set('cached', 'two');
    await eventually(async () => (await reader.get('cached')) === 'two');
    await writer.expire('cached', 1);
    await eventually(async () => (await reader.get('cached')) === null);
    for (let i = 0; i < 200; i++) {
      await writer.set('cached', String(i));
      await eventually(async () => (await reader.get('cached')) === String(i));
    }
    await writer.flushAll();
    await eventually(async () => (await reader.get('cached')) === null);
  } finally {
    reader.destroy();
    writer.destroy();
  }
});

test('ioredis hears of keys that are set, and that expire', async () => {
  const [listener, writer] = [new Redis(node.port), new Redis(node.port)];
  try {
    const heard: string[] = [];
    listener.on('pmessage', (_pattern, channel, message) => heard.push(`${channel} ${message}`));
    await listener.psubscribe('__keyevent@0__:*');
    await writer.set('short', 'x', 'PX', 300);
    await writer.rpush('list', 'a');
    await eventually(() => heard.includes('__keyevent@0__:expired short'));
    expect(heard).toEqual([
      '__keyevent@0__:set short',
      '__keyevent@0__:expire short',
      '__keyevent@0__:rpush list',
      '__keyevent@0__:expired short',
    ]);
  } finally {
    listener.disconnect();
    writer.disconnect();
  }
});
