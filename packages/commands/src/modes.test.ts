import { describe, expect, test } from 'vitest';
import { fails } from '../test/story.ts';
import { TestContext } from '../test/test-context.ts';
import {
  COPY_IN_CLUSTER,
  IS_LFU,
  LCS_TOO_LARGE,
  MOVE_IN_CLUSTER,
  SORT_BY_IN_CLUSTER,
  SORT_GET_IN_CLUSTER,
  SWAPDB_IN_CLUSTER,
} from './errors.ts';
import { BIT_OFFSET_OUT_OF_RANGE, STRING_TOO_LONG } from './errors.ts';

describe('in a cluster there is one database', () => {
  const context = new TestContext({ isClusterEnabled: true, databaseCount: 1 });
  context.run('SET', 'a', '1');
  for (const [request, reply] of [
    ['COPY a b DB 1', fails(COPY_IN_CLUSTER)],
    ['COPY a b DB 0', 1],
    ['MOVE a 1', fails(MOVE_IN_CLUSTER)],
    ['MOVE a x', fails(MOVE_IN_CLUSTER)],
    ['SWAPDB 0 1', fails(SWAPDB_IN_CLUSTER)],
    ['SORT l BY w_*', fails(SORT_BY_IN_CLUSTER)],
    ['SORT_RO l GET #', fails(SORT_GET_IN_CLUSTER)],
    ['SORT l BY nosort', []],
  ] as const)
    test(request, () => expect(context.run(...request.split(' '))).toEqual(reply));
});

test('with an LFU policy FREQ answers and IDLETIME does not', () => {
  const context = new TestContext();
  context.db.accessPolicy = 'lfu';
  context.run('SET', 'a', '1');
  expect(context.run('OBJECT', 'FREQ', 'a')).toBe(5);
  expect(context.run('OBJECT', 'IDLETIME', 'a')).toEqual(fails(IS_LFU));
});

test('IDLETIME counts seconds since the last use; asking is none, TOUCH is', () => {
  const context = new TestContext();
  context.run('SET', 'a', '1');
  context.nowMs += 5500;
  expect(context.run('OBJECT', 'IDLETIME', 'a')).toBe(5);
  context.run('EXISTS', 'a');
  context.run('TYPE', 'a');
  context.run('TTL', 'a');
  expect(context.run('OBJECT', 'IDLETIME', 'a')).toBe(5);
  context.run('TOUCH', 'a');
  expect(context.run('OBJECT', 'IDLETIME', 'a')).toBe(0);
});

describe('proto-max-bulk-len bounds strings', () => {
  const context = new TestContext({ bulkBytesMax: 100 });
  context.run('SET', 'a', 'x'.repeat(90));
  for (const [request, reply] of [
    [`APPEND a ${'y'.repeat(11)}`, fails(STRING_TOO_LONG)],
    [`APPEND a ${'y'.repeat(10)}`, 100],
    ['SETRANGE a 100 z', fails(STRING_TOO_LONG)],
    ['SETRANGE a 99 z', 100],
    ['SETBIT b 800 1', fails(BIT_OFFSET_OUT_OF_RANGE)],
    ['SETBIT b 799 1', 0],
    ['BITFIELD b GET u8 800', fails(BIT_OFFSET_OUT_OF_RANGE)],
    ['LCS a b', fails(LCS_TOO_LARGE)],
  ] as const)
    test(request.replace(/(.)\1{9,}/, '$1...'), () => expect(context.run(...request.split(' '))).toEqual(reply));
});

describe('without memory', () => {
  test('commands say so and change nothing', () => {
    const context = new TestContext({ limitBytes: 3000 });
    context.run('SET', 'a', 'old');
    const before = context.dataSet();
    context.takeEffects();
    const big = 'x'.repeat(4000);
    for (const request of [
      ['SET', 'a', big],
      ['SET', 'a', big, 'GET'],
      ['GETSET', 'a', big],
      ['SETNX', 'b', big],
      ['APPEND', 'a', big],
      ['APPEND', 'b', big],
      ['SETRANGE', 'a', '4000', 'x'],
      ['SETBIT', 'a', '32000', '1'],
      ['BITFIELD', 'a', 'SET', 'u8', '32000', '1'],
    ]) {
      expect([request[0], String(context.run(...request))]).toEqual([
        request[0],
        expect.stringContaining('OOM command'),
      ]);
    }
    expect(context.dataSet()).toEqual(before);
    expect(context.takeEffects()).toEqual([]);
  });

  test('a HyperLogLog, and results that are stored, come whole or not at all', () => {
    for (const [setUp, request] of [
      ['PFADD a x', `PFADD a ${Array.from({ length: 3000 }, (_, i) => i).join(' ')}`],
      ['PFADD a x', 'PFDEBUG TODENSE a'],
      ['PFADD a x', 'PFDEBUG GETREG a'],
      [`RPUSH a ${Array.from({ length: 60 }, () => 'x'.repeat(30)).join(' ')}`, 'SORT a ALPHA STORE b'],
      [
        `GEOADD a ${Array.from({ length: 40 }, (_, i) => `1 1 ${i}`).join(' ')}`,
        'GEOSEARCHSTORE b a FROMLONLAT 1 1 BYRADIUS 1 KM',
      ],
    ]) {
      const context = new TestContext({ limitBytes: 40_000 });
      context.run(...setUp.split(' '));
      const { arena } = context.db;
      arena.limitBytes = arena.usedBytes + 200;
      const before = context.dataSet();
      const { usedBytes } = arena;
      context.takeEffects();
      expect([request, String(context.run(...request.split(' ')))]).toEqual([
        request,
        expect.stringContaining('OOM command'),
      ]);
      expect(context.dataSet()).toEqual(before);
      expect(arena.usedBytes).toBe(usedBytes);
      expect(context.takeEffects()).toEqual([]);
    }
  });

  test('MSET keeps what fitted, and says so to those that repeat it', () => {
    const context = new TestContext({ limitBytes: 3000 });
    expect(String(context.run('MSET', 'a', '1', 'b', 'x'.repeat(4000), 'c', '3'))).toContain('OOM');
    expect(context.takeEffects()).toEqual(['MSET a 1']);
    expect(context.run('MGET', 'a', 'b', 'c')).toEqual(['1', null, null]);
  });
});

describe('RESP3', () => {
  test('LCS with IDX is a map, null is null', () => {
    const context = new TestContext({ protocol: 3 });
    context.run('MSET', 'a', 'x', 'b', 'x');
    context.run('LCS', 'a', 'b', 'IDX');
    expect(context.reply.buffer.u8[0]).toBe('%'.charCodeAt(0));
    context.run('GET', 'none');
    expect(context.reply.buffer.u8[0]).toBe('_'.charCodeAt(0));
  });
});
