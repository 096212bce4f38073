import { VirtualWorld } from '@kvartz/base/virtual';
import { expect, test } from 'vitest';
import { shown } from './support/shown.ts';
import { type TestClient, TestServer } from './support/test-server.ts';

const port = 6379;

interface Node {
  readonly server: TestServer;
  readonly client: TestClient;
}

/** So many servers in one world, each with a client. */
async function nodes(
  count: number,
  directives: Record<string, string | boolean> = {},
): Promise<{ world: VirtualWorld; all: Node[] }> {
  const world = new VirtualWorld({ seed: 7 });
  const all: Node[] = [];
  for (let i = 0; i < count; i++) {
    const server = await TestServer.start({
      world,
      host: `10.0.0.${i + 1}`,
      directives: { port, save: '', 'repl-diskless-sync-delay': '0', ...directives },
    });
    all.push({ server, client: await server.connect() });
  }
  return { world, all };
}

async function ask({ client }: Node, request: string): Promise<unknown> {
  return shown(await client.ask(...request.split(' ')));
}

/** Waits until each replica has all that its master has. */
async function settle(world: VirtualWorld, master: Node, replicas: readonly Node[]): Promise<void> {
  const isInStep = ({ server }: Node): boolean =>
    server.kernel.replication.role?.state === 'connected' &&
    server.kernel.replication.offset === master.server.kernel.replication.offset;
  await world.runUntil(() => replicas.every(isInStep), { limitMs: 60_000 });
}

async function digest(node: Node): Promise<unknown> {
  return ask(node, 'DEBUG DIGEST');
}

test('a replica takes the data set and follows', async () => {
  const { all, world } = await nodes(2);
  const [master, replica] = all;
  await ask(master, 'SET a 1');
  await ask(master, 'RPUSH l x y z');
  expect(await ask(replica, 'REPLICAOF 10.0.0.1 6379')).toBe('OK');
  await settle(world, master, [replica]);
  expect(await ask(replica, 'LRANGE l 0 -1')).toEqual(['x', 'y', 'z']);
  await ask(master, 'SELECT 3');
  await ask(master, 'SET b 2');
  await ask(master, 'INCR b');
  await settle(world, master, [replica]);
  await ask(replica, 'SELECT 3');
  expect(await ask(replica, 'GET b')).toBe('3');
  expect(await digest(replica)).toBe(await digest(master));
  expect(await ask(replica, 'SET b 7')).toBe("-READONLY You can't write against a read only replica.");
});

test('a broken link is continued from the backlog', async () => {
  const { all, world } = await nodes(2);
  const [master, replica] = all;
  await ask(replica, 'REPLICAOF 10.0.0.1 6379');
  await ask(master, 'SET a 1');
  await settle(world, master, [replica]);
  const { replication } = master.server.kernel;
  for (let i = 0; i < 5; i++) {
    replication.dropReplicas('a test');
    await ask(master, 'APPEND a x');
    await ask(master, 'PUBLISH channel message');
    await settle(world, master, [replica]);
    expect(await digest(replica)).toBe(await digest(master));
  }
  expect([replication.fullSyncs, replication.partialSyncs]).toEqual([1, 5]);
});

test('chains: a promoted middle goes on with its replica, and the old master follows it', async () => {
  const { all, world } = await nodes(3);
  const [a, b, c] = all;
  await ask(a, 'SET k 1');
  await ask(b, 'REPLICAOF 10.0.0.1 6379');
  await settle(world, a, [b]);
  await ask(c, 'REPLICAOF 10.0.0.2 6379');
  await settle(world, a, [b, c]);
  await ask(a, 'INCR k');
  await settle(world, a, [b, c]);
  expect(await ask(c, 'GET k')).toBe('2');
  expect(await ask(b, 'REPLICAOF NO ONE')).toBe('OK');
  await ask(b, 'INCR k');
  await settle(world, b, [c]);
  await ask(a, 'REPLICAOF 10.0.0.2 6379');
  await settle(world, b, [a, c]);
  expect(await ask(a, 'GET k')).toBe('3');
  for (const node of [a, c]) expect(await digest(node)).toBe(await digest(b));
  // Only the first syncs were full.
  expect(all.map(({ server }) => server.kernel.replication.fullSyncs)).toEqual([1, 1, 0]);
});

test("expiry is the master's business", async () => {
  const { all, world } = await nodes(2);
  const [master, replica] = all;
  await ask(master, 'SET k v PX 500');
  await ask(replica, 'REPLICAOF 10.0.0.1 6379');
  await settle(world, master, [replica]);
  expect(await ask(replica, 'GET k')).toBe('v');
  await world.run(300);
  // Seen as gone by the replica's clock; removed when the master says so.
  await world.run(5000);
  expect(await ask(replica, 'GET k')).toBe(null);
  expect(await ask(replica, 'DBSIZE')).toBe(0);
});

test('WAIT counts those who have it', async () => {
  const { all, world } = await nodes(3);
  const [master, b, c] = all;
  for (const node of [b, c]) await ask(node, 'REPLICAOF 10.0.0.1 6379');
  await settle(world, master, [b, c]);
  expect(await ask(master, 'WAIT 2 0')).toBe(2);
  await ask(master, 'SET k v');
  expect(await ask(master, 'WAIT 2 1000')).toBe(2);
  await ask(c, 'REPLICAOF NO ONE');
  await ask(master, 'SET k w');
  expect(await ask(master, 'WAIT 2 200')).toBe(1);
  expect(await ask(b, 'WAIT 1 0')).toContain('-ERR WAIT cannot be used with replica instances');
});

test('what each side tells of the other', async () => {
  const { all, world } = await nodes(2);
  const [master, replica] = all;
  expect(await ask(master, 'ROLE')).toEqual(['master', 0, []]);
  await ask(replica, 'REPLICAOF 10.0.0.1 6379');
  await settle(world, master, [replica]);
  await world.run(1500);
  const { offset } = master.server.kernel.replication;
  expect(await ask(master, 'ROLE')).toEqual(['master', offset, [['10.0.0.2', '6379', String(offset)]]]);
  expect(await ask(replica, 'ROLE')).toEqual(['slave', '10.0.0.1', 6379, 'connected', offset]);
  expect(await ask(master, 'INFO replication')).toContain(
    `slave0:ip=10.0.0.2,port=6379,state=online,offset=${offset},lag=`,
  );
  expect(await ask(replica, 'INFO replication')).toContain('master_link_status:up');
  expect(await ask(replica, 'CONFIG GET replicaof')).toEqual(['replicaof', '10.0.0.1 6379']);
});

test('messages travel with the stream', async () => {
  const { all, world } = await nodes(2);
  const [master, replica] = all;
  await ask(replica, 'REPLICAOF 10.0.0.1 6379');
  await settle(world, master, [replica]);
  const listener = await replica.server.connect();
  await listener.ask('SUBSCRIBE', 'news');
  await ask(master, 'PUBLISH news hello');
  expect(shown(await listener.next())).toEqual(['message', 'news', 'hello']);
});

test('a replica whose master has another history takes it over, with replicas of its own attached', async () => {
  const { all, world } = await nodes(3, { 'repl-diskless-load': 'swapdb' });
  const [a, b, c] = all;
  await ask(a, 'SET k 1');
  await ask(b, 'REPLICAOF 10.0.0.1 6379');
  await settle(world, a, [b]);
  await ask(c, 'REPLICAOF 10.0.0.2 6379');
  await settle(world, a, [b, c]);
  const { replication } = a.server.kernel;
  replication.ids.adopt('f'.repeat(40));
  replication.dropReplicas('a test');
  await ask(a, 'SET k 2');
  await settle(world, a, [b, c]);
  for (const node of [b, c]) expect(await ask(node, 'GET k')).toBe('2');
  expect(b.server.kernel.replication.ids.replId).toBe('f'.repeat(40));
});

test('a node that is promoted with half a data set shares no history with anybody', async () => {
  const { all, world } = await nodes(2);
  const [master, replica] = all;
  await ask(replica, 'REPLICAOF 10.0.0.1 6379');
  await settle(world, master, [replica]);
  const { replication } = replica.server.kernel;
  replication.forgetHistory();
  await ask(replica, 'REPLICAOF NO ONE');
  expect(replication.ids.secondId).toBeUndefined();
  expect(replication.ids.replId).not.toBe(master.server.kernel.replication.ids.replId);
});
