/** Clients whose requests are wrong, endless or half: the server answers as Redis does, closes, and lives. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { probeDuring } from './support/probe.ts';
import { request } from './support/raw-client.ts';
import { TestNode } from './support/test-node.ts';

const mebibyte = 1024 * 1024;
const aMoment = 1000; // more than this no other client may wait for the node itself

describe('requests that no client should send', () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await TestNode.start();
  });
  afterAll(() => node?.remove());

  for (const [what, sent, reply] of [
    ['letters for a multibulk length', '*abc\r\n', '-ERR Protocol error: invalid multibulk length\r\n'],
    ['a multibulk length above the limit', '*2147483648\r\n', '-ERR Protocol error: invalid multibulk length\r\n'],
    ['no $ before a bulk', '*1\r\n#3\r\nGET\r\n', "-ERR Protocol error: expected '$', got '#'\r\n"],
    ['a negative bulk length', '*1\r\n$-1\r\n', '-ERR Protocol error: invalid bulk length\r\n'],
    ['a bulk length above 512 MB', '*1\r\n$536870913\r\n', '-ERR Protocol error: invalid bulk length\r\n'],
    ['letters for a bulk length', '*1\r\n$1x\r\n', '-ERR Protocol error: invalid bulk length\r\n'],
    ['an inline request with an open quote', 'SET k "v\r\n', '-ERR Protocol error: unbalanced quotes in request\r\n'],
    ['an inline request without an end', 'x'.repeat(70_000), '-ERR Protocol error: too big inline request\r\n'],
    [
      'a multibulk length without an end',
      `*${'1'.repeat(70_000)}`,
      '-ERR Protocol error: too big mbulk count string\r\n',
    ],
    [
      'a bulk length without an end',
      `*1\r\n$${'1'.repeat(70_000)}`,
      '-ERR Protocol error: too big bulk count string\r\n',
    ],
  ] as const)
    test(`${what}: a protocol error, and the connection closes`, async () => {
      const client = await node.connect();
      client.send(sent);
      expect(await client.untilClosed()).toBe(reply);
      await node.expectAlive();
    });

  test('what was right before the mistake is answered first', async () => {
    const client = await node.connect();
    client.send(`${request('SET', 'k', 'v')}${request('GET', 'k')}*x\r\n${request('PING')}`);
    expect(await client.untilClosed()).toBe('+OK\r\n$1\r\nv\r\n-ERR Protocol error: invalid multibulk length\r\n');
  });

  test('a browser that was talked into posting to us is cut off before its body counts', async () => {
    const client = await node.connect();
    client.send(`POST / HTTP/1.1\r\nHost: localhost\r\n\r\nSET posted yes\r\n`);
    await client.untilClosed();
    expect(await node.ask('EXISTS', 'posted')).toBe(':0');
  });

  test('random bytes on two hundred connections', { timeout: 60_000 }, async () => {
    const random = lcg(20_260_101);
    const { slowestOwnMs } = await probeDuring(node, async () => {
      for (let i = 0; i < 200; i++) {
        const client = await node.connect();
        const length = 1 + Math.floor(random() * 5000);
        client.send(Array.from({ length }, () => String.fromCharCode(Math.floor(random() * 256))).join(''));
        client.socket.end();
        await client.untilClosed();
      }
    });
    expect(slowestOwnMs).toBeLessThan(aMoment);
    await node.expectAlive();
  });

  test('requests cut off at every byte, and connections that are reset', async () => {
    const whole = request('SET', 'cut', 'value');
    for (let length = 1; length < whole.length; length++) {
      const client = await node.connect();
      client.send(whole.slice(0, length));
      if (length % 2 === 0) client.socket.end();
      else client.socket.resetAndDestroy();
    }
    await sleep(50);
    expect(await node.ask('EXISTS', 'cut')).toBe(':0');
  });

  test('one byte at a time on a hundred connections: all are answered, nobody else waits', async () => {
    const clients = await Promise.all(Array.from({ length: 100 }, () => node.connect()));
    const { slowestOwnMs, pings } = await probeDuring(node, async () => {
      for (const byte of request('SET', 'slow', 'x')) {
        for (const client of clients) client.send(byte);
        await sleep(50);
      }
      for (const client of clients) expect(await client.until((text) => text !== '')).toBe('+OK\r\n');
    });
    for (const client of clients) client.close();
    expect(pings).toBeGreaterThan(10);
    expect(slowestOwnMs).toBeLessThan(aMoment);
  });

  test('huge lengths that are only declared cost no memory', async () => {
    const before = node.residentBytes;
    const clients = await Promise.all(Array.from({ length: 100 }, () => node.connect()));
    for (const [i, client] of clients.entries())
      client.send(i % 2 === 0 ? '*2\r\n$3\r\nGET\r\n$536870912\r\nonly this' : '*1048576\r\n$3\r\nDEL\r\n$1\r\nk\r\n');
    await sleep(300);
    await node.expectAlive();
    expect(node.residentBytes - before).toBeLessThan(100 * mebibyte);
    for (const client of clients) client.close();
  });

  test('a half-closed connection still gets its replies', async () => {
    const client = await node.connect();
    client.send(request('SET', 'half', 'closed') + request('GET', 'half'));
    client.socket.end();
    expect(await client.untilClosed()).toBe('+OK\r\n$6\r\nclosed\r\n');
  });
});

describe('limits that are set', () => {
  let node: TestNode | undefined;
  const start = async (...directives: string[]) => {
    await node?.remove();
    return (node = await TestNode.start(directives));
  };
  afterAll(() => node?.remove());

  test('before AUTH a request has at most 10 parts of 16384 bytes', async () => {
    const server = await start('--requirepass', 'secret');
    for (const [sent, reply] of [
      ['*11\r\n', '-ERR Protocol error: unauthenticated multibulk length\r\n'],
      ['*2\r\n$4\r\nAUTH\r\n$16385\r\n', '-ERR Protocol error: unauthenticated bulk length\r\n'],
    ] as const) {
      const client = await server.connect();
      client.send(sent);
      expect(await client.untilClosed()).toBe(reply);
    }
    const client = await server.connect();
    expect(await client.ask('GET', 'k')).toBe('-NOAUTH Authentication required.');
    expect(await client.ask('AUTH', 'guess')).toBe('-WRONGPASS invalid username-password pair or user is disabled.');
    expect(await client.ask('AUTH', 'secret')).toBe('+OK');
    expect(await client.ask('SET', 'k', 'v'.repeat(20_000))).toBe('+OK');
    client.close();
  });

  test('client-query-buffer-limit: an unfinished request above it closes the connection', async () => {
    const server = await start('--client-query-buffer-limit', '1mb');
    const client = await server.connect();
    client.send(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${4 * mebibyte}\r\n${'v'.repeat(3 * mebibyte)}`);
    expect(await client.untilClosed()).toBe('');
    expect(await server.ask('EXISTS', 'k')).toBe(':0');
    await server.expectAlive();
  });

  test('proto-max-bulk-len: a longer bulk is a protocol error', async () => {
    const server = await start('--proto-max-bulk-len', '2mb');
    const client = await server.connect();
    expect(await client.ask('SET', 'k', 'v'.repeat(2 * mebibyte))).toBe('+OK');
    client.send(`*2\r\n$4\r\nECHO\r\n$${2 * mebibyte + 1}\r\n`);
    expect(await client.untilClosed()).toMatch(/-ERR Protocol error: invalid bulk length\r\n$/);
  });
});

/** Numbers in [0, 1), the same in every run. */
function lcg(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}
