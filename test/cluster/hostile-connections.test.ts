/** Clients that do not read, do not leave, or are too many: bounded memory, and the others are served. */
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { probeDuring } from './support/probe.ts';
import { RawClient, request } from './support/raw-client.ts';
import { TestNode } from './support/test-node.ts';

const mebibyte = 1024 * 1024;
const aMoment = 1000; // more than this no other client may wait for the node itself
const isRedis = process.env['KVARTZ_NODE']?.includes('redis-server') ?? false;

let node: TestNode | undefined;
let clients: RawClient[] = [];
const start = async (...directives: string[]) => (node = await TestNode.start(directives));
const connect = async (server: TestNode) => {
  const client = await server.connect();
  clients.push(client);
  return client;
};
afterEach(async () => {
  for (const client of clients) client.close();
  clients = [];
  await node?.remove();
});
afterAll(() => node?.remove());

describe('clients that never read', () => {
  // Redis lets the output of normal clients grow without a limit; we stop reading from who does not read.
  test.skipIf(isRedis)(
    'with default limits: memory stays bounded, and who reads at last gets every reply',
    async () => {
      const server = await start();
      await server.ask('SET', 'large', 'v'.repeat(mebibyte));
      const before = server.residentBytes;
      const count = 500; // half a gigabyte of replies
      const greedy = await connect(server);
      greedy.socket.pause();
      const { slowestOwnMs } = await probeDuring(server, async () => {
        greedy.send(request('GET', 'large').repeat(count));
        await sleep(2000);
      });
      expect(slowestOwnMs).toBeLessThan(aMoment);
      expect(server.residentBytes - before).toBeLessThan(200 * mebibyte);

      let receivedBytes = 0;
      greedy.socket.removeAllListeners('data');
      greedy.socket.on('data', (text) => (receivedBytes += text.length)).resume();
      const expectedBytes = count * `$${mebibyte}\r\n\r\n`.length + count * mebibyte;
      const deadline = performance.now() + 30_000;
      while (receivedBytes < expectedBytes && performance.now() < deadline) await sleep(20);
      expect(receivedBytes).toBe(expectedBytes);
      expect(server.residentBytes - before).toBeLessThan(300 * mebibyte);
    },
  );

  test('a hundred of them with small replies', async () => {
    const server = await start();
    const before = server.residentBytes;
    for (let i = 0; i < 100; i++) (await connect(server)).socket.pause();
    const { slowestOwnMs } = await probeDuring(server, async () => {
      for (const client of clients) client.send(request('PING').repeat(50_000));
      await sleep(1500);
    });
    expect(slowestOwnMs).toBeLessThan(aMoment);
    expect(server.residentBytes - before).toBeLessThan(200 * mebibyte);
  });

  // As clients without threads do: they would wait for us for ever if we waited for them.
  test('a client that writes a whole pipeline before it reads the first reply', { timeout: 60_000 }, async () => {
    const server = await start();
    await server.ask('SET', 'small', 'v'.repeat(1024));
    const before = server.residentBytes;
    const count = 200_000;
    const whole = await connect(server);
    whole.socket.pause();
    whole.send(request('GET', 'small').repeat(count));
    const deadline = performance.now() + 30_000;
    while (whole.socket.writableLength > 0 && performance.now() < deadline) await sleep(20);
    expect(whole.socket.writableLength).toBe(0);
    if (!isRedis) expect(server.residentBytes - before).toBeLessThan(100 * mebibyte);

    let receivedBytes = 0;
    whole.socket.removeAllListeners('data');
    whole.socket.on('data', (text) => (receivedBytes += text.length)).resume();
    const expectedBytes = count * ('$1024\r\n\r\n'.length + 1024);
    while (receivedBytes < expectedBytes && performance.now() < deadline) await sleep(20);
    expect(receivedBytes).toBe(expectedBytes);
  });

  test('client-output-buffer-limit, hard: the connection is closed', async () => {
    const server = await start('--client-output-buffer-limit', 'normal 8mb 0 0');
    await server.ask('SET', 'large', 'v'.repeat(mebibyte));
    const greedy = await connect(server);
    greedy.socket.pause();
    greedy.send(request('GET', 'large').repeat(100));
    await sleep(300);
    greedy.socket.resume();
    const received = await greedy.untilClosed();
    expect(received.length).toBeLessThan(90 * mebibyte);
    await server.expectAlive();
  });

  test('client-output-buffer-limit, soft: the connection is closed once its time is over', async () => {
    const server = await start('--client-output-buffer-limit', 'normal 0 1mb 1');
    await server.ask('SET', 'large', 'v'.repeat(mebibyte));
    const greedy = await connect(server);
    greedy.socket.pause();
    greedy.send(request('GET', 'large').repeat(20));
    await sleep(300);
    expect(await server.ask('CLIENT', 'LIST')).toContain(`:${greedy.socket.localPort} `);
    await untilGone(server, greedy, 6000);
  });

  test('a subscriber that does not read is closed at the hard limit of its class; the others get every message', async () => {
    const server = await start('--client-output-buffer-limit', 'pubsub 8mb 0 0');
    const before = server.residentBytes;
    const [slow, quick, publisher] = [await connect(server), await connect(server), await connect(server)];
    for (const client of [slow, quick]) expect(await client.ask('SUBSCRIBE', 'ch')).toMatch(/^\*3\r\n/);
    slow.socket.pause();
    const payload = 'v'.repeat(mebibyte);
    const sizeOfMessage = `*3\r\n$7\r\nmessage\r\n$2\r\nch\r\n$${mebibyte}\r\n${payload}\r\n`.length;
    await quick.until((text) => text.endsWith(':1\r\n'));
    const confirmed = quick.received.length;
    for (let i = 0; i < 100; i++) await publisher.ask('PUBLISH', 'ch', payload);
    await quick.until((text) => text.length >= confirmed + 100 * sizeOfMessage);
    await untilGone(server, slow, 5000);
    expect(await publisher.ask('PUBLISH', 'ch', 'x')).toBe(':1');
    expect(await server.ask('INFO', 'stats')).toContain('client_output_buffer_limit_disconnections:1\r\n');
    if (!isRedis) expect(server.residentBytes - before).toBeLessThan(100 * mebibyte);
    slow.socket.resume();
    expect((await slow.untilClosed()).length).toBeLessThan(90 * mebibyte);
  });

  test('and at the soft limit once its time is over, though nothing more is published', async () => {
    const server = await start('--client-output-buffer-limit', 'pubsub 0 1mb 1');
    const [slow, publisher] = [await connect(server), await connect(server)];
    await slow.ask('SUBSCRIBE', 'ch');
    slow.socket.pause();
    for (let i = 0; i < 20; i++) await publisher.ask('PUBLISH', 'ch', 'v'.repeat(mebibyte));
    await sleep(300);
    expect(await publisher.ask('PUBSUB', 'NUMSUB', 'ch')).toMatch(/^\*2/);
    expect(await server.ask('CLIENT', 'LIST')).toContain(`:${slow.socket.localPort} `);
    await untilGone(server, slow, 6000);
    await server.expectAlive();
  });

  test('a slow reader gets everything, in order', async () => {
    const server = await start();
    const value = Array.from({ length: 200_000 }, (_, i) => String(i)).join(' ');
    await server.ask('SET', 'large', value);
    const slow = await connect(server);
    slow.socket.pause();
    slow.send(request('GET', 'large').repeat(10) + request('PING'));
    for (let i = 0; i < 20; i++) {
      await sleep(20);
      slow.socket.read(50_000);
    }
    slow.socket.resume();
    const reply = `$${value.length}\r\n${value}\r\n`;
    const all = await slow.until((text) => text.endsWith('+PONG\r\n'));
    expect(all === `${reply.repeat(10)}+PONG\r\n`).toBe(true);
  });

  // Redis drops what a client that has ended its side has not yet been sent.
  test.skipIf(isRedis)('a slow reader gets what it asked for before it ended its side', async () => {
    const server = await start();
    const value = 'v'.repeat(mebibyte);
    await server.ask('SET', 'large', value);
    const slow = await connect(server);
    slow.socket.pause();
    slow.send(request('GET', 'large').repeat(30) + request('PING'));
    slow.socket.end();
    await sleep(200);
    slow.socket.resume();
    const all = await slow.untilClosed();
    expect(all === `${`$${mebibyte}\r\n${value}\r\n`.repeat(30)}+PONG\r\n`).toBe(true);
  });

  test('two hundred clients that go away in the middle of their replies', async () => {
    const server = await start();
    await server.ask('SET', 'large', 'v'.repeat(mebibyte));
    const { slowestOwnMs } = await probeDuring(server, async () => {
      for (let i = 0; i < 200; i++) {
        const client = await connect(server);
        client.send(request('GET', 'large').repeat(5));
        await client.until((text) => text !== '');
        client.socket.resetAndDestroy();
      }
    });
    expect(slowestOwnMs).toBeLessThan(aMoment);
    await server.expectAlive();
    await untilClients(server, 1);
  });
});

describe('too many clients', () => {
  test('maxclients: one more gets the error and is closed; there is room again when somebody leaves', async () => {
    const server = await start('--maxclients', '50');
    for (let i = 0; i < 50; i++) expect(await (await connect(server)).ask('PING')).toBe('+PONG');
    for (let i = 0; i < 100; i++) {
      const refused = await connect(server);
      expect(await refused.untilClosed()).toBe('-ERR max number of clients reached\r\n');
    }
    expect(await clients[0]!.ask('PING')).toBe('+PONG');
    clients[1]!.close();
    await sleep(100);
    expect(await (await connect(server)).ask('PING')).toBe('+PONG');
    expect(await clients[0]!.ask('INFO', 'stats')).toContain('rejected_connections:100\r\n');
  });

  test('four thousand idle connections cost little, and one more is served', { timeout: 60_000 }, async () => {
    const server = await start();
    const before = server.residentBytes;
    const count = 4000;
    while (clients.length < count) await Promise.all(Array.from({ length: 100 }, () => connect(server)));
    expect(await clients.at(-1)!.ask('PING')).toBe('+PONG');
    const perConnection = (server.residentBytes - before) / count;
    expect(perConnection).toBeLessThan(25_000);
    const { slowestOwnMs } = await probeDuring(server, async () => {
      for (const client of clients) client.close();
      await sleep(500);
    });
    expect(slowestOwnMs).toBeLessThan(aMoment);
    await untilClients(server, 1);
  });

  test('timeout: who is idle is closed, who is not stays', async () => {
    const server = await start('--timeout', '1');
    const idle = await connect(server);
    const busy = await connect(server);
    const until = performance.now() + 5000;
    while (!idle.isClosed && performance.now() < until) {
      expect(await busy.ask('PING')).toBe('+PONG');
      await sleep(200);
    }
    expect(idle.isClosed).toBe(true);
    expect(busy.isClosed).toBe(false);
  });
});

describe('protected mode', () => {
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find((address) => address.family === 'IPv4' && !address.internal)?.address;
  const name = 'this machine has no address but the loopback one';

  test.skipIf(outside === undefined)(
    `a peer from outside is denied without a password (skipped when ${name})`,
    async () => {
      const server = await start();
      const client = await RawClient.connect(server.port, outside);
      clients.push(client);
      const answer = await client.untilClosed();
      expect(answer).toMatch(/^-DENIED \w+ is running in protected mode because protected mode is enabled/);
      expect(answer.endsWith('\r\n')).toBe(true);
      await server.expectAlive();
    },
  );

  test.skipIf(outside === undefined)(
    `with a password, or without protected mode, it is not (skipped when ${name})`,
    async () => {
      for (const [directives, reply] of [
        [['--requirepass', 'secret'], '-NOAUTH Authentication required.'],
        [['--protected-mode', 'no'], '+PONG'],
      ] as const) {
        const server = await start(...directives);
        const client = await RawClient.connect(server.port, outside);
        clients.push(client);
        expect(await client.ask('PING')).toBe(reply);
        await server.remove();
      }
    },
  );
});

/** Until the server no longer lists the client. */
async function untilGone(server: TestNode, client: RawClient, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while ((await server.ask('CLIENT', 'LIST')).includes(`:${client.socket.localPort} `)) {
    if (performance.now() > deadline) throw new Error(`the client is still there after ${timeoutMs} ms`);
    await sleep(50);
  }
}

/** Until the server counts that many clients, the asking one among them. */
async function untilClients(server: TestNode, count: number): Promise<void> {
  const deadline = performance.now() + 5000;
  for (;;) {
    const info = await server.ask('INFO', 'clients');
    if (info.includes(`connected_clients:${count}\r\n`)) return;
    if (performance.now() > deadline) throw new Error(`not down to ${count} clients:\n${info}`);
    await sleep(50);
  }
}
