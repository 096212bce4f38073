import { describe, expect, test } from 'vitest';
import { shown } from './support/shown.ts';
import { TestServer } from './support/test-server.ts';

async function ask(...requests: string[]): Promise<unknown> {
  const client = await (await TestServer.start()).connect();
  let reply: unknown;
  for (const request of requests) reply = await client.ask(request);
  return shown(reply);
}

test('COMMAND INFO: ten elements, as in Redis 7', async () => {
  expect(await ask('COMMAND INFO get nosuch config|get')).toEqual([
    [
      'get',
      2,
      ['readonly', 'fast'],
      1,
      1,
      1,
      ['@read', '@string', '@fast'],
      [],
      [
        [
          'flags',
          ['RO', 'access'],
          'begin_search',
          ['type', 'index', 'spec', ['index', 1]],
          'find_keys',
          ['type', 'range', 'spec', ['lastkey', 0, 'keystep', 1, 'limit', 0]],
        ],
      ],
      [],
    ],
    null,
    [
      'config|get',
      -3,
      ['admin', 'noscript', 'loading', 'stale'],
      0,
      0,
      0,
      ['@admin', '@slow', '@dangerous'],
      [],
      [],
      [],
    ],
  ]);
});

test('in RESP3 flags are sets and key specs maps', async () => {
  const client = await (await TestServer.start()).connect();
  await client.ask('HELLO 3');
  const [get] = (await client.ask('COMMAND INFO get')) as unknown[][];
  expect(get[2]).toEqual(new Set(['readonly', 'fast']));
  expect([...(get[8] as Set<unknown>)][0]).toEqual(
    new Map<string, unknown>([
      ['flags', new Set(['RO', 'access'])],
      [
        'begin_search',
        new Map<string, unknown>([
          ['type', 'index'],
          ['spec', new Map([['index', 1]])],
        ]),
      ],
      [
        'find_keys',
        new Map<string, unknown>([
          ['type', 'range'],
          ['spec', new Map(Object.entries({ lastkey: 0, keystep: 1, limit: 0 }))],
        ]),
      ],
    ]),
  );
});

test('COMMAND, COMMAND INFO, COMMAND DOCS and COMMAND COUNT agree', async () => {
  const client = await (await TestServer.start()).connect();
  const count = await client.ask('COMMAND COUNT');
  const names = (await client.ask('COMMAND LIST')) as string[];
  expect(await client.ask('COMMAND')).toHaveLength(Number(count));
  expect(await client.ask('COMMAND INFO')).toHaveLength(Number(count));
  expect(await client.ask('COMMAND DOCS')).toHaveLength(Number(count) * 2);
  expect(names.filter((name) => !name.includes('|'))).toHaveLength(Number(count));
  expect(names).toEqual(expect.arrayContaining(['get', 'config|set', 'command|docs', 'client|kill']));
});

test('every command has a summary, a group and a version', async () => {
  const client = await (await TestServer.start()).connect();
  await client.ask('HELLO 3');
  const docs = (await client.ask('COMMAND DOCS')) as Map<string, Map<string, unknown>>;
  for (const [name, fields] of docs) {
    for (const field of ['summary', 'group', 'since', 'complexity']) {
      expect([name, field, String(fields.get(field) ?? '') !== '']).toEqual([name, field, true]);
    }
  }
});

test('COMMAND DOCS: arguments and subcommands', async () => {
  const client = await (await TestServer.start()).connect();
  await client.ask('HELLO 3');
  const docs = (await client.ask('COMMAND DOCS set SLOWLOG nosuch getset')) as Map<string, Map<string, unknown>>;
  expect([...docs.keys()]).toEqual(['set', 'slowlog', 'getset']);
  const [key, , condition] = docs.get('set')!.get('arguments') as Map<string, unknown>[];
  expect(key).toEqual(new Map<string, unknown>(Object.entries({ name: 'key', type: 'key', key_spec_index: 0 })));
  expect(condition.get('flags')).toEqual(new Set(['optional']));
  expect([...(docs.get('slowlog')!.get('subcommands') as Map<string, unknown>).keys()]).toContain('slowlog|get');
  expect(docs.get('getset')?.get('doc_flags')).toEqual(new Set(['deprecated']));
});

describe('COMMAND LIST', () => {
  for (const [request, reply] of [
    ['COMMAND LIST FILTERBY PATTERN getb*', ['getbit']],
    [
      'COMMAND LIST FILTERBY PATTERN SlowLog*',
      ['slowlog', 'slowlog|get', 'slowlog|len', 'slowlog|reset', 'slowlog|help'],
    ],
    ['COMMAND LIST FILTERBY ACLCAT transaction', ['multi', 'exec', 'discard', 'watch', 'unwatch']],
    ['COMMAND LIST FILTERBY ACLCAT nosuch', []],
    ['COMMAND LIST FILTERBY MODULE json', []],
    ['COMMAND LIST FILTERBY FOO x', '-ERR syntax error'],
    ['COMMAND LIST FOO', '-ERR syntax error'],
  ] as const) {
    test(request, async () => expect(await ask(request)).toEqual(reply));
  }
});

describe('COMMAND GETKEYS', () => {
  for (const [request, reply] of [
    ['GET a', ['a']],
    ['mset a 1 b 2', ['a', 'b']],
    ['DEL a b c', ['a', 'b', 'c']],
    ['BITOP AND d a b', ['d', 'a', 'b']],
    ['object encoding a', ['a']],
    ['MEMORY USAGE a', ['a']],
    ['PING', '-ERR The command has no key arguments'],
    ['CONFIG GET a', '-ERR The command has no key arguments'],
    ['NOSUCH a', '-ERR Invalid command specified'],
    ['CONFIG nosuch', '-ERR Invalid command specified'],
    ['GET a b', '-ERR Invalid number of arguments specified for command'],
    ['GET', '-ERR Invalid number of arguments specified for command'],
  ] as const) {
    test(request, async () => expect(await ask(`COMMAND GETKEYS ${request}`)).toEqual(reply));
  }
});

describe('COMMAND GETKEYSANDFLAGS', () => {
  for (const [request, reply] of [
    ['SET a b', [['a', ['OW', 'update']]]],
    ['SET a b GET', [['a', ['RW', 'access', 'update']]]],
    [
      'COPY a b',
      [
        ['a', ['RO', 'access']],
        ['b', ['OW', 'update']],
      ],
    ],
    ['BITFIELD a GET u8 0', [['a', ['RO', 'access']]]],
    [
      'DEL a b',
      [
        ['a', ['RM', 'delete']],
        ['b', ['RM', 'delete']],
      ],
    ],
  ] as const) {
    test(request, async () => expect(await ask(`COMMAND GETKEYSANDFLAGS ${request}`)).toEqual(reply));
  }
});
