import { expect, test } from 'vitest';
import type { TestClient } from '../support/test-server.ts';
import { AofHost } from './aof-host.ts';

/** `appendfsync always`, synced in the background, where a sync takes some tenths of a millisecond. */
async function start(seed = 1): Promise<AofHost> {
  const host = await AofHost.start({ appendfsync: 'always' }, seed);
  host.writer.pace.fix(false);
  return host;
}

test('no reply leaves before what it acknowledges is durable: power is cut at any moment', async () => {
  for (let seed = 0; seed < 60; seed++) {
    const host = await start(seed);
    const clients = [await host.server.connect(), await host.server.connect(), await host.server.connect()];
    host.writer.pace.fix(seed % 3 === 0);
    const endMs = host.world.nowMs + (seed % 30) / 5;
    let acknowledged = 0;
    let rewrites = 0;
    while (host.world.nowMs < endMs) {
      for (const client of clients) {
        client.send('INCR n');
        client.send('GET n');
      }
      if (seed % 5 === 0 && rewrites++ === 2) clients[0].send('BGREWRITEAOF');
      for (const client of clients) {
        for (const reply of await client.repliesWithin(0.1)) {
          // Reads tell of writes, too.
          const n = Number(reply);
          if (n > acknowledged) acknowledged = n;
        }
      }
    }
    await host.losePower();
    await host.restart();
    const found = Number(await (await host.server.connect()).ask('GET n'));
    expect(found, `seed ${seed}`).toBeGreaterThanOrEqual(acknowledged);
  }
});

test('the event loop goes on while a sync is under way, and one sync covers what came meanwhile', async () => {
  const host = await start();
  const clients: TestClient[] = [];
  for (let i = 0; i < 10; i++) clients.push(await host.server.connect());
  const before = host.volume.operationCount;
  for (let i = 0; i < 10; i++) for (const client of clients) client.send('INCR n');
  await host.world.run(20);
  let replies = 0;
  for (const client of clients) replies += (await client.repliesWithin(0)).length;
  expect(replies).toBe(100);
  expect(host.volume.operationCount - before).toBeLessThan(40);
  expect(host.writer.durableOffset).toBe(host.writer.appendedOffset);
});

test('what a client is pushed stays in its place among its replies', async () => {
  const host = await start();
  const subscriber = await host.server.connect();
  await subscriber.ask('HELLO 3');
  subscriber.send('SUBSCRIBE c');
  await subscriber.next();
  for (const line of ['SET a 1', 'PUBLISH c one', 'SET b 2']) subscriber.send(line);
  expect(await subscriber.repliesWithin(20)).toEqual(['OK', 1, ['message', 'c', 'one'], 'OK']);
});

test('a client that ends its side, and one that quits, get all their replies', async () => {
  const host = await start();
  const [ending, quitting] = [await host.server.connect(), await host.server.connect()];
  const [session] = host.server.kernel.clients.values();
  ending.send('INCR n');
  await host.world.runUntil(() => host.server.kernel.outputHold.isOn, { limitMs: 100 });
  session.onEnd();
  for (const line of ['INCR m', 'QUIT']) quitting.send(line);
  expect(await ending.repliesWithin(50)).toEqual([1]);
  expect(await quitting.repliesWithin(0)).toEqual([1, 'OK']);
  await host.world.run(50);
  expect([ending.isClosed, quitting.isClosed]).toEqual([true, true]);
  expect(host.server.kernel.clients.size).toBe(0);
});

test('much that waits holds its clients back, and all of it is answered', async () => {
  const host = await start();
  const client = await host.server.connect();
  await client.ask('SET', 'big', 'x'.repeat(1_000_000));
  for (let i = 0; i < 40; i++) {
    client.send('INCR n');
    client.send('GET big');
  }
  const replies = await client.repliesWithin(5000);
  expect(replies).toHaveLength(80);
  expect(replies.at(-2)).toBe(40);
});

test('appendfsync changes under load', async () => {
  for (const isInline of [true, false]) {
    const host = await start();
    host.writer.pace.fix(isInline);
    const client = await host.server.connect();
    for (let i = 0; i < 60; i++) {
      client.send('INCR n');
      if (i % 7 === 0) client.send(`CONFIG SET appendfsync ${['always', 'everysec', 'no'][(i / 7) % 3]}`);
      await host.world.run(0.1);
    }
    const replies = await client.repliesWithin(3000);
    expect(replies.filter((one) => typeof one === 'number')).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  }
});

test('everysec: a second passes without loss, and writes wait for a sync two seconds at most', async () => {
  const host = await AofHost.start({ appendfsync: 'everysec' });
  const client = await host.server.connect();
  await client.ask('SET a 1');
  await host.world.run(1500);
  await host.losePower();
  await host.restart();
  expect(await (await host.server.connect()).ask('GET a')).toBe('1');
});

test('the server ends: what was acknowledged is on the disk under any policy', async () => {
  for (const appendfsync of ['always', 'everysec', 'no']) {
    const host = await AofHost.start({ appendfsync });
    const client = await host.server.connect();
    await client.ask('SET a 1');
    client.send('SET b 2');
    client.send('SHUTDOWN NOSAVE');
    await host.world.run(500);
    expect(host.server.shutdowns.count).toBe(1);
    await host.losePower();
    await host.restart();
    expect(await (await host.server.connect()).ask('MGET a b')).toEqual(['1', '2']);
  }
});
