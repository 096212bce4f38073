import { describe, expect, test } from 'vitest';
import { shown } from './support/shown.ts';
import { TestServer } from './support/test-server.ts';

const WRONGPASS = '-WRONGPASS invalid username-password pair or user is disabled.';
const NOAUTH = '-NOAUTH Authentication required.';

describe('authentication', () => {
  const withPassword = { directives: { requirepass: 'sesame' } };
  for (const [claim, steps] of [
    [
      'nothing but AUTH, HELLO, QUIT and RESET before it',
      [
        ['PING', NOAUTH],
        ['GET a', NOAUTH],
        ['RESET', 'RESET'],
        ['QUIT', 'OK'],
      ],
    ],
    [
      'the password',
      [
        ['AUTH sesame', 'OK'],
        ['PING', 'PONG'],
      ],
    ],
    [
      'the password of the user default',
      [
        ['AUTH default sesame', 'OK'],
        ['PING', 'PONG'],
      ],
    ],
    [
      'a wrong one',
      [
        ['AUTH sesam', WRONGPASS],
        ['AUTH sesame1', WRONGPASS],
        ['PING', NOAUTH],
      ],
    ],
    ['another user', [['AUTH alice sesame', WRONGPASS]]],
    ['too many words', [['AUTH default sesame x', '-ERR syntax error']]],
    [
      'RESET takes it back',
      [
        ['AUTH sesame', 'OK'],
        ['RESET', 'RESET'],
        ['PING', NOAUTH],
      ],
    ],
    [
      'a failure leaves in who was in',
      [
        ['AUTH sesame', 'OK'],
        ['AUTH x', WRONGPASS],
        ['PING', 'PONG'],
      ],
    ],
  ] as const) {
    test(claim, async () => {
      const client = await (await TestServer.start(withPassword)).connect();
      for (const [request, reply] of steps)
        expect([request, shown(await client.ask(request))]).toEqual([request, reply]);
    });
  }

  test('HELLO may do it', async () => {
    const client = await (await TestServer.start(withPassword)).connect();
    expect(shown(await client.ask('HELLO 3'))).toMatch(/^-NOAUTH HELLO must be called with the client already/);
    expect(shown(await client.ask('HELLO 3 AUTH default x'))).toBe(WRONGPASS);
    expect(await client.ask('HELLO 3 AUTH default sesame SETNAME me')).toBeInstanceOf(Map);
    expect(await client.ask('CLIENT GETNAME')).toBe('me');
  });

  test('a password of any bytes', async () => {
    const server = await TestServer.start();
    const [admin, client] = [await server.connect(), await server.connect()];
    const password = Uint8Array.of(0, 255, 32, 10, 195);
    expect(await admin.ask('CONFIG', 'SET', 'requirepass', password)).toBe('OK');
    expect(await client.ask('AUTH', password)).toBe('OK');
    expect(shown(await client.ask('AUTH', Uint8Array.of(0, 255, 32, 10)))).toBe(WRONGPASS);
  });

  test('requirepass concerns later connections', async () => {
    const server = await TestServer.start();
    const before = await server.connect();
    await before.ask('CONFIG SET requirepass sesame');
    expect(await before.ask('PING')).toBe('PONG');
    expect(shown(await (await server.connect()).ask('PING'))).toBe(NOAUTH);
  });

  test('without a password, AUTH says so', async () => {
    const client = await (await TestServer.start()).connect();
    expect(shown(await client.ask('AUTH x'))).toMatch(/^-ERR AUTH <password> called without any password configured/);
    expect(await client.ask('AUTH default anything')).toBe('OK');
  });
});

describe('HELLO', () => {
  test('tells about the server in both protocols', async () => {
    const client = await (await TestServer.start()).connect();
    const greeting = await client.ask('HELLO 3');
    expect(greeting).toEqual(
      new Map<string, unknown>([
        ['server', 'redis'],
        ['version', expect.stringMatching(/^7\.2\./)],
        ['proto', 3],
        ['id', expect.any(Number)],
        ['mode', 'standalone'],
        ['role', 'master'],
        ['modules', []],
      ]),
    );
    expect(((await client.ask('HELLO 2')) as unknown[]).slice(4, 6)).toEqual(['proto', 2]);
    expect(((await client.ask('HELLO')) as unknown[]).slice(4, 6)).toEqual(['proto', 2]);
  });

  for (const [request, reply] of [
    ['HELLO 4', '-NOPROTO unsupported protocol version'],
    ['HELLO x', '-ERR Protocol version is not an integer or out of range'],
    ['HELLO 3 AUTH default', "-ERR Syntax error in HELLO option 'AUTH'"],
    ['HELLO 3 SETNAME', "-ERR Syntax error in HELLO option 'SETNAME'"],
    ['HELLO 3 foo', "-ERR Syntax error in HELLO option 'foo'"],
    ['HELLO 3 AUTH alice x', WRONGPASS],
  ] as const) {
    test(request, async () => {
      const client = await (await TestServer.start()).connect();
      expect(shown(await client.ask(request))).toBe(reply);
      expect(client.isClosed).toBe(false);
    });
  }
});

test('SELECT: each database has its keys', async () => {
  const client = await (await TestServer.start({ directives: { databases: 4 } })).connect();
  await client.ask('SET a 1');
  expect(await client.ask('SELECT 3')).toBe('OK');
  expect(await client.ask('GET a')).toBeNull();
  expect(shown(await client.ask('SELECT 4'))).toBe('-ERR DB index is out of range');
  expect(shown(await client.ask('SELECT x'))).toBe('-ERR value is not an integer or out of range');
});

test('QUIT answers and closes', async () => {
  const client = await (await TestServer.start()).connect();
  client.send('QUIT');
  client.send('PING');
  expect(await client.repliesWithin(1000)).toEqual(['OK']);
  expect(client.isClosed).toBe(true);
});

test('RESET: a connection as it was at the beginning', async () => {
  const server = await TestServer.start();
  const client = await server.connect();
  for (const request of [
    'HELLO 3',
    'SELECT 3',
    'CLIENT SETNAME me',
    'CLIENT NO-EVICT ON',
    'CLIENT NO-TOUCH ON',
    'MULTI',
  ]) {
    await client.ask(request);
  }
  expect(await client.ask('RESET')).toBe('RESET');
  expect(await client.ask('CLIENT INFO')).toMatch(/ name= .* flags=N db=0 .* multi=-1 .* resp=2 /);
});
