import { describe, expect, test } from 'vitest';
import { shown } from './support/shown.ts';
import { TestServer } from './support/test-server.ts';

/** What a client sends, a word list, and the reply; errors as `-text`. */
type Step = readonly [request: string, reply: unknown];

async function play(steps: readonly Step[]): Promise<void> {
  const server = await TestServer.start();
  const client = await server.connect();
  for (const [request, reply] of steps) expect([request, shown(await client.ask(request))]).toEqual([request, reply]);
}

const EXECABORT = '-EXECABORT Transaction discarded because of previous errors.';

describe('MULTI', () => {
  for (const [claim, steps] of [
    [
      'EXEC answers the replies of the queue',
      [
        ['MULTI', 'OK'],
        ['SET a 1', 'QUEUED'],
        ['INCR a', 'QUEUED'],
        ['EXEC', ['OK', 2]],
      ],
    ],
    [
      'an empty transaction answers an empty array',
      [
        ['MULTI', 'OK'],
        ['EXEC', []],
      ],
    ],
    ['EXEC without MULTI', [['EXEC', '-ERR EXEC without MULTI']]],
    ['DISCARD without MULTI', [['DISCARD', '-ERR DISCARD without MULTI']]],
    [
      'DISCARD drops the queue',
      [
        ['MULTI', 'OK'],
        ['SET a 1', 'QUEUED'],
        ['DISCARD', 'OK'],
        ['GET a', null],
      ],
    ],
    [
      'MULTI inside MULTI is an error that spoils nothing',
      [
        ['MULTI', 'OK'],
        ['MULTI', '-ERR MULTI calls can not be nested'],
        ['SET a 1', 'QUEUED'],
        ['EXEC', ['OK']],
      ],
    ],
    [
      'WATCH inside MULTI is an error that spoils nothing',
      [
        ['MULTI', 'OK'],
        ['WATCH a', '-ERR WATCH inside MULTI is not allowed'],
        ['PING', 'QUEUED'],
        ['EXEC', ['PONG']],
      ],
    ],
    [
      'an unknown command aborts',
      [
        ['MULTI', 'OK'],
        ['NOSUCH', "-ERR unknown command 'NOSUCH', with args beginning with: "],
        ['EXEC', EXECABORT],
        ['PING', 'PONG'],
      ],
    ],
    [
      'a wrong number of arguments aborts',
      [
        ['MULTI', 'OK'],
        ['GET', "-ERR wrong number of arguments for 'get' command"],
        ['SET a 1', 'QUEUED'],
        ['EXEC', EXECABORT],
        ['GET a', null],
      ],
    ],
    [
      'EXEC with a wrong number of arguments aborts at once',
      [
        ['MULTI', 'OK'],
        ['EXEC a', "-EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command"],
        ['EXEC', '-ERR EXEC without MULTI'],
      ],
    ],
    [
      'a command that is not allowed aborts',
      [
        ['MULTI', 'OK'],
        ['SHUTDOWN', '-ERR Command not allowed inside a transaction'],
        ['EXEC', EXECABORT],
      ],
    ],
    [
      'an error while it runs stops nothing',
      [
        ['SET a x', 'OK'],
        ['MULTI', 'OK'],
        ['INCR a', 'QUEUED'],
        ['SET b 1', 'QUEUED'],
        ['EXEC', ['-ERR value is not an integer or out of range', 'OK']],
        ['GET b', '1'],
      ],
    ],
    [
      'SELECT inside counts for what follows, and stays',
      [
        ['MULTI', 'OK'],
        ['SELECT 3', 'QUEUED'],
        ['SET a 1', 'QUEUED'],
        ['EXEC', ['OK', 'OK']],
        ['GET a', '1'],
        ['SELECT 0', 'OK'],
        ['GET a', null],
      ],
    ],
    [
      'RESET leaves the transaction',
      [
        ['MULTI', 'OK'],
        ['RESET', 'RESET'],
        ['EXEC', '-ERR EXEC without MULTI'],
      ],
    ],
    [
      'QUIT is answered at once',
      [
        ['MULTI', 'OK'],
        ['QUIT', 'OK'],
      ],
    ],
    [
      'containers are queued',
      [
        ['MULTI', 'OK'],
        ['CONFIG GET timeout', 'QUEUED'],
        ['CLIENT GETNAME', 'QUEUED'],
        ['EXEC', [['timeout', '0'], null]],
      ],
    ],
  ] as const) {
    test(claim, () => play(steps));
  }
});

describe('WATCH', () => {
  /** Whether EXEC still runs after `before`, what another client does, and `after`. */
  for (const [claim, before, others, after, runs] of [
    ['nothing happens', ['WATCH a'], [], [], true],
    ['a key is set', ['WATCH a'], ['SET a 1'], [], false],
    ['a key is set to what it was', ['SET a 1', 'WATCH a'], ['SET a 1'], [], false],
    ['another key is set', ['WATCH a'], ['SET b 1'], [], true],
    ['one of several keys is set', ['WATCH a b c'], ['SET c 1'], [], false],
    ['a key is read', ['SET a 1', 'WATCH a'], ['GET a'], [], true],
    ['a key is deleted', ['SET a 1', 'WATCH a'], ['DEL a'], [], false],
    ['a key that is not there is deleted', ['WATCH a'], ['DEL a'], [], true],
    ['a key gets an expiry', ['SET a 1', 'WATCH a'], ['EXPIRE a 100'], [], false],
    ['the client itself sets the key', ['WATCH a', 'SET a 1'], [], [], false],
    ['UNWATCH', ['WATCH a'], ['SET a 1'], ['UNWATCH'], true],
    ['DISCARD forgets the keys', ['WATCH a', 'MULTI', 'DISCARD'], ['SET a 1'], [], true],
    ['EXEC forgets the keys', ['WATCH a', 'MULTI', 'EXEC'], ['SET a 1'], [], true],
    ['RESET forgets the keys', ['WATCH a', 'RESET'], ['SET a 1'], [], true],
    ['the same key in another database', ['WATCH a'], ['SELECT 1', 'SET a 1'], [], true],
    ['a watched key of another database', ['SELECT 1', 'WATCH a', 'SELECT 0'], ['SELECT 1', 'SET a 1'], [], false],
    ['FLUSHDB removes the key', ['SET a 1', 'WATCH a'], ['FLUSHDB'], [], false],
    ['FLUSHALL removes the key', ['SET a 1', 'WATCH a'], ['FLUSHALL'], [], false],
    ['FLUSHDB without the key', ['WATCH a'], ['FLUSHDB'], [], true],
    ['SWAPDB takes the key away', ['SET a 1', 'WATCH a'], ['SWAPDB 0 1'], [], false],
    ['SWAPDB brings the key', ['SELECT 1', 'SET a 1', 'SELECT 0', 'WATCH a'], ['SWAPDB 0 1'], [], false],
    ['SWAPDB of other databases', ['SET a 1', 'WATCH a'], ['SWAPDB 1 2'], [], true],
    ['RENAME onto the key', ['WATCH a'], ['SET b 1', 'RENAME b a'], [], false],
    ['the key is touched only', ['SET a 1', 'WATCH a'], ['TOUCH a'], [], true],
    ['SET NX that does nothing', ['SET a 1', 'WATCH a'], ['SET a 2 NX'], [], true],
    ['a transaction sets the key', ['WATCH a'], ['MULTI', 'SET a 1', 'EXEC'], [], false],
  ] as const) {
    test(claim, async () => {
      const server = await TestServer.start();
      const [client, other] = [await server.connect(), await server.connect()];
      for (const request of before) await client.ask(request);
      for (const request of others) await other.ask(request);
      for (const request of after) await client.ask(request);
      await client.ask('MULTI');
      await client.ask('PING');
      expect(await client.ask('EXEC')).toEqual(runs ? ['PONG'] : null);
      // The next transaction starts afresh.
      await client.ask('MULTI');
      expect(await client.ask('EXEC')).toEqual([]);
    });
  }

  for (const [claim, isActive] of [
    ['a watched key expires, and nobody looks at it', false],
    ['a watched key expires, and the server removes it', true],
  ] as const) {
    test(claim, async () => {
      const server = await TestServer.start();
      const client = await server.connect();
      if (!isActive) await client.ask('DEBUG SET-ACTIVE-EXPIRE 0');
      await client.ask('SET a 1 PX 100');
      await client.ask('WATCH a');
      await server.world.run(1000);
      await client.ask('MULTI');
      await client.ask('PING');
      expect(await client.ask('EXEC')).toBeNull();
    });
  }

  test('a key that had expired before WATCH is absent, and stays so', async () => {
    const server = await TestServer.start();
    const client = await server.connect();
    await client.ask('DEBUG SET-ACTIVE-EXPIRE 0');
    await client.ask('SET a 1 PX 100');
    await server.world.run(1000);
    await client.ask('WATCH a');
    await client.ask('GET a');
    await client.ask('MULTI');
    await client.ask('PING');
    expect(await client.ask('EXEC')).toEqual(['PONG']);
  });

  test('a transaction that is spoiled and broken is aborted', async () => {
    const server = await TestServer.start();
    const client = await server.connect();
    for (const request of ['WATCH a', 'SET a 1', 'MULTI', 'NOSUCH']) await client.ask(request);
    expect(shown(await client.ask('EXEC'))).toBe(EXECABORT);
  });

  test('closed clients leave nothing behind', async () => {
    const server = await TestServer.start();
    const client = await server.connect();
    await client.ask('WATCH a b c');
    expect(server.kernel.observers.isOn).toBe(true);
    client.connection.destroy();
    await server.world.run(1000);
    expect(server.kernel.observers.isOn).toBe(false);
  });
});

test('EXEC stops for nobody: CLIENT PAUSE WRITE holds a transaction that writes, and lets one through that reads', async () => {
  const server = await TestServer.start();
  const [client, other] = [await server.connect(), await server.connect()];
  for (const request of ['MULTI', 'GET a']) await client.ask(request);
  await other.ask('CLIENT PAUSE 1000 WRITE');
  expect(await client.ask('EXEC')).toEqual([null]);
  await other.ask('CLIENT UNPAUSE');
  for (const request of ['MULTI', 'SET a 1']) await client.ask(request);
  await other.ask('CLIENT PAUSE 1000 WRITE');
  client.send('EXEC');
  expect(await client.repliesWithin(500)).toEqual([]);
  expect(await client.next()).toEqual(['OK']);
});
