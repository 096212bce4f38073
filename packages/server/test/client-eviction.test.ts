import { describe, expect, test } from 'vitest';
import { clientMemory } from '../src/client-memory.ts';
import { shown } from './support/shown.ts';
import { type TestClient, TestServer } from './support/test-server.ts';

async function start(maxmemoryClients: string): Promise<TestServer> {
  return TestServer.start({ directives: { 'maxmemory-clients': maxmemoryClients } });
}

async function connect(server: TestServer, count: number): Promise<TestClient[]> {
  const clients: TestClient[] = [];
  for (let i = 0; i < count; i++) clients.push(await server.connect());
  return clients;
}

/** Begins a request of so many bytes that does not end, so that its client holds them. */
async function hold(server: TestServer, client: TestClient, bytes: number): Promise<void> {
  const text = `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${bytes + 10}\r\n${'x'.repeat(bytes)}`;
  const encoded = new TextEncoder().encode(text);
  client.connection.write(encoded, 0, encoded.length);
  await server.world.run(50);
}

async function evicted(client: TestClient): Promise<string | undefined> {
  return /evicted_clients:(\d+)/.exec((await client.ask('INFO stats')) as string)?.[1];
}

describe('maxmemory-clients', () => {
  test('the largest go, until the others keep within the limit', async () => {
    const server = await start('100mb');
    const [watcher, small, large, larger] = await connect(server, 4);
    await hold(server, small, 300_000);
    await hold(server, larger, 1_500_000);
    await hold(server, large, 1_000_000);
    const total = [...server.kernel.clients.values()].reduce((sum, client) => sum + clientMemory(client), 0);
    await watcher.ask('CONFIG', 'SET', 'maxmemory-clients', String(total + 1000));
    expect([small.isClosed, large.isClosed, larger.isClosed]).toEqual([false, false, false]);
    await server.connect();
    await server.world.run(1000);
    expect([small.isClosed, large.isClosed, larger.isClosed]).toEqual([false, false, true]);
    expect(await evicted(watcher)).toBe('1');
    expect(server.logLines.filter((line) => line.startsWith('Evicting client'))).toHaveLength(1);
    await watcher.ask('CONFIG SET maxmemory-clients 1mb');
    await server.world.run(50);
    expect([small.isClosed, large.isClosed]).toEqual([false, true]);
    await watcher.ask('CONFIG RESETSTAT');
    expect(await evicted(watcher)).toBe('0');
  });

  test('CLIENT NO-EVICT protects, and others pay', async () => {
    const server = await start('1mb');
    const [guarded, other] = await connect(server, 2);
    await guarded.ask('CLIENT NO-EVICT ON');
    await hold(server, other, 200_000);
    await hold(server, guarded, 2_000_000);
    expect([guarded.isClosed, other.isClosed]).toEqual([false, true]);
  });

  test('tot-mem of CLIENT LIST: queued commands, subscriptions, watched keys and replies that wait count', async () => {
    const server = await start('0');
    const [client, watcher] = await connect(server, 2);
    const totMem = async (): Promise<number> => {
      await server.world.run(50);
      const line = ((await watcher.ask('CLIENT LIST')) as string).split('\n')[0];
      return Number(/tot-mem=(\d+)/.exec(line)?.[1]);
    };
    const grows: number[] = [await totMem()];
    for (const request of ['HELLO 3', 'SUBSCRIBE a b c', 'WATCH k l', 'MULTI', `SET k ${'x'.repeat(100_000)}`]) {
      client.send(request);
      grows.push(await totMem());
    }
    expect(grows).toEqual(grows.toSorted((a, b) => a - b));
    expect(grows[5]).toBeGreaterThan(grows[4] + 100_000);
    expect(new Set(grows).size).toBeGreaterThanOrEqual(4);
  });

  test('a transaction that grows too large ends its client, which gets no further reply', async () => {
    const server = await start('1mb');
    const client = await server.connect();
    await client.ask('MULTI');
    for (let i = 0; i < 20 && !client.isClosed; i++) {
      client.send('SET', 'k', 'x'.repeat(100_000));
      await server.world.run(10);
    }
    expect(client.isClosed).toBe(true);
    expect(server.kernel.clients.size).toBe(0);
  });

  test('replies that nobody takes', async () => {
    const server = await start('0');
    const [client, watcher] = await connect(server, 2);
    await watcher.ask('SET', 'k', 'x'.repeat(1_000_000));
    await watcher.ask('CONFIG SET maxmemory-clients 500kb');
    client.connection.pauseReading();
    client.send('GET k');
    await server.world.run(500);
    expect(await evicted(watcher)).toBe('1');
    expect(server.kernel.clients.size).toBe(1);
  });

  test('a percentage is one of maxmemory, and none without', async () => {
    const server = await start('50%');
    const [client, watcher] = await connect(server, 2);
    await hold(server, client, 2_000_000);
    expect(client.isClosed).toBe(false);
    await watcher.ask('CONFIG SET maxmemory 2mb');
    await server.world.run(50);
    expect(client.isClosed).toBe(true);
    expect(shown(await watcher.ask('CONFIG GET maxmemory-clients'))).toEqual(['maxmemory-clients', '50%']);
  });

  test('one that closes by itself is forgotten', async () => {
    const server = await start('1mb');
    const [client, watcher] = await connect(server, 2);
    await hold(server, client, 900_000);
    client.connection.destroy();
    await server.world.run(50);
    const next = await server.connect();
    await hold(server, next, 900_000);
    expect([next.isClosed, watcher.isClosed]).toEqual([false, false]);
  });
});
