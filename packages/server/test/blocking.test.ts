import { ByteBuffer, latin1Of } from '@kvartz/base';
import { RequestDecoder, requestLimits } from '@kvartz/resp';
import { describe, expect, test } from 'vitest';
import { Party, type Received, turnMs } from './support/party.ts';
import type { TestClient } from './support/test-server.ts';

type Turn = readonly [turn: string, received: Received];

/** Names, and what happens: clients 0, 1, 2, ... of one server. All as redis-server 7.0.15 does it. */
const stories: Readonly<Record<string, readonly Turn[]>> = {
  'who came first is served first, each with one element': [
    ['0: BLPOP a 0', {}],
    ['1: BLPOP a 0', {}],
    ['2: BRPOP a 0', {}],
    ['3: RPUSH a 1 2 3 4', { 3: [4], 0: [['a', '1']], 1: [['a', '2']], 2: [['a', '4']] }],
    ['3: LRANGE a 0 -1', { 3: [['3']] }],
  ],
  'a client waits for several keys, and takes from the one that comes': [
    ['0: BLPOP a b c 0', {}],
    ['3: RPUSH b 1', { 3: [1], 0: [['b', '1']] }],
    ['3: RPUSH a 2', { 3: [1] }],
    ['3: EXISTS a b c', { 3: [1] }],
  ],
  'of several keys that come in one transaction it takes from the one that came first': [
    ['0: BLPOP a b 0', {}],
    ['3: MULTI; RPUSH b 1; RPUSH a 2; EXEC', { 3: ['OK', 'QUEUED', 'QUEUED', [1, 1]], 0: [['b', '1']] }],
  ],
  'served after the whole of a transaction': [
    ['0: BLPOP a 0', {}],
    [
      '3: MULTI; RPUSH a 1; RPUSH a 2; LPOP a; EXEC',
      { 3: ['OK', 'QUEUED', 'QUEUED', 'QUEUED', [1, 2, '1']], 0: [['a', '2']] },
    ],
    ['0: BLPOP a 0', {}],
    ['3: MULTI; RPUSH a 1; DEL a; EXEC', { 3: ['OK', 'QUEUED', 'QUEUED', [1, 1]] }],
    ['3: RPUSH a x', { 3: [1], 0: [['a', 'x']] }],
  ],
  'the same key twice is one place in the queue': [
    ['0: BLPOP a a 0', {}],
    ['1: BLPOP a 0', {}],
    ['3: RPUSH a 1 2', { 3: [2], 0: [['a', '1']], 1: [['a', '2']] }],
    ['3: EXISTS a', { 3: [0] }],
  ],
  'moves make chains': [
    ['0: BLMOVE a b LEFT RIGHT 0', {}],
    ['1: BLMOVE b c LEFT RIGHT 0', {}],
    ['2: BRPOPLPUSH c d 0', {}],
    ['3: RPUSH a 1', { 3: [1], 0: ['1'], 1: ['1'], 2: ['1'] }],
    ['3: LRANGE d 0 -1', { 3: [['1']] }],
  ],
  'a list that moves into itself serves all who wait for it': [
    ['0: BLMOVE a a LEFT RIGHT 0', {}],
    ['1: BLMOVE a a LEFT RIGHT 0', {}],
    ['2: BLPOP a 0', {}],
    ['3: RPUSH a 1 2', { 3: [2], 0: ['1'], 1: ['2'], 2: [['a', '1']] }],
    ['3: LRANGE a 0 -1', { 3: [['2']] }],
  ],
  'where the target is of another type, the mover fails and the next one is served': [
    ['3: SET str x', { 3: ['OK'] }],
    ['0: BLMOVE a str LEFT RIGHT 0', {}],
    ['1: BLPOP a 0', {}],
    [
      '3: RPUSH a 1',
      { 3: [1], 0: ['-WRONGTYPE Operation against a key holding the wrong kind of value'], 1: [['a', '1']] },
    ],
  ],
  'several elements at a time': [
    ['0: BLMPOP 0 2 a b LEFT COUNT 2', {}],
    ['1: BLMPOP 0 1 b RIGHT COUNT 10', {}],
    ['3: RPUSH b 1 2 3 4', { 3: [4], 0: [['b', ['1', '2']]], 1: [['b', ['4', '3']]] }],
    ['0: BZMPOP 0 1 z MAX COUNT 2', {}],
    [
      '3: ZADD z 1 x 2 y 3 w',
      {
        3: [3],
        0: [
          [
            'z',
            [
              ['w', '3'],
              ['y', '2'],
            ],
          ],
        ],
      },
    ],
  ],
  'sorted sets in one transaction, and in turn': [
    ['0: BZPOPMIN y z 0', {}],
    ['1: BZMPOP 0 2 y z MAX COUNT 2', {}],
    ['2: BZPOPMAX z 0', {}],
    [
      '3: MULTI; ZADD z 1 a 2 b 3 c; ZADD y 4 d; BZPOPMIN none 0; EXEC',
      {
        3: ['OK', 'QUEUED', 'QUEUED', 'QUEUED', [3, 1, null]],
        0: [['z', 'a', '1']],
        1: [
          [
            'z',
            [
              ['c', '3'],
              ['b', '2'],
            ],
          ],
        ],
      },
    ],
    ['3: ZADD z 5 e', { 3: [1], 2: [['z', 'e', '5']] }],
    ['3: ZRANGE y 0 -1', { 3: [['d']] }],
    ['0: BZPOPMIN z 0.05; PING', {}],
    ['after 60', { 0: [null, 'PONG'] }],
    ['0: BZPOPMIN z 0', {}],
    ['1: CLIENT UNBLOCK 1 ERROR', { 1: [1], 0: ['-UNBLOCKED client unblocked via CLIENT UNBLOCK'] }],
    ['0: BZPOPMIN z 0', {}],
    ['1: SELECT 1; ZADD z 1 a; SWAPDB 0 1', { 1: ['OK', 1, 'OK'], 0: [['z', 'a', '1']] }],
  ],
  'sorted sets': [
    ['0: BZPOPMIN z 0', {}],
    ['1: BZPOPMAX z 0', {}],
    ['3: ZADD z 1 x 2 y 3 w', { 3: [3], 0: [['z', 'x', '1']], 1: [['z', 'w', '3']] }],
    ['3: ZRANGE z 0 -1', { 3: [['y']] }],
  ],
  'a key of another type neither serves nor fails': [
    ['0: BLPOP a 0', {}],
    ['1: BZPOPMIN a 0', {}],
    ['3: SET a x', { 3: ['OK'] }],
    ['3: DEL a', { 3: [1] }],
    ['3: ZADD a 1 m', { 3: [1], 1: [['a', 'm', '1']] }],
    ['3: SADD a m', { 3: [1] }],
    ['3: MULTI; DEL a; RPUSH a 1; EXEC', { 3: ['OK', 'QUEUED', 'QUEUED', [1, 1]], 0: [['a', '1']] }],
  ],
  'a key may come by RENAME, COPY, MOVE and SWAPDB': [
    ['3: RPUSH x 1 2 3; ZADD z 1 m', { 3: [3, 1] }],
    ['0: BLPOP a 0', {}],
    ['3: COPY x a', { 3: [1], 0: [['a', '1']] }],
    ['0: BLPOP c 0', {}],
    ['3: RENAME x c', { 3: ['OK'], 0: [['c', '1']] }],
    ['0: SELECT 1; BLPOP c 0', { 0: ['OK'] }],
    ['3: MOVE c 1', { 3: [1], 0: [['c', '2']] }],
    ['0: BLPOP a 0', {}],
    ['1: BZPOPMIN zz 0', {}],
    ['3: COPY z zz', { 3: [1], 1: [['zz', 'm', '1']] }],
    ['3: SWAPDB 0 1', { 3: ['OK'], 0: [['a', '2']] }],
    ['3: EXISTS a; EXISTS c', { 3: [0, 1] }],
  ],
  'a list may come by SORT': [
    ['3: SADD s 3 1 2', { 3: [3] }],
    ['0: BLPOP a 0', {}],
    ['1: BLMOVE a b RIGHT LEFT 0', {}],
    ['3: SORT s STORE a', { 3: [3], 0: [['a', '1']], 1: ['3'] }],
    ['3: LRANGE a 0 -1', { 3: [['2']] }],
    ['0: BLPOP c 0', {}],
    ['3: SORT none STORE c', { 3: [0] }],
    ['3: MULTI; SORT s DESC LIMIT 0 1 STORE c; DEL c; EXEC', { 3: ['OK', 'QUEUED', 'QUEUED', [1, 1]] }],
    ['3: SORT s BY nosort GET # STORE c', { 3: [3], 0: [['c', '1']] }],
  ],
  'databases are apart': [
    ['0: BLPOP a 0', {}],
    ['3: SELECT 1; RPUSH a 1', { 3: ['OK', 1] }],
    ['3: SELECT 0; RPUSH a 2', { 3: ['OK', 1], 0: [['a', '2']] }],
  ],
  'FLUSHALL wakes nobody': [
    ['0: BLPOP a 0', {}],
    ['3: FLUSHALL', { 3: ['OK'] }],
    ['3: RPUSH a 1', { 3: [1], 0: [['a', '1']] }],
  ],
  'requests that follow run after it': [
    ['0: SET n 1; BLPOP a 0; GET n; BLPOP a 0; GET n', { 0: ['OK'] }],
    ['3: SET n 2', { 3: ['OK'] }],
    ['3: RPUSH a 1', { 3: [1], 0: [['a', '1'], '2'] }],
    ['3: SET n 3', { 3: ['OK'] }],
    ['3: RPUSH a 2', { 3: [1], 0: [['a', '2'], '3'] }],
  ],
  'a client that is served and blocks again stands at the end': [
    ['0: BLPOP a 0; BLPOP a 0', {}],
    ['1: BLPOP a 0', {}],
    ['3: RPUSH a 1', { 3: [1], 0: [['a', '1']] }],
    ['3: RPUSH a 2', { 3: [1], 1: [['a', '2']] }],
    ['3: RPUSH a 3', { 3: [1], 0: [['a', '3']] }],
  ],
  'inside MULTI nobody waits': [
    [
      '0: MULTI; BLPOP a 0; BLMOVE a b LEFT LEFT 0; BZMPOP 0 1 a MIN; RPUSH a 1; BLPOP a 0; EXEC',
      { 0: ['OK', 'QUEUED', 'QUEUED', 'QUEUED', 'QUEUED', 'QUEUED', [null, null, null, 1, ['a', '1']]] },
    ],
  ],
  'CLIENT REPLY OFF and SKIP hold for what comes late': [
    ['0: CLIENT REPLY SKIP; BLPOP a 0; PING', {}],
    ['3: RPUSH a 1', { 3: [1], 0: ['PONG'] }],
    ['0: CLIENT REPLY OFF; BLPOP a 0; CLIENT REPLY ON', {}],
    ['3: RPUSH a 1', { 3: [1], 0: ['OK'] }],
    ['1: BLPOP a 0', {}],
    ['3: CLIENT REPLY OFF; RPUSH a 1; CLIENT REPLY ON', { 3: ['OK'], 1: [['a', '1']] }],
  ],
  RESP3: [
    ['0: HELLO 3; BZPOPMIN z 0.1', { 0: [expect.anything()] }],
    ['after 100', { 0: [null] }],
    ['0: BZPOPMIN z 0', {}],
    ['3: ZADD z 1.5 m', { 3: [1], 0: [['z', 'm', 1.5]] }],
  ],
};

describe('clients that block', () => {
  for (const [name, turns] of Object.entries(stories))
    test(name, async () => {
      const party = await Party.start(4);
      for (const [turn, received] of turns) expect([turn, await party.take(turn)]).toEqual([turn, received]);
    });
});

describe('the end of waiting', () => {
  test('timeouts are exact, and come in their order', async () => {
    const party = await Party.start(4);
    for (const turn of ['0: BLPOP a 0.5', '1: BLMOVE a b LEFT LEFT 0.2', '2: BZPOPMAX a b 0.31'])
      await party.take(turn);
    const ends: string[] = [];
    for (let ms = 3 * turnMs; ms < 600; ms++) {
      for (const [who, replies] of Object.entries(await party.take('after 1'))) ends.push(`${who} ${ms} ${replies[0]}`);
    }
    expect(ends.map((end) => end.split(' ')[0])).toEqual(['1', '2', '0']);
    for (const [i, dueMs] of [200 + turnMs, 310 + 2 * turnMs, 500].entries()) {
      const [, ms, reply] = ends[i].split(' ');
      expect(Number(ms) - dueMs).toBeGreaterThanOrEqual(0);
      expect(Number(ms) - dueMs).toBeLessThan(4);
      expect(reply).toBe('null');
    }
    // Nobody is left behind in a queue.
    expect(await party.take('3: RPUSH a 1')).toEqual({ 3: [1] });
    expect(party.server.kernel.observers.isOn).toBe(false);
  });

  test('CLIENT UNBLOCK', async () => {
    const party = await Party.start(3);
    await party.take('0: BLPOP a 0; PING');
    await party.take('1: BLMOVE a b LEFT LEFT 10');
    expect(await party.take('2: CLIENT UNBLOCK 1')).toEqual({ 2: [1], 0: [null, 'PONG'] });
    expect(await party.take('2: CLIENT UNBLOCK 2 ERROR')).toEqual({
      2: [1],
      1: ['-UNBLOCKED client unblocked via CLIENT UNBLOCK'],
    });
    expect(await party.take('2: CLIENT UNBLOCK 1; CLIENT UNBLOCK 3; CLIENT UNBLOCK 99')).toEqual({ 2: [0, 0, 0] });
    await party.take('0: BLPOP a 0');
    // Who no longer waits takes nothing.
    expect(await party.take('2: MULTI; CLIENT UNBLOCK 1; RPUSH a 1; EXEC')).toMatchObject({ 0: [null] });
    expect(await party.take('2: LLEN a; CLIENT REPLY OFF')).toEqual({ 2: [1] });
    await party.take('0: BLPOP b 0');
    expect(await party.take('2: CLIENT UNBLOCK 1')).toEqual({ 0: [null] });
  });

  test('a connection that ends takes nothing with it', async () => {
    const party = await Party.start(4);
    for (const who of [0, 1, 2]) await party.take(`${who}: BLPOP a 0`);
    party.clients[0].connection.destroy();
    await party.take('after 10');
    expect(await party.take('3: MULTI; CLIENT KILL ID 2; RPUSH a 1; EXEC')).toMatchObject({ 2: [['a', '1']] });
    expect(party.clients[1].isClosed).toBe(true);
    expect(party.server.kernel.blocking.isEmpty).toBe(true);
  });

  test('the idle timeout is not for those who wait', async () => {
    const party = await Party.start(2, { directives: { timeout: 1 } });
    await party.take('0: BLPOP a 5');
    expect(await party.take('after 4000')).toEqual({});
    expect(party.clients[1].isClosed).toBe(true);
    expect(await party.take('after 1000')).toEqual({ 0: [null] });
    expect(party.clients[0].isClosed).toBe(false);
    expect(await party.take('after 3000')).toEqual({});
    expect(party.clients[0].isClosed).toBe(true);
  });

  test('CLIENT PAUSE delays who would take, not who stops waiting', async () => {
    const party = await Party.start(3);
    await party.take('0: BLPOP a 0.1; GET n');
    await party.take('2: CLIENT PAUSE 1000 WRITE');
    await party.take('1: BLPOP a 0');
    expect(await party.take('2: INFO clients')).toEqual({ 2: [expect.stringContaining('blocked_clients:2\r\n')] });
    expect(await party.take('after 100')).toEqual({ 0: [null, null] });
    await party.take('after 1000');
    expect(await party.take('2: RPUSH a 1')).toEqual({ 2: [1], 1: [['a', '1']] });
  });
});

describe('what is told of them', () => {
  test('INFO and CLIENT LIST', async () => {
    const party = await Party.start(3);
    await party.take('0: BLPOP a b 0; PING');
    await party.take('1: BLPOP b c 10');
    const [info, list] = (await party.take('2: INFO clients; CLIENT LIST'))[2] as string[];
    expect(info).toMatch(/blocked_clients:2\r\n[^]*clients_in_timeout_table:1\r\ntotal_blocking_keys:3\r\n/);
    expect(list).toMatch(/^id=1 .* flags=b .* qbuf=14 .* cmd=blpop /);
    await party.take('2: RPUSH b 1 2');
    const [after] = (await party.take('2: INFO clients'))[2] as string[];
    expect(after).toMatch(/blocked_clients:0\r\n[^]*clients_in_timeout_table:0\r\ntotal_blocking_keys:0\r\n/);
    const [stats] = (await party.take('2: INFO commandstats'))[2] as string[];
    expect(stats).toMatch(/cmdstat_blpop:calls=2,.*failed_calls=0\r\n/);
  });

  test('effects follow those of the command that woke them, and say what was taken', async () => {
    const party = await Party.start(4);
    const effects = recordEffects(party);
    await party.take('0: BLPOP a 0');
    await party.take('1: BLMOVE a c LEFT RIGHT 0');
    await party.take('2: BLMPOP 0 1 c RIGHT COUNT 5');
    await party.take('3: MULTI; RPUSH a 1 2 3; SET n 1; EXEC');
    expect(effects).toEqual([
      'SELECT 0',
      'MULTI',
      'RPUSH a 1 2 3',
      'SET n 1',
      'EXEC',
      'LPOP a',
      'LMOVE a c LEFT RIGHT',
      'RPOP c 1',
    ]);
    effects.length = 0;
    await party.take('0: BZPOPMAX z 0');
    await party.take('1: BRPOPLPUSH l m 0.01');
    await party.take('2: BRPOPLPUSH l m 0');
    await party.take('3: ZADD z 1 x; RPUSH l y');
    expect(effects).toEqual(['ZADD z 1 x', 'ZPOPMAX z', 'RPUSH l y', 'RPOPLPUSH l m']);
  });

  test('a client that sends much meanwhile is not read for now, and loses nothing', async () => {
    const party = await Party.start(2);
    await party.take('0: BLPOP a 0');
    const value = 'x'.repeat(20_000);
    for (let i = 0; i < 10; i++) await party.take(`0: ECHO ${i}${value}`);
    const waiting = [...party.server.kernel.clients.values()][0];
    expect(waiting.isReadingPaused).toBe(true);
    expect(waiting.decoder.bufferedBytes).toBeLessThan(200_000);
    const { 0: replies } = await party.take('1: RPUSH a 1');
    const rest = (await party.take('after 100'))[0] ?? [];
    expect([...replies, ...rest]).toEqual([['a', '1'], ...Array.from({ length: 10 }, (_, i) => `${i}${value}`)]);
  });

  test('ten thousand wait for one key, and each is served once', async () => {
    const party = await Party.start(2, { directives: { maxclients: 20_000 } });
    const { server } = party;
    const count = 10_000;
    const clients: TestClient[] = [];
    for (let i = 0; i < count; i++) clients.push(await server.connect());
    for (const [i, client] of clients.entries()) client.send(`BLPOP a ${i % 2 === 0 ? 0 : 100 + (i % 7)}`);
    await server.world.run(1000);
    expect(server.kernel.blocking.clientCount).toBe(count);
    for (let i = 0; i < count; i += 1000) {
      const elements = Array.from({ length: 1000 }, (_, k) => i + k);
      await party.take(`0: RPUSH a ${elements.join(' ')}`);
    }
    const taken: unknown[] = [];
    for (const client of clients) taken.push(...(await client.repliesWithin(0)));
    expect(new Set(taken.map((reply) => (reply as string[])[1])).size).toBe(count);
    expect(server.kernel.blocking.isEmpty).toBe(true);
  });
});

describe('in a cluster', () => {
  const directives = { 'cluster-enabled': true, port: 7000 };

  async function startAlone(size: number): Promise<Party> {
    const party = await Party.start(size, { directives });
    expect(await party.take('0: CLUSTER ADDSLOTSRANGE 0 16383')).toEqual({ 0: ['OK'] });
    await party.take('after 3000');
    return party;
  }

  test('the keys are of one slot', async () => {
    const party = await startAlone(2);
    const crossed = "-CROSSSLOT Keys in request don't hash to the same slot";
    expect(await party.take('0: BLPOP a b 0; BLMOVE a b LEFT LEFT 0')).toEqual({ 0: [crossed, crossed] });
    await party.take('0: BLPOP {a}1 {a}2 0');
    expect(await party.take('1: RPUSH {a}2 x')).toEqual({ 1: [1], 0: [['{a}2', 'x']] });
  });

  test('a slot that goes away sends those who wait for it away', async () => {
    const party = await startAlone(3);
    await party.take('0: BLPOP a 0; PING');
    await party.take('1: BLPOP b 0');
    // Slot of a: 15495. Without it the cluster is down, for all who wait.
    const down = '-CLUSTERDOWN The cluster is down';
    const notServed = '-CLUSTERDOWN Hash slot not served';
    const received = await party.take('2: CONFIG SET cluster-require-full-coverage no; CLUSTER DELSLOTS 15495');
    const later = await party.take('after 3000');
    expect([...(received[0] ?? []), ...(later[0] ?? [])][0]).toMatch(/^-CLUSTERDOWN/);
    expect([down, notServed]).toContain([...(received[0] ?? []), ...(later[0] ?? [])][0]);
    expect(await party.take('2: RPUSH b 1')).toEqual({ 2: [1], 1: [['b', '1']] });
  });
});

function recordEffects({ server }: Party): string[] {
  const effects: string[] = [];
  server.kernel.effects.sink = {
    append: (bytes, start, end) => {
      const decoder = new RequestDecoder(requestLimits());
      decoder.feed(ByteBuffer.from(bytes.subarray(start, end)), 0, end - start);
      while (decoder.next()) {
        const { args } = decoder;
        const words = Array.from({ length: args.count }, (_, i) =>
          latin1Of(args.buffer.u8, args.start[i], args.end[i]),
        );
        effects.push(words.join(' '));
      }
    },
  };
  return effects;
}
