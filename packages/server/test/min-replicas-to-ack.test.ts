import { VirtualWorld } from '@kvartz/base/virtual';
import { expect, test } from 'vitest';
import { shown } from './support/shown.ts';
import { type TestClient, TestServer } from './support/test-server.ts';

const refusal = expect.stringMatching(/^-NOREPLICAS fewer than 2 replicas have acknowledged the write within 500 ms/);

/** A master and two replicas that follow it. */
async function trio(directives: Record<string, string> = {}) {
  const world = new VirtualWorld({ seed: 3 });
  const servers: TestServer[] = [];
  for (let i = 1; i <= 3; i++) {
    servers.push(
      await TestServer.start({
        world,
        host: `10.0.0.${i}`,
        directives: {
          port: '6379',
          save: '',
          'repl-diskless-sync-delay': '0',
          ...(i > 1 && { replicaof: '10.0.0.1 6379' }),
          ...directives,
        },
      }),
    );
  }
  const [master, ...replicas] = servers;
  await world.runUntil(() => replicas.every(({ kernel }) => kernel.replication.role?.state === 'connected'), {
    limitMs: 20_000,
  });
  const client = await master.connect();
  expect(
    shown(await client.ask('CONFIG', 'SET', 'min-replicas-to-ack', '2', 'min-replicas-to-ack-timeout', '500')),
  ).toBe('OK');
  return { world, master, replicas, client };
}

/** All at once. */
async function pipeline(client: TestClient, requests: readonly string[], waitMs: number): Promise<unknown[]> {
  for (const request of requests) client.send(request);
  return (await client.repliesWithin(waitMs)).map(shown);
}

test('a write is answered when the replicas have it', async () => {
  const { client, replicas } = await trio();
  expect(await client.ask('SET', 'k', 'v')).toBe('OK');
  for (const { kernel } of replicas) expect(kernel.databases[0].keyCount).toBe(1);
  expect(await pipeline(client, ['SET k w', 'GET k', 'INCR n', 'MULTI', 'INCR n', 'EXEC', 'GET n'], 100)).toEqual([
    'OK',
    'w',
    1,
    'OK',
    'QUEUED',
    [2],
    '2',
  ]);
});

test('on their disks, if that is asked for', async () => {
  const { client, replicas, world } = await trio({ appendonly: 'yes', appendfsync: 'everysec' });
  await world.run(2000);
  await client.ask('CONFIG', 'SET', 'min-replicas-to-ack-level', 'fsync', 'min-replicas-to-ack-timeout', '5000');
  expect(await client.ask('SET', 'k', 'v')).toBe('OK');
  for (const { kernel } of replicas) {
    const { appendedOffset, durableOffset } = kernel.persistence.appendOnlyFile.writer;
    expect(durableOffset).toBe(appendedOffset);
  }
});

test('without enough replicas writes are refused after a time, in their order, and others go on', async () => {
  const { client, master, replicas, world } = await trio();
  await world.complete(replicas[1].kernel.stop());
  const other = await master.connect();
  expect(await pipeline(client, ['GET k', 'SET k v', 'GET k', 'INCR n', 'PING'], 300)).toEqual([null]);
  expect(await other.ask('GET', 'k')).toBe('v');
  expect((await client.repliesWithin(400)).map(shown)).toEqual([refusal, 'v', refusal, 'PONG']);
  expect(await pipeline(client, ['GET k', 'MULTI', 'GET k', 'EXEC'], 300)).toEqual(['v', 'OK', 'QUEUED', ['v']]);
  expect(await pipeline(client, ['MULTI', 'SET k w', 'GET k', 'EXEC'], 700)).toEqual([
    'OK',
    'QUEUED',
    'QUEUED',
    refusal,
  ]);
});

test('a master that is made a replica acknowledges nothing more', async () => {
  const { client, master, replicas, world } = await trio({});
  for (const { kernel } of replicas) await world.complete(kernel.stop());
  const operator = await master.connect();
  client.send('SET k v');
  await world.run(50);
  await operator.ask('REPLICAOF', '10.0.0.9', '6379');
  expect((await client.repliesWithin(20)).map(shown)).toEqual([refusal]);
});

test('a client that was served by another one waits for its own write', async () => {
  const { client, master } = await trio();
  const waiter = await master.connect();
  waiter.send('BLPOP list 0');
  await waiter.repliesWithin(10);
  expect(await client.ask('RPUSH', 'list', 'x')).toBe(1);
  expect(shown(await waiter.next())).toEqual(['list', 'x']);
  expect(master.kernel.replication.replicas.size).toBe(2);
});

test('a client that ends gets its replies first', async () => {
  const { client } = await trio();
  expect(await pipeline(client, ['SET k v', 'QUIT'], 200)).toEqual(['OK', 'OK']);
  expect(client.isClosed).toBe(true);
});

test('a client that sends without reading is not held in memory without end', async () => {
  const { client, master, replicas, world } = await trio();
  await client.ask('SET', 'large', 'x'.repeat(100_000));
  for (const { kernel } of replicas) await world.complete(kernel.stop());
  for (let i = 0; i < 100; i++) client.send(i % 2 === 0 ? 'INCR n' : 'GET large');
  await world.run(300);
  const [held] = [...master.kernel.clients.values()].filter(({ unacked }) => unacked !== undefined);
  expect(held.unacked!.heldBytes).toBeLessThan(2_000_000);
  const replies = (await client.repliesWithin(60_000)).map(shown);
  expect(replies.length).toBe(100);
  expect(replies.filter((reply) => String(reply).startsWith('-NOREPLICAS')).length).toBe(50);
});

test('a master that nobody has followed yet acknowledges nothing', async () => {
  const server = await TestServer.start({
    directives: { port: '6379', save: '', 'min-replicas-to-ack': '2', 'min-replicas-to-ack-timeout': '500' },
  });
  const client = await server.connect();
  expect(await pipeline(client, ['SET k v', 'GET k'], 700)).toEqual([refusal, 'v']);
});
