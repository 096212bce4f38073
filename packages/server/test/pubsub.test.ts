import { VirtualWorld } from '@kvartz/base/virtual';
import { describe, expect, test } from 'vitest';
import { shown } from './support/shown.ts';
import { type TestClient, TestServer } from './support/test-server.ts';

async function all(client: TestClient, count: number): Promise<unknown[]> {
  const replies: unknown[] = [];
  for (let i = 0; i < count; i++) replies.push(shown(await client.next()));
  return replies;
}

/** Sends the request and takes this many replies. */
async function ask(client: TestClient, request: string, count = 1): Promise<unknown[]> {
  client.send(request);
  return all(client, count);
}

async function some(count: number): Promise<[TestServer, ...TestClient[]]> {
  const server = await TestServer.start();
  const clients: TestClient[] = [];
  for (let i = 0; i < count; i++) clients.push(await server.connect());
  return [server, ...clients];
}

describe('channels', () => {
  test('every subscriber gets what is published, and nobody else', async () => {
    const [, a, b, c] = await some(3);
    expect(await ask(a, 'SUBSCRIBE news sport', 2)).toEqual([
      ['subscribe', 'news', 1],
      ['subscribe', 'sport', 2],
    ]);
    await ask(b, 'SUBSCRIBE news');
    expect(await c.ask('PUBLISH news hello')).toBe(2);
    expect(await c.ask('PUBLISH weather rain')).toBe(0);
    expect(await all(a, 1)).toEqual([['message', 'news', 'hello']]);
    expect(await all(b, 1)).toEqual([['message', 'news', 'hello']]);
    expect(await ask(b, 'UNSUBSCRIBE')).toEqual([['unsubscribe', 'news', 0]]);
    expect(await c.ask('PUBLISH news again')).toBe(1);
    expect(await b.repliesWithin(100)).toEqual([]);
  });

  test('patterns match whole names; one message may come several times', async () => {
    const [, a, b] = await some(2);
    await ask(a, 'PSUBSCRIBE n?ws* *', 2);
    await ask(a, 'SUBSCRIBE news');
    expect(await b.ask('PUBLISH news hello')).toBe(3);
    expect(await all(a, 3)).toEqual([
      ['message', 'news', 'hello'],
      ['pmessage', 'n?ws*', 'news', 'hello'],
      ['pmessage', '*', 'news', 'hello'],
    ]);
    expect(await ask(a, 'PUNSUBSCRIBE', 2)).toEqual([
      ['punsubscribe', 'n?ws*', 2],
      ['punsubscribe', '*', 1],
    ]);
    expect(await ask(a, 'PUNSUBSCRIBE')).toEqual([['punsubscribe', null, 1]]);
  });

  test('shard channels are apart from the others', async () => {
    const [, a, b] = await some(2);
    expect(await ask(a, 'SSUBSCRIBE ch')).toEqual([['ssubscribe', 'ch', 1]]);
    expect(await ask(a, 'SUBSCRIBE ch')).toEqual([['subscribe', 'ch', 1]]);
    expect(await b.ask('SPUBLISH ch one')).toBe(1);
    expect(await b.ask('PUBLISH ch two')).toBe(1);
    expect(await all(a, 2)).toEqual([
      ['smessage', 'ch', 'one'],
      ['message', 'ch', 'two'],
    ]);
    expect(await ask(a, 'SUNSUBSCRIBE')).toEqual([['sunsubscribe', 'ch', 0]]);
  });

  test('who listens can be asked', async () => {
    const [, a, b] = await some(2);
    await ask(a, 'SUBSCRIBE x y', 2);
    await ask(a, 'PSUBSCRIBE p*', 1);
    await ask(a, 'SSUBSCRIBE s', 1);
    expect(((await b.ask('PUBSUB CHANNELS')) as string[]).toSorted()).toEqual(['x', 'y']);
    expect(await b.ask('PUBSUB CHANNELS x*')).toEqual(['x']);
    expect(await b.ask('PUBSUB NUMSUB x none')).toEqual(['x', 1, 'none', 0]);
    expect(await b.ask('PUBSUB NUMPAT')).toBe(1);
    expect(await b.ask('PUBSUB SHARDCHANNELS')).toEqual(['s']);
    expect(await b.ask('PUBSUB SHARDNUMSUB s x')).toEqual(['s', 1, 'x', 0]);
    expect(await b.ask('PUBSUB HELP')).toContain('NUMPAT');
    expect(String(await b.ask('CLIENT LIST TYPE pubsub'))).toMatch(/flags=P .* sub=2 psub=1 ssub=1 /);
    expect(String(await b.ask('INFO stats'))).toMatch(
      /pubsub_channels:2\r\npubsub_patterns:1\r\npubsubshard_channels:1/,
    );
    a.connection.destroy();
    await b.repliesWithin(100);
    expect(await b.ask('PUBSUB CHANNELS')).toEqual([]);
    expect(await b.ask('PUBSUB NUMPAT')).toBe(0);
  });
});

describe('what a subscriber may send', () => {
  test('in RESP2 little else, and PING answers like a message', async () => {
    const [, a] = await some(1);
    await ask(a, 'SUBSCRIBE ch');
    expect(await ask(a, 'GET k')).toEqual([
      "-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context",
    ]);
    expect(await ask(a, 'PING')).toEqual([['pong', '']]);
    expect(await ask(a, 'PING hi')).toEqual([['pong', 'hi']]);
    expect(await ask(a, 'UNSUBSCRIBE ch')).toEqual([['unsubscribe', 'ch', 0]]);
    expect(await ask(a, 'PING')).toEqual(['PONG']);
    await ask(a, 'SUBSCRIBE ch');
    expect(await ask(a, 'RESET')).toEqual(['RESET']);
    expect(await ask(a, 'GET k')).toEqual([null]);
  });

  test('in RESP3 everything; its own message comes after the reply', async () => {
    const [, a] = await some(1);
    await a.ask('HELLO 3');
    await ask(a, 'SUBSCRIBE ch');
    expect(await ask(a, 'SET k v')).toEqual(['OK']);
    a.send('PUBLISH ch hello');
    a.send('GET k');
    expect(await all(a, 3)).toEqual([1, ['message', 'ch', 'hello'], 'v']);
  });

  test('messages that came before an UNSUBSCRIBE are delivered before its answer', async () => {
    const [, a, b] = await some(2);
    await ask(a, 'SUBSCRIBE ch');
    b.send('PUBLISH ch one');
    await b.next();
    a.send('UNSUBSCRIBE ch');
    expect(await all(a, 2)).toEqual([
      ['message', 'ch', 'one'],
      ['unsubscribe', 'ch', 0],
    ]);
  });

  test('a message inside a transaction goes out with the rest', async () => {
    const [, a, b] = await some(2);
    await ask(a, 'SUBSCRIBE ch');
    for (const request of ['MULTI', 'SET k 1', 'PUBLISH ch one', 'INCR k']) await b.ask(request);
    expect(await b.ask('EXEC')).toEqual(['OK', 1, 2]);
    expect(await all(a, 1)).toEqual([['message', 'ch', 'one']]);
  });
});

test('a subscriber that does not read is closed at the limit of its class', async () => {
  const server = await TestServer.start({
    directives: { 'client-output-buffer-limit': 'pubsub 100000 0 0' },
  });
  const [slow, b] = [await server.connect(), await server.connect()];
  await ask(slow, 'SUBSCRIBE ch');
  slow.connection.pauseReading();
  for (let i = 0; i < 60; i++) await b.ask('PUBLISH', 'ch', 'x'.repeat(20_000));
  expect(await b.ask('PUBLISH ch x')).toBe(0);
  expect(server.logLines.join('\n')).toMatch(/closed for overcoming of output buffer limits/);
});

test('messages cross the nodes of a cluster; shard channels follow their slot', async () => {
  const world = new VirtualWorld({ seed: 1 });
  const directives = { 'cluster-enabled': true, port: 7000, 'cluster-node-timeout': 2000 };
  const servers = [
    await TestServer.start({ world, host: '10.0.0.1', directives }),
    await TestServer.start({ world, host: '10.0.0.2', directives }),
  ];
  const [a, b, listener] = [await servers[0].connect(), await servers[1].connect(), await servers[1].connect()];
  await a.ask('CLUSTER ADDSLOTSRANGE 0 8000');
  await b.ask('CLUSTER ADDSLOTSRANGE 8001 16383');
  await a.ask('CLUSTER MEET 10.0.0.2 7000');
  while (!String(await a.ask('CLUSTER INFO')).startsWith('cluster_state:ok')) await a.repliesWithin(50);
  while (!String(await b.ask('CLUSTER INFO')).startsWith('cluster_state:ok')) await b.repliesWithin(50);

  await ask(listener, 'SUBSCRIBE ch');
  expect(await a.ask('PUBLISH ch hello')).toBe(0);
  expect(await all(listener, 1)).toEqual([['message', 'ch', 'hello']]);
  const long = 'y'.repeat(200_000);
  expect(await a.ask('PUBLISH', 'ch', long)).toBe(0);
  expect(await all(listener, 1)).toEqual([['message', 'ch', long]]);

  // Slot of b: 3300, of a: 15495.
  expect(shown(await b.ask('SSUBSCRIBE b'))).toBe('-MOVED 3300 10.0.0.1:7000');
  expect(await ask(listener, 'SSUBSCRIBE a')).toEqual([['ssubscribe', 'a', 1]]);
  expect(shown(await a.ask('SPUBLISH a hello'))).toBe('-MOVED 15495 10.0.0.2:7000');
  expect(await b.ask('SPUBLISH a hello')).toBe(1);
  expect(await all(listener, 1)).toEqual([['smessage', 'a', 'hello']]);
  const idOfA = String(await a.ask('CLUSTER MYID'));
  await b.ask('CLUSTER', 'SETSLOT', '15495', 'NODE', idOfA);
  expect(await all(listener, 1)).toEqual([['sunsubscribe', 'a', 0]]);
});
