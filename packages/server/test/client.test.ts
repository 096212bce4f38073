import { describe, expect, test } from 'vitest';
import { shown } from './support/shown.ts';
import { type TestClient, TestServer } from './support/test-server.ts';

const idOf = async (client: TestClient): Promise<number> => Number(await client.ask('CLIENT ID'));
const field = (line: unknown, name: string): string | undefined => new RegExp(` ${name}=(\\S*)`).exec(` ${line}`)?.[1];

describe('CLIENT LIST', () => {
  test('a line for each connection, with the fields of Redis 7.2 in its order', async () => {
    const server = await TestServer.start();
    const [client, other] = [await server.connect(), await server.connect()];
    await other.ask('CLIENT SETNAME other');
    await server.world.run(3000);
    const lines = String(await client.ask('CLIENT LIST'))
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0].split(' ').map((part) => part.split('=')[0])).toEqual(
      (
        'id addr laddr fd name age idle flags db sub psub ssub multi qbuf qbuf-free argv-mem multi-mem rbs rbp obl oll omem ' +
        'tot-mem events cmd user redir resp lib-name lib-ver'
      ).split(' '),
    );
    expect(field(lines[0], 'cmd')).toBe('client|list');
    expect(field(lines[1], 'cmd')).toBe('client|setname');
    expect(field(lines[1], 'name')).toBe('other');
    expect(field(lines[1], 'idle')).toBe('3');
    expect(field(lines[0], 'idle')).toBe('0');
    expect(field(lines[0], 'addr')).toMatch(/^10\.0\.1\.1:\d+$/);
  });

  test('TYPE and ID choose', async () => {
    const server = await TestServer.start();
    const [client, other] = [await server.connect(), await server.connect()];
    const id = await idOf(other);
    expect(await client.ask(`CLIENT LIST ID ${id}`)).toMatch(new RegExp(`^id=${id} [^\n]*\n$`));
    expect(await client.ask('CLIENT LIST ID 4711')).toBe('');
    expect(String(await client.ask('CLIENT LIST TYPE normal')).split('\n')).toHaveLength(3);
    expect(await client.ask('CLIENT LIST TYPE pubsub')).toBe('');
  });

  test('flags', async () => {
    const server = await TestServer.start();
    const [client, other] = [await server.connect(), await server.connect()];
    const flagsOfOther = async (): Promise<string | undefined> =>
      field(await client.ask(`CLIENT LIST ID ${id}`), 'flags');
    const id = await idOf(other);
    expect(await flagsOfOther()).toBe('N');
    await other.ask('WATCH a');
    await other.ask('MULTI');
    expect(await flagsOfOther()).toBe('x');
    await client.ask('SET a 1');
    expect(await flagsOfOther()).toBe('xd');
    await other.ask('RESET');
    await other.ask('CLIENT NO-EVICT ON');
    await other.ask('CLIENT NO-TOUCH ON');
    expect(await flagsOfOther()).toBe('eT');
  });

  test('the queue of MULTI counts', async () => {
    const server = await TestServer.start();
    const [client, other] = [await server.connect(), await server.connect()];
    for (const request of ['MULTI', 'SET a 1', 'SET b 2']) await other.ask(request);
    const line = await client.ask('CLIENT LIST ID 2');
    expect([field(line, 'multi'), Number(field(line, 'multi-mem')) > 0]).toEqual(['2', true]);
  });
});

describe('CLIENT KILL', () => {
  /** Of clients 1 (who asks), 2 and 3: which are closed, and the reply. `$n` stands for the address of client n. */
  for (const [request, reply, closed] of [
    ['CLIENT KILL $2', 'OK', [2]],
    ['CLIENT KILL $1', 'OK', [1]],
    ['CLIENT KILL 1.2.3.4:5', '-ERR No such client', []],
    ['CLIENT KILL ADDR $3', 1, [3]],
    ['CLIENT KILL ADDR $1', 0, []],
    ['CLIENT KILL ADDR $1 SKIPME no', 1, [1]],
    ['CLIENT KILL ID 2', 1, [2]],
    ['CLIENT KILL ID 2 ADDR $3', 0, []],
    ['CLIENT KILL ID 4711', 0, []],
    ['CLIENT KILL TYPE normal', 2, [2, 3]],
    ['CLIENT KILL TYPE normal SKIPME no', 3, [1, 2, 3]],
    ['CLIENT KILL TYPE pubsub', 0, []],
    ['CLIENT KILL USER default', 2, [2, 3]],
    ['CLIENT KILL LADDR 10.0.0.1:6379', 2, [2, 3]],
    ['CLIENT KILL USER alice', "-ERR No such user 'alice'", []],
    ['CLIENT KILL TYPE x', "-ERR Unknown client type 'x'", []],
    ['CLIENT KILL ID 0', '-ERR client-id should be greater than 0', []],
    ['CLIENT KILL ID x', '-ERR client-id should be greater than 0', []],
    ['CLIENT KILL MAXAGE 3600', 0, []],
    ['CLIENT KILL MAXAGE 0', '-ERR maxage should be greater than 0', []],
    ['CLIENT KILL FOO x', '-ERR syntax error', []],
    ['CLIENT KILL ID 2 TYPE', '-ERR syntax error', []],
    ['CLIENT KILL SKIPME maybe', '-ERR syntax error', []],
  ] as const) {
    test(request, async () => {
      const server = await TestServer.start();
      const clients: TestClient[] = [];
      for (let i = 0; i < 3; i++) clients.push(await server.connect());
      const text = request.replaceAll(/\$(\d)/g, (_, n: string) => clients[Number(n) - 1].connection.local);
      clients[0].send(text);
      expect((await clients[0].repliesWithin(1000)).map(shown)).toEqual([reply]);
      expect([1, 2, 3].filter((n) => clients[n - 1].isClosed)).toEqual(closed);
    });
  }
});

test('CLIENT KILL MAXAGE closes those who have been connected for so long', async () => {
  const server = await TestServer.start();
  const [old, admin] = [await server.connect(), await server.connect()];
  await old.repliesWithin(5000);
  const young = await server.connect();
  expect(await admin.ask('CLIENT KILL MAXAGE 5')).toBe(1);
  expect([old.isClosed, admin.isClosed, young.isClosed]).toEqual([true, false, false]);
});

describe('CLIENT PAUSE', () => {
  test('WRITE lets reads through and holds writes until it ends', async () => {
    const server = await TestServer.start();
    const [admin, client] = [await server.connect(), await server.connect()];
    await admin.ask('CLIENT PAUSE 1000 WRITE');
    expect(await client.ask('GET a')).toBeNull();
    client.send('SET a 1');
    client.send('GET a');
    expect(await client.repliesWithin(900)).toEqual([]);
    expect(await client.repliesWithin(200)).toEqual(['OK', '1']);
  });

  test('ALL holds everything, even UNPAUSE', async () => {
    const server = await TestServer.start();
    const [admin, client] = [await server.connect(), await server.connect()];
    await admin.ask('CLIENT PAUSE 10000');
    client.send('PING');
    admin.send('CLIENT UNPAUSE');
    expect(await client.repliesWithin(9_000)).toEqual([]);
    expect(await client.repliesWithin(2_000)).toEqual(['PONG']);
    expect(await admin.next()).toBe('OK');
  });

  test('a shorter pause does not end a longer one', async () => {
    const server = await TestServer.start();
    const [admin, client] = [await server.connect(), await server.connect()];
    await admin.ask('CLIENT PAUSE 1000 WRITE');
    await admin.ask('CLIENT PAUSE 1 WRITE');
    client.send('SET a 1');
    expect(await client.repliesWithin(900)).toEqual([]);
    expect(await client.next()).toBe('OK');
  });

  test('a pause for ever does not end at once', async () => {
    const server = await TestServer.start();
    const [admin, client] = [await server.connect(), await server.connect()];
    await admin.ask('CLIENT PAUSE 9223372036854775807 WRITE');
    client.send('SET a 1');
    expect(await client.repliesWithin(100_000)).toEqual([]);
    await admin.ask('CLIENT UNPAUSE');
    expect(await client.next()).toBe('OK');
  });
});

describe('CLIENT REPLY', () => {
  test('OFF is silent until ON', async () => {
    const client = await (await TestServer.start()).connect();
    for (const request of [
      'CLIENT REPLY OFF',
      'SET a 1',
      'NOSUCH',
      'GET',
      'CLIENT REPLY SKIP',
      'PING',
      'CLIENT REPLY ON',
      'GET a',
    ]) {
      client.send(request);
    }
    expect(await client.repliesWithin(1000)).toEqual(['OK', '1']);
  });

  test('SKIP concerns the next command only', async () => {
    const client = await (await TestServer.start()).connect();
    for (const request of ['CLIENT REPLY SKIP', 'SET a 1', 'GET a']) client.send(request);
    expect(await client.repliesWithin(1000)).toEqual(['1']);
  });
});

describe('small subcommands', () => {
  for (const [request, reply] of [
    ['CLIENT SETINFO lib-name ioredis', 'OK'],
    ['CLIENT SETINFO LIB-VER 5.0', 'OK'],
    ['CLIENT SETINFO foo bar', "-ERR Unrecognized option 'foo'"],
    ['CLIENT GETREDIR', -1],
    ['CLIENT TRACKING ON', 'OK'],
    ['CLIENT TRACKING OFF', 'OK'],
    ['CLIENT TRACKING x', '-ERR syntax error'],
    ['CLIENT TRACKINGINFO', ['flags', ['off'], 'redirect', -1, 'prefixes', []]],
    ['CLIENT UNBLOCK 1', 0],
    ['CLIENT UNBLOCK x', '-ERR value is not an integer or out of range'],
    ['CLIENT NO-TOUCH maybe', '-ERR syntax error'],
    ['CLIENT GETNAME', null],
  ] as const) {
    test(request, async () => {
      const client = await (await TestServer.start()).connect();
      expect(shown(await client.ask(request))).toEqual(reply);
    });
  }

  test('names must fit between blanks', async () => {
    const client = await (await TestServer.start()).connect();
    expect(shown(await client.ask('CLIENT', 'SETNAME', 'a b'))).toBe(
      '-ERR Client names cannot contain spaces, newlines or special characters.',
    );
    expect(shown(await client.ask('CLIENT', 'SETINFO', 'lib-name', 'a b'))).toBe(
      '-ERR lib-name cannot contain spaces, newlines or special characters.',
    );
    await client.ask('CLIENT SETINFO lib-name lib');
    expect(field(await client.ask('CLIENT INFO'), 'lib-name')).toBe('lib');
  });
});
