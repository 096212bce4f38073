/** The same bytes to our decoder and to a real redis-server: requests, protocol errors and their texts must agree. */
import fc from 'fast-check';
import { deepEqual, equal } from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { requestLimits } from '../src/index.ts';
import { hasRedisServer, RedisServer } from './redis-server.ts';
import { bytesOf, decodeRequests, latin1 } from './support.ts';

const long = (char: string, count: number): string => char.repeat(count);

/** Connections that end in a protocol error. NUL is left out: where Redis looks for the end of a line, it stops there. */
const errors: readonly string[] = [
  '*\r\n',
  '*a\r\n',
  '*01\r\n',
  '*+1\r\n',
  '*-0\r\n',
  '* 1\r\n',
  '*1 \r\n',
  '*2147483648\r\n',
  '*99999999999999999999999999\r\n',
  '*-9223372036854775809\r\n',
  '*1\r\n$\r\n',
  '*1\r\n$-1\r\n',
  '*1\r\n$+4\r\n',
  '*1\r\n$04\r\nPING\r\n',
  '*1\r\n$4x\r\nPING\r\n',
  '*1\r\n$536870913\r\n',
  '*1\r\n$9223372036854775808\r\n',
  '*1\r\nabc\r\n',
  '*1\r\n\r\n',
  '*1\r\n\nab\r\n',
  '*1\r\n\xffab\r\n',
  '*1\r\n%4\r\n',
  '*2\r\n$4\r\nECHO\r\n:1\r\n',
  '*1\r\n$4\r\nPING\r\n*a\r\n',
  `*${long('1', 65_536)}`,
  `*1\r\n$${long('1', 65_536)}`,
  long('a', 65_537),
  'PING "a\r\n',
  "PING 'a\r\n",
  "PING 'a'b\r\n",
  'PING "a"b\r\n',
  'PING "a\\"\r\n',
];

const unauthenticatedErrors: readonly string[] = [
  '*11\r\n',
  '*2147483648\r\n',
  '*1\r\n$16385\r\n',
  '*1\r\n$536870913\r\n',
  'AUTH "\r\n',
];

const show = (wire: string): string =>
  JSON.stringify(wire.length > 50 ? `${wire.slice(0, 20)}... (${wire.length})` : wire);

/** What Redis answers to requests of which only ECHO with one argument is a good one; errors by their first word. */
function answersTo(requests: ReturnType<typeof decodeRequests>): string {
  return requests
    .map((request) => {
      if (typeof request === 'string') return `-ERR ${request}\r\n`;
      if (request.length === 2 && request[0].toLowerCase() === 'echo')
        return `$${request[1].length}\r\n${request[1]}\r\n`;
      return '-ERR (command)\r\n';
    })
    .join('');
}

/** Takes what differs from command to command out of Redis's answers. */
function withoutCommandErrors(answer: string): string {
  return answer.replace(/-ERR (unknown command|wrong number of arguments)[^\r]*\r\n/g, '-ERR (command)\r\n');
}

describe.skipIf(!hasRedisServer())('beside redis-server', () => {
  let open: RedisServer;
  let locked: RedisServer;
  beforeAll(async () => {
    open = await RedisServer.start();
    locked = await RedisServer.start('--requirepass', 'secret');
  });
  afterAll(async () => {
    await open?.stop();
    await locked?.stop();
  });

  for (const wire of errors) {
    test(`protocol error for ${show(wire)}`, async () => {
      const ours = decodeRequests([bytesOf(wire)]).at(-1);
      const theirs = latin1(await open.ask(bytesOf(wire)))
        .split('\r\n')
        .at(-2);
      equal(`-ERR ${String(ours)}`, theirs);
    });
  }

  for (const wire of unauthenticatedErrors) {
    test(`protocol error before authentication for ${show(wire)}`, async () => {
      const ours = decodeRequests([bytesOf(wire)], requestLimits({ isUnauthenticated: true }));
      equal(`-ERR ${String(ours.at(-1))}\r\n`, latin1(await locked.ask(bytesOf(wire))));
    });
  }

  const agree = async (wire: string): Promise<void> => {
    const ours = answersTo(decodeRequests([bytesOf(wire)]));
    deepEqual(ours, withoutCommandErrors(latin1(await open.ask(bytesOf(wire)))));
  };

  test('inline requests are split alike (property)', { timeout: 60_000 }, async () => {
    const pieces = [
      'a',
      'b',
      ' ',
      '\t',
      '\v',
      '\f',
      '\r',
      '"',
      "'",
      '\\',
      '\\n',
      '\\r',
      '\\t',
      '\\b',
      '\\a',
      '\\x4',
      '\\x41',
    ];
    const line = fc.array(fc.constantFrom(...pieces, '\\xfF', '\\q', '\\"', "\\'", '\xe9', ' "', '" ', " '", "' "), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(line, (parts) => agree(`ECHO ${parts.join('')}\r\nECHO "${parts.join('')}"\r\n`)),
      { numRuns: 400 },
    );
  });

  test('damaged requests are read alike (property)', { timeout: 60_000 }, async () => {
    const good =
      '*2\r\n$4\r\nECHO\r\n$3\r\nabc\r\n*0\r\necho xyz\r\n*2\r\n$4\r\necho\r\n$12\r\nabcdefghijkl\r\n*-1\r\n*1\r\n$4\r\necho\r\n';
    const damage = fc.record({
      at: fc.nat({ max: good.length - 1 }),
      drop: fc.nat({ max: 2 }),
      insert: fc.constantFrom('', '', '0', '1', '2', '9', '-', '*', '$', '\r', '\n', '\r\n', ' ', '"', 'x', '\xff'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
        let wire = good + good;
        for (const { at, drop, insert } of damages) wire = wire.slice(0, at) + insert + wire.slice(at + drop);
        return agree(wire);
      }),
      { numRuns: 600 },
    );
  });
});
