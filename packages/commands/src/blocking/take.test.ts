import { type ByteBuffer, ByteBuffer as Bytes, latin1Of, utf8Bytes } from '@kvartz/base';
import { expect, test } from 'vitest';
import { words } from '../../test/story.ts';
import { TestContext } from '../../test/test-context.ts';

const bytes = (text: string): ByteBuffer => Bytes.from(utf8Bytes(text));

/** List `a` of 1 to 5, sorted set `z` of m1 to m5 with scores 1 to 5. */
function stocked(protocol: 2 | 3 = 2): TestContext {
  const context = new TestContext({ protocol });
  const { lists, sortedSets } = context.db;
  const [a, z] = [bytes('a'), bytes('z')];
  const one = bytes('1');
  const m1 = bytes('m1');
  const list = lists.create(a, 0, 1, one, 0, 1);
  const set = sortedSets.create(z, 0, 1, m1, 0, 2, 1);
  for (let i = 2; i <= 5; i++) {
    lists.push(list, true, bytes(String(i)), 0, 1);
    sortedSets.add(set, bytes(`m${i}`), 0, 2, i);
  }
  return context;
}

function listUnder(context: TestContext, key: string): string[] {
  const { db } = context;
  const entry = db.peek(bytes(key), 0, key.length);
  if (entry === 0) return [];
  return Array.from({ length: db.countOf(entry) }, (_, i) => {
    const { buffer, start, end } = db.lists.at(entry, i);
    return latin1Of(buffer.u8, start, end);
  });
}

/** A request, its reply, its effect, what the server is told, and the list `a` afterwards. */
const takes: readonly (readonly [string, unknown, string, readonly string[], string])[] = [
  ['BLPOP none a z 0', ['a', '1'], 'LPOP a', ['lpop a'], '2345'],
  ['BRPOP a 0', ['a', '5'], 'RPOP a', ['rpop a'], '1234'],
  ['BLMPOP 0 2 none a LEFT', ['a', ['1']], 'LPOP a 1', ['lpop a'], '2345'],
  ['BLMPOP 0 1 a RIGHT COUNT 2', ['a', ['5', '4']], 'RPOP a 2', ['rpop a'], '123'],
  ['BLMPOP 0 1 a LEFT COUNT 9', ['a', ['1', '2', '3', '4', '5']], 'LPOP a 5', ['lpop a', 'del a'], ''],
  ['BLMOVE a b LEFT RIGHT 0', '1', 'LMOVE a b LEFT RIGHT', ['rpush b', 'lpop a'], '2345'],
  ['BLMOVE a a LEFT RIGHT 0', '1', 'LMOVE a a LEFT RIGHT', ['rpush a', 'lpop a'], '23451'],
  ['BLMOVE a a RIGHT RIGHT 0', '5', 'LMOVE a a RIGHT RIGHT', ['rpush a', 'rpop a'], '12345'],
  ['BRPOPLPUSH a b 0', '5', 'RPOPLPUSH a b', ['lpush b', 'rpop a'], '1234'],
  ['BZPOPMIN none z 0', ['z', 'm1', '1'], 'ZPOPMIN z', ['zpopmin z'], '12345'],
  ['BZPOPMAX z 0', ['z', 'm5', '5'], 'ZPOPMAX z', ['zpopmax z'], '12345'],
  [
    'BZMPOP 0 1 z MIN COUNT 2',
    [
      'z',
      [
        ['m1', '1'],
        ['m2', '2'],
      ],
    ],
    'ZPOPMIN z 2',
    ['zpopmin z'],
    '12345',
  ],
  [
    'BZMPOP 0 1 z MAX COUNT 4',
    [
      'z',
      [
        ['m5', '5'],
        ['m4', '4'],
        ['m3', '3'],
        ['m2', '2'],
      ],
    ],
    'ZPOPMAX z 4',
    ['zpopmax z'],
    '12345',
  ],
];

for (const [request, reply, effect, told, list] of takes)
  test(`${request}: takes as ${effect}`, () => {
    const context = stocked();
    expect(context.run(...words(request))).toEqual(reply);
    expect(context.takeEffects()).toEqual([effect]);
    expect(context.takeTold()).toEqual(told);
    expect(listUnder(context, 'a').join('')).toBe(list);
  });

test('the last element takes the key with it', () => {
  const context = stocked();
  for (let i = 0; i < 5; i++) context.run('BRPOPLPUSH', 'a', 'b', '0');
  expect(listUnder(context, 'b').join('')).toBe('12345');
  expect(context.db.peek(bytes('a'), 0, 1)).toBe(0);
  context.takeTold();
  expect(context.run('BZMPOP', '0', '1', 'z', 'MAX', 'COUNT', '5')).toHaveLength(2);
  expect(context.takeTold()).toEqual(['zpopmax z', 'del z']);
  expect(context.db.peek(bytes('z'), 0, 1)).toBe(0);
});

test('a command that has waited takes from the key that ended it', () => {
  const context = stocked();
  context.run('BRPOPLPUSH', 'a', 'b', '0');
  context.readyKey = 2;
  expect(context.run('BLPOP', 'a', 'b', '0')).toEqual(['b', '5']);
});

test('a target of another type is refused, and nothing moves', () => {
  const context = stocked();
  context.run('SET', 'str', 'x');
  context.takeEffects();
  expect(String(context.run('BLMOVE', 'a', 'str', 'LEFT', 'LEFT', '0'))).toContain('WRONGTYPE');
  expect(context.takeEffects()).toEqual([]);
  expect(listUnder(context, 'a').join('')).toBe('12345');
});

test('RESP3: scores are doubles', () => {
  expect(stocked(3).run('BZPOPMIN', 'z', '0')).toEqual(['z', 'm1', 1]);
  expect(stocked(3).run('BZMPOP', '0', '1', 'z', 'MAX')).toEqual(['z', [['m5', 5]]]);
});
