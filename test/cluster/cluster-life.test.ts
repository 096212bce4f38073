import { Cluster } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { spreadKeys, TestCluster } from './support/test-cluster.ts';

const clusterDown = '-CLUSTERDOWN The cluster is down';

describe('a cluster through restarts and the death of a master', () => {
  let servers: TestCluster;
  beforeAll(async () => {
    servers = await TestCluster.start();
  });
  afterAll(() => servers?.remove());

  test('every node says the same of every slot', async () => {
    const views = await Promise.all(servers.nodes.map(slotOwners));
    expect(new Set(views).size).toBe(1);
  });

  test('a node that is restarted keeps its id, its slots and its epoch', async () => {
    const node = servers.nodes[1]!;
    const id = await node.ask('CLUSTER', 'MYID');
    const owners = await slotOwners(node);
    await node.restart();
    expect(await node.ask('CLUSTER', 'MYID')).toBe(id);
    await servers.untilState('ok');
    expect(await slotOwners(node)).toBe(owners);
  });

  test('so do all of them, killed and restarted together', async () => {
    const ids = () => Promise.all(servers.nodes.map((node) => node.ask('CLUSTER', 'MYID')));
    const before = await ids();
    const owners = await slotOwners(servers.nodes[0]!);
    await Promise.all(servers.nodes.map((node) => node.end('SIGKILL')));
    await Promise.all(servers.nodes.map((node) => node.restart()));
    await servers.untilState('ok');
    expect(await ids()).toEqual(before);
    expect(await slotOwners(servers.nodes[2]!)).toBe(owners);
  });

  test('when a master dies the others say CLUSTERDOWN; when it is back, all is well', { timeout: 60_000 }, async () => {
    const cluster = new Cluster(servers.addresses, { redisOptions: { maxRetriesPerRequest: 2 } });
    cluster.on('error', () => {});
    const [first, , last] = servers.nodes;
    await last!.end('SIGKILL');
    await servers.untilState('fail');
    expect(await first!.ask('GET', 'hello')).toBe(clusterDown);
    expect(await first!.ask('SET', 'foo', 'x')).toBe(clusterDown);
    expect(await first!.ask('CLUSTER', 'NODES')).toMatch(new RegExp(`:${last!.port}@\\d+ master,fail `));

    await last!.restart();
    await servers.untilState('ok');
    for (const key of spreadKeys) expect(await cluster.set(key, 'back')).toBe('OK');
    for (const key of spreadKeys) expect(await cluster.get(key)).toBe('back');
    expect(await first!.ask('CLUSTER', 'NODES')).not.toMatch(/fail/);
    cluster.disconnect();
  });

  test('a cluster node knows one database', async () => {
    expect(await servers.nodes[0]!.ask('SELECT', '1')).toBe('-ERR SELECT is not allowed in cluster mode');
  });
});

/** CLUSTER NODES cut down to who owns what: `id slots`, sorted. */
async function slotOwners(node: { ask(...parts: string[]): Promise<string> }): Promise<string> {
  const lines = (await node.ask('CLUSTER', 'NODES')).split('\n').filter((line) => line.includes(' connected '));
  return lines
    .map((line) => line.trim().split(' '))
    .map((fields) => [fields[0], ...fields.slice(8)].join(' '))
    .toSorted()
    .join('\n');
}
