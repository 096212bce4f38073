import { textOf } from '@kvartz/base';
import { Args } from '@kvartz/resp';
import { describe, expect, test } from 'vitest';
import {
  allCommandFacts,
  type CommandContext,
  type CommandSpec,
  dataCommands,
  defineCommands,
  findKeys,
  findKeysAndFlags,
  INVALID_KEYS,
  KeyPositions,
} from './index.ts';

const known = new Map(dataCommands.map((spec) => [spec.fullName, spec]));

/** The row of any command that the facts know, whether there is code for it or not. */
function specOf(request: string): CommandSpec {
  const [name] = request.toLowerCase().split(' ');
  const spec = known.get(name);
  if (spec !== undefined) return spec;
  return defineCommands<CommandContext>([{ name, summary: '', complexity: '', run: () => {} }])[0];
}

function keysOf(request: string, includeNotKeys = false): string[] | undefined {
  const args = Args.of(...request.split(' '));
  const found = new KeyPositions();
  if (findKeys(specOf(request), args, found, { includeNotKeys }) === INVALID_KEYS) return undefined;
  return Array.from(found.indexes.subarray(0, found.count), (i) => textOf(args.buffer.u8, args.start[i], args.end[i]));
}

describe('findKeys', () => {
  for (const [request, keys] of [
    ['get k', ['k']],
    ['ping', []],
    ['mset a 1 b 2', ['a', 'b']],
    ['del a b c', ['a', 'b', 'c']],
    ['rename a b', ['a', 'b']],
    ['bitop and to a b', ['to', 'a', 'b']],
    ['copy a b db 1', ['a', 'b']],
    ['lcs a b len', ['a', 'b']],
    ['eval script 2 a b c', ['a', 'b']],
    ['eval script 0 a b c', undefined],
    ['eval script 9 a b c', undefined],
    ['eval script x a', undefined],
    ['zunionstore to 2 a b weights 1 2', ['to', 'a', 'b']],
    ['lmpop 2 a b left', ['a', 'b']],
    ['blpop a b 0', ['a', 'b']],
    ['xread count 1 streams a b 0 0', ['a', 'b']],
    ['xread count 1', undefined],
    ['georadius k 1 1 1 km', ['k']],
    ['georadius k 1 1 1 km store a', ['k', 'a']],
    ['georadius k 1 1 1 km storedist b store a', ['k', 'a', 'b']],
    ['georadius_ro k 1 1 1 km', ['k']],
    ['geosearchstore a b fromlonlat 1 1 byradius 1 km', ['a', 'b']],
    ['sort k', ['k']],
    ['sort k by x get y store a store b', ['k', 'b']],
    ['sort k limit 1 2 get store store x', ['k', 'x']],
    ['sort_ro k by x', ['k']],
    ['xreadgroup group g c streams a 0', ['a']],
  ] as const)
    test(`${request}: ${keys === undefined ? 'invalid' : `[${keys.join(' ')}]`}`, () =>
      expect(keysOf(request)).toEqual(keys));

  test('many keys: the positions grow', () => {
    const keys = Array.from({ length: 100 }, (_, i) => `k${i}`);
    expect(keysOf(`mget ${keys.join(' ')}`)).toEqual(keys);
  });

  test('channels of sharded pub/sub count where asked', () => {
    expect(keysOf('spublish c m')).toEqual([]);
    expect(keysOf('spublish c m', true)).toEqual(['c']);
  });

  test('three numbers are believed only where they say everything', () => {
    const fixed = (name: string): boolean => specOf(name).areKeysFixed;
    expect(['get', 'mset', 'rename', 'bitop', 'del'].filter((name) => !fixed(name))).toEqual([]);
    expect(['eval', 'xread', 'zunionstore', 'migrate', 'sort', 'spublish', 'ping'].filter(fixed)).toEqual([]);
  });

  test('the short way finds what the long way finds', () => {
    for (const name of allCommandFacts.keys()) {
      if (name.includes('|')) continue;
      const spec = specOf(name);
      if (!spec.areKeysFixed) continue;
      const args = Args.of(name, ...Array.from({ length: Math.max(Math.abs(spec.arity) - 1, 4) }, (_, i) => `a${i}`));
      const short = new KeyPositions();
      const long = new KeyPositions();
      expect([name, findKeys(spec, args, short)]).toEqual([name, findKeysAndFlags(spec, args, long)]);
      expect(short.indexes.subarray(0, short.count)).toEqual(long.indexes.subarray(0, long.count));
    }
  });
});

describe('findKeysAndFlags', () => {
  for (const [request, flags] of [
    ['get k', [['RO', 'ACCESS']]],
    ['set k v', [['OW', 'UPDATE']]],
    ['set k v get', [['RW', 'ACCESS', 'UPDATE']]],
    ['bitfield k get u8 0', [['RO', 'ACCESS']]],
    ['bitfield k get u8 0 overflow sat', [['RO', 'ACCESS']]],
    ['bitfield k get u8 0 set u8 0 1', [['RW', 'ACCESS', 'UPDATE']]],
    [
      'sort k store a',
      [
        ['RO', 'ACCESS'],
        ['OW', 'UPDATE'],
      ],
    ],
    [
      'rename a b',
      [
        ['RW', 'ACCESS', 'DELETE'],
        ['OW', 'UPDATE'],
      ],
    ],
  ] as const)
    test(`${request}: ${JSON.stringify(flags)}`, () => {
      const found = new KeyPositions();
      findKeysAndFlags(specOf(request), Args.of(...request.split(' ')), found);
      expect(found.flags.slice(0, found.count)).toEqual(flags);
    });
});
