import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestNode } from '../cluster/support/test-node.ts';

let node: TestNode;
beforeAll(async () => {
  node = await TestNode.start();
});
afterAll(() => node?.remove());

for (const protocol of [2, 3] as const)
  describe(`consumer groups, RESP${protocol}`, () => {
    test('node-redis: what it makes of the replies', async () => {
      const client = createClient({ url: `redis://127.0.0.1:${node.port}`, RESP: protocol });
      await client.connect();
      await client.flushAll();
      await client.xGroupCreate('s', 'g', '0', { MKSTREAM: true });
      for (let i = 1; i <= 3; i++) await client.xAdd('s', `${i}-0`, { job: String(i) });
      const read = await client.xReadGroup('g', 'a', { key: 's', id: '>' }, { COUNT: 2 });
      const ids = [{ id: '1-0' }, { id: '2-0' }];
      expect(read).toMatchObject([{ name: 's', messages: ids }]);
      expect(await client.xAck('s', 'g', '1-0')).toBe(1);
      expect(await client.xPending('s', 'g')).toEqual({
        pending: 1,
        firstId: '2-0',
        lastId: '2-0',
        consumers: [{ name: 'a', deliveriesCounter: 1 }],
      });
      expect(await client.xPendingRange('s', 'g', '-', '+', 10)).toMatchObject([{ id: '2-0', deliveriesCounter: 1 }]);
      const claimed = await client.xAutoClaim('s', 'g', 'b', 0, '0');
      expect(claimed).toMatchObject({ nextId: '0-0', messages: [{ id: '2-0', message: { job: '2' } }] });
      expect(await client.xInfoGroups('s')).toMatchObject([{ name: 'g', consumers: 2, pending: 1, lag: 1 }]);
      expect(await client.xInfoConsumers('s', 'g')).toMatchObject([
        { name: 'a', pending: 0 },
        { name: 'b', pending: 1 },
      ]);
      expect(await client.xGroupDestroy('s', 'g')).toBe(1);
      client.destroy();
    });

    test('ioredis: read, wait, acknowledge, claim', async () => {
      const redis = new Redis({ port: node.port, protocol });
      await redis.flushall();
      await redis.xgroup('CREATE', 's', 'g', '$', 'MKSTREAM');
      const other = redis.duplicate();
      const waiting = other.xreadgroup('GROUP', 'g', 'a', 'BLOCK', 5000, 'STREAMS', 's', '>');
      await expect.poll(() => redis.info('clients')).toContain('blocked_clients:1');
      const id = await redis.xadd('s', '*', 'job', '1');
      const entries = [[id, ['job', '1']]];
      expect(JSON.stringify(await waiting)).toContain(JSON.stringify(entries));
      expect(await redis.xclaim('s', 'g', 'b', 0, id!)).toEqual(entries);
      expect(await redis.xack('s', 'g', id!)).toBe(1);
      expect(await redis.xpending('s', 'g')).toEqual([0, null, null, null]);
      redis.disconnect();
      other.disconnect();
    });
  });
