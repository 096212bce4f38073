import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { spreadKeys, TestCluster } from './support/test-cluster.ts';
import { TestNode } from './support/test-node.ts';

let node: TestNode;
let servers: TestCluster;
beforeAll(async () => {
  node = await TestNode.start();
  servers = await TestCluster.start();
});
afterAll(async () => {
  await node?.remove();
  await servers?.remove();
});

for (const protocol of [2, 3] as const) {
  describe(`ioredis, single node, RESP${protocol}`, () => {
    let redis: Redis;
    beforeAll(async () => {
      redis = new Redis({ port: node.port, protocol, maxRetriesPerRequest: 1 });
      await redis.flushall();
    });
    afterAll(() => redis?.disconnect());

    test('strings: set, get, absent, options, counters', async () => {
      expect(await redis.set('greeting', 'hello')).toBe('OK');
      expect(await redis.get('greeting')).toBe('hello');
      expect(await redis.get('absent')).toBeNull();
      expect(await redis.set('greeting', 'again', 'NX')).toBeNull();
      expect(await redis.set('greeting', 'again', 'PX', 60_000, 'XX', 'GET')).toBe('hello');
      expect(await redis.pttl('greeting')).toBeGreaterThan(50_000);
      expect(await redis.incrby('counter', 41)).toBe(41);
      expect(await redis.incr('counter')).toBe(42);
      expect(await redis.mset('a', '1', 'b', '2')).toBe('OK');
      expect(await redis.mget('a', 'b', 'absent')).toEqual(['1', '2', null]);
    });

    test('bytes that are no text survive', async () => {
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
      await redis.set(bytes, bytes);
      expect(await redis.getBuffer(bytes)).toEqual(bytes);
    });

    test('a value of a megabyte comes back as it was', async () => {
      const value = 'kvartz '.repeat(150_000);
      await redis.set('large', value);
      expect(await redis.get('large')).toBe(value);
    });

    test('a pipeline of a thousand commands is answered in order', async () => {
      const pipeline = redis.pipeline();
      for (let i = 0; i < 500; i++) pipeline.set(`p:${i}`, i).get(`p:${i}`);
      const replies = await pipeline.exec();
      expect(replies).toHaveLength(1000);
      for (let i = 0; i < 500; i++) expect(replies![2 * i + 1]).toEqual([null, String(i)]);
    });

    test('a command without a pipeline per call: auto-pipelining', async () => {
      const automatic = redis.duplicate({ enableAutoPipelining: true });
      const values = await Promise.all(Array.from({ length: 100 }, (_, i) => automatic.set(`auto:${i}`, i)));
      expect(new Set(values)).toEqual(new Set(['OK']));
      automatic.disconnect();
    });

    test('MULTI: all replies at once, errors among them; DISCARD; WATCH', async () => {
      const replies = await redis.multi().set('m', 'x').incr('m').get('m').exec();
      expect(replies![0]).toEqual([null, 'OK']);
      expect(replies![1]![0]!.message).toBe('ERR value is not an integer or out of range');
      expect(replies![2]).toEqual([null, 'x']);

      await redis.watch('m');
      const other = redis.duplicate();
      await other.set('m', 'changed');
      other.disconnect();
      expect(await redis.multi().set('m', 'mine').exec()).toBeNull();
      expect(await redis.get('m')).toBe('changed');
    });

    test('an error reply rejects with its text', async () => {
      await expect(redis.call('NOSUCHCOMMAND', 'x')).rejects.toThrow(
        "ERR unknown command 'NOSUCHCOMMAND', with args beginning with: 'x'",
      );
      await expect(redis.call('GET')).rejects.toThrow("ERR wrong number of arguments for 'get' command");
    });

    test('a scan stream finds every key once', async () => {
      await redis.select(5);
      for (let i = 0; i < 500; i++) await redis.set(`scan:${i}`, i);
      const found: string[] = [];
      for await (const keys of redis.scanStream({ match: 'scan:*', count: 50 })) found.push(...(keys as string[]));
      expect(new Set(found).size).toBe(500);
      expect(await redis.dbsize()).toBe(500);
      await redis.flushdb();
      await redis.select(0);
    });

    test('INFO and CLIENT tell who is there', async () => {
      expect(await redis.info('server')).toMatch(/tcp_port:\d+/);
      await redis.client('SETNAME', 'ioredis-test');
      expect(await redis.client('GETNAME')).toBe('ioredis-test');
      expect(await redis.client('LIST')).toMatch(/name=ioredis-test .*cmd=client/);
    });
  });
}

for (const protocol of [2, 3] as const) {
  describe(`ioredis Cluster, RESP${protocol}`, () => {
    let cluster: Cluster;
    beforeAll(async () => {
      for (const server of servers.nodes) await server.ask('FLUSHALL');
      cluster = new Cluster([servers.addresses[0]!], { redisOptions: { protocol } });
    });
    afterAll(() => cluster?.disconnect());

    test('it finds all three masters from one', async () => {
      await cluster.ping();
      const ports = cluster.nodes('master').map((client) => client.options.port);
      expect(ports.toSorted()).toEqual(servers.ports.toSorted());
    });

    test('keys are set and read on all three nodes', async () => {
      for (const key of spreadKeys) expect(await cluster.set(key, `value of ${key}`)).toBe('OK');
      for (const key of spreadKeys) expect(await cluster.get(key)).toBe(`value of ${key}`);
      const sizes = await Promise.all(servers.nodes.map((server) => server.ask('DBSIZE')));
      expect(sizes).toEqual([':2', ':2', ':2']);
    });

    test('a command at the wrong node is answered with MOVED, which a plain client shows', async () => {
      const wrong = new Redis({ port: servers.ports[0]!, protocol });
      await expect(wrong.get('foo')).rejects.toThrow(`MOVED 12182 127.0.0.1:${servers.ports[2]}`);
      wrong.disconnect();
    });

    test('keys of several slots in one command: CROSSSLOT; with a hash tag they go together', async () => {
      await expect(cluster.mset('foo', '1', 'hello', '2')).rejects.toThrow(
        "CROSSSLOT Keys in request don't hash to the same slot",
      );
      expect(await cluster.mset('{tag}a', '1', '{tag}b', '2')).toBe('OK');
      expect(await cluster.mget('{tag}a', '{tag}b')).toEqual(['1', '2']);
      expect(await cluster.del('{tag}a', '{tag}b')).toBe(2);
    });

    test('a pipeline within one slot, and MULTI with a hash tag', async () => {
      const replies = await cluster.pipeline().set('{p}1', 'x').incr('{p}n').get('{p}1').exec();
      expect(replies).toEqual([
        [null, 'OK'],
        [null, 1],
        [null, 'x'],
      ]);
      expect(await cluster.multi().set('{m}1', 'y').get('{m}1').exec()).toEqual([
        [null, 'OK'],
        [null, 'y'],
      ]);
    });
  });
}
