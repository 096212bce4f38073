import { createClient, createCluster } from 'redis';
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

for (const RESP of [2, 3] as const) {
  describe(`node-redis, single node, RESP${RESP}`, () => {
    const connect = (port: number) =>
      createClient({ socket: { host: '127.0.0.1', port }, RESP })
        .on('error', () => {})
        .connect();
    let redis: Awaited<ReturnType<typeof connect>>;
    beforeAll(async () => {
      redis = await connect(node.port);
      await redis.flushAll();
    });
    afterAll(() => redis?.destroy());

    test('strings: set, get, absent, options, counters', async () => {
      expect(await redis.set('greeting', 'hello')).toBe('OK');
      expect(await redis.get('greeting')).toBe('hello');
      expect(await redis.get('absent')).toBeNull();
      expect(await redis.set('greeting', 'x', { condition: 'NX' })).toBeNull();
      expect(await redis.set('greeting', 'x', { expiration: { type: 'EX', value: 60 }, GET: true })).toBe('hello');
      expect(await redis.ttl('greeting')).toBe(60);
      expect(await redis.incrBy('counter', 42)).toBe(42);
      expect(Number(await redis.incrByFloat('counter', 0.5))).toBe(42.5);
      expect(await redis.mSet({ a: '1', b: '2' })).toBe('OK');
      expect(await redis.mGet(['a', 'b', 'absent'])).toEqual(['1', '2', null]);
    });

    test('commands sent together are answered in order', async () => {
      const values = await Promise.all(
        Array.from({ length: 500 }, (_, i) => [redis.set(`p:${i}`, String(i)), redis.get(`p:${i}`)]).flat(),
      );
      for (let i = 0; i < 500; i++) expect(values[2 * i + 1]).toBe(String(i));
    });

    test('MULTI, and WATCH that breaks', async () => {
      expect(await redis.multi().set('m', '1').incr('m').get('m').exec()).toEqual(['OK', 2, '2']);
      await redis.watch('m');
      const other = await connect(node.port);
      await other.set('m', 'changed');
      other.destroy();
      await expect(redis.multi().set('m', 'mine').exec()).rejects.toThrow(/one \(or more\) of the watched keys/i);
    });

    test('an error reply rejects with its text', async () => {
      await expect(redis.sendCommand(['INCR', 'greeting'])).rejects.toThrow(
        'ERR value is not an integer or out of range',
      );
    });

    test('the scan iterator finds every key once', async () => {
      for (let i = 0; i < 300; i++) await redis.set(`scan:${i}`, '');
      const found: string[] = [];
      for await (const keys of redis.scanIterator({ MATCH: 'scan:*', COUNT: 50 })) found.push(...keys);
      expect(new Set(found).size).toBe(300);
    });

    test('COMMAND, CONFIG and CLIENT replies are of the shapes it expects', async () => {
      const get = (await redis.commandInfo(['get']))[0]!;
      expect(get.name).toBe('get');
      expect([...get.flags]).toEqual(expect.arrayContaining(['readonly', 'fast']));
      expect(await redis.configGet('maxclients')).toMatchObject({ maxclients: expect.stringMatching(/^\d+$/) });
      expect((await redis.clientInfo()).db).toBe(0);
      expect((await redis.hello()) as unknown).toMatchObject({ proto: RESP });
    });
  });

  describe(`node-redis cluster, RESP${RESP}`, () => {
    const connect = (port: number) =>
      createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }], RESP })
        .on('error', () => {})
        .connect();
    let cluster: Awaited<ReturnType<typeof connect>>;
    beforeAll(async () => {
      for (const server of servers.nodes) await server.ask('FLUSHALL');
      cluster = await connect(servers.ports[0]!);
    });
    afterAll(() => cluster?.destroy());

    test('it finds all three masters from one', () => {
      expect(cluster.masters.map((master) => master.port).toSorted()).toEqual(servers.ports.toSorted());
    });

    test('keys are set and read on all three nodes', async () => {
      for (const key of spreadKeys) expect(await cluster.set(key, `value of ${key}`)).toBe('OK');
      for (const key of spreadKeys) expect(await cluster.get(key)).toBe(`value of ${key}`);
      const sizes = await Promise.all(servers.nodes.map((server) => server.ask('DBSIZE')));
      expect(sizes).toEqual([':2', ':2', ':2']);
    });

    test('keys of several slots in one command: CROSSSLOT', async () => {
      expect(await cluster.mGet(['foo', 'hello'])).toEqual(['value of foo', 'value of hello']); // split by the client
      await expect(cluster.rename('foo', 'hello')).rejects.toThrow(
        "CROSSSLOT Keys in request don't hash to the same slot",
      );
      expect(await cluster.mSet({ '{tag}a': '1', '{tag}b': '2' })).toBe('OK');
      expect(await cluster.mGet(['{tag}a', '{tag}b'])).toEqual(['1', '2']);
    });

    test('MULTI with a hash tag', async () => {
      expect(await cluster.multi().set('{m}1', 'y').incr('{m}2').get('{m}1').exec()).toEqual(['OK', 1, 'y']);
    });
  });
}
