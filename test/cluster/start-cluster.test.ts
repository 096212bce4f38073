/** The library's ways to a running node and a running cluster, without processes. */
import { Cluster, Redis } from 'ioredis';
import { startCluster } from 'kvartz';
import { expect, test } from 'vitest';
import { spreadKeys } from './support/test-cluster.ts';

test('startCluster gives a cluster in this process, and takes it away', async () => {
  const running = await startCluster({ masters: 3 });
  const cluster = new Cluster([running.addresses[0]!]);
  for (const key of spreadKeys) expect(await cluster.set(key, key)).toBe('OK');
  for (const key of spreadKeys) expect(await cluster.get(key)).toBe(key);
  cluster.disconnect();
  await running.close();
  const late = new Redis({ ...running.addresses[0]!, maxRetriesPerRequest: 0, retryStrategy: null });
  late.on('error', () => {});
  await expect(late.ping()).rejects.toThrow();
});

test('two of them do not meet', async () => {
  const [one, other] = await Promise.all([startCluster({ masters: 1 }), startCluster({ masters: 2 })]);
  const sizes = one!.nodes.length + other!.nodes.length;
  expect(sizes).toBe(3);
  for (const [running, count] of [
    [one, 1],
    [other, 2],
  ] as const) {
    const redis = new Redis(running.addresses[0]!);
    expect(await redis.cluster('INFO')).toContain(`cluster_known_nodes:${count}\r\n`);
    redis.disconnect();
    await running.close();
  }
});

test('a number of masters that is none is refused', () =>
  expect(startCluster({ masters: 0 })).rejects.toThrow('masters: 0 is not a number of nodes'));
