import { Prng } from '@kvartz/base';
import { describe, expect, test } from 'vitest';
import { words } from '../../test/story.ts';
import { TestContext } from '../../test/test-context.ts';

/** Requests on a hash whose fields a, b and c have expired 1 ms ago, but for c where it says otherwise. */
class ExpiredHash extends TestContext {
  constructor(isTable: boolean, fields = 'abc') {
    super();
    if (isTable) for (const database of this.databases) database.limits.hashMaxListpackEntries = 0;
    this.ask('hset h a 1 b 22 c 333 d 4');
    this.ask(`hpexpire h 10 fields ${fields.length} ${fields.split('').join(' ')}`);
    this.nowMs += 11;
    this.takeEffects();
    this.takeTold();
  }

  ask(request: string): unknown {
    return this.run(...words(request));
  }
}

describe.each([
  ['packed', false],
  ['in a table', true],
] as const)('fields that have expired, %s', (_, isTable) => {
  for (const [request, reply, effects, told, length] of [
    ['hget h a', null, ['HDEL h a'], ['hexpired h'], 3],
    ['hget h d', '4', [], [], 4],
    ['hmget h a d b', [null, '4', null], ['HDEL h a', 'HDEL h b'], ['hexpired h', 'hexpired h'], 2],
    ['hexists h a', 0, ['HDEL h a'], ['hexpired h'], 3],
    ['hstrlen h b', 0, ['HDEL h b'], ['hexpired h'], 3],
    ['hgetall h', ['d', '4'], [], [], 4],
    ['hkeys h', ['d'], [], [], 4],
    ['hvals h', ['4'], [], [], 4],
    ['hlen h', 4, [], [], 4],
    ['hscan h 0 count 100', ['0', ['d', '4']], [], [], 4],
    ['hrandfield h', 'd', ['HDEL h a', 'HDEL h b', 'HDEL h c'], ['hexpired h'], 1],
    ['hrandfield h 9 withvalues', ['d', '4'], ['HDEL h a', 'HDEL h b', 'HDEL h c'], ['hexpired h'], 1],
    ['httl h fields 2 a d', [-2, -1], [], [], 4],
    ['hpersist h fields 2 a d', [-2, -1], [], [], 4],
    ['hexpire h 10 fields 1 a', [-2], ['HDEL h a'], ['hexpired h'], 3],
    ['hgetdel h fields 2 a d', [null, '4'], ['HDEL h a', 'HDEL h d'], ['hexpired h', 'hdel h'], 2],
    ['hgetex h persist fields 1 b', [null], ['HDEL h b'], ['hexpired h'], 3],
    ['hset h a 5', 0, ['hset h a 5'], ['hset h'], 4],
    ['hsetnx h a 5', 1, ['HDEL h a', 'hsetnx h a 5'], ['hexpired h', 'hset h'], 4],
    ['hincrby h a 5', 5, ['HDEL h a', 'hincrby h a 5'], ['hexpired h', 'hincrby h'], 4],
    ['hincrbyfloat h a 1.5', '1.5', ['HDEL h a', 'HSET h a 1.5'], ['hexpired h', 'hincrbyfloat h'], 4],
    ['hsetex h fnx fields 1 a 5', 1, ['HDEL h a', 'HSETEX h FIELDS 1 a 5'], ['hexpired h', 'hset h'], 4],
    ['hsetex h fxx fields 1 a 5', 0, ['HDEL h a'], ['hexpired h'], 3],
    ['hdel h a', 1, ['hdel h a'], ['hdel h'], 3],
  ] as const)
    test(request, () => {
      const context = new ExpiredHash(isTable);
      expect(context.ask(request)).toEqual(reply);
      // Of one moment, so in a table in no order.
      expect(context.takeEffects().toSorted()).toEqual([...effects].toSorted());
      expect(context.takeTold()).toEqual(told);
      expect(context.ask('hlen h')).toBe(length);
    });

  test('the key goes with the last field, whoever meets it', () => {
    for (const request of ['hget h a', 'hexists h a', 'hrandfield h', 'hrandfield h 3', 'hgetdel h fields 1 a']) {
      const context = new ExpiredHash(isTable);
      context.ask('hdel h b c d');
      context.takeTold();
      context.takeEffects();
      context.ask(request);
      expect(context.takeTold()).toEqual(['hexpired h', 'del h']);
      expect(context.takeEffects()).toEqual(['HDEL h a']);
      expect(context.ask('exists h')).toBe(0);
    }
  });

  test('what asks for all of it leaves the key there, empty', () => {
    const context = new ExpiredHash(isTable);
    context.ask('hdel h d');
    for (const [request, reply] of [
      ['hgetall h', []],
      ['hkeys h', []],
      ['hscan h 0', ['0', []]],
      ['hlen h', 3],
      ['exists h', 1],
      ['hmget h a b c', [null, null, null]],
      ['exists h', 0],
    ] as const) {
      expect(context.ask(request)).toEqual(reply);
    }
  });

  test('a replica sees none of it and removes nothing', () => {
    const context = new ExpiredHash(isTable);
    context.db.expiryMode = 'hide';
    for (const [request, reply] of [
      ['hget h a', null],
      ['hmget h b d', [null, '4']],
      ['hrandfield h', 'd'],
      ['hrandfield h -2', ['d', 'd']],
      ['hgetall h', ['d', '4']],
      ['hlen h', 4],
      ['httl h fields 1 a', [-2]],
    ] as const) {
      expect(context.ask(request)).toEqual(reply);
    }
    expect(context.takeEffects()).toEqual([]);
    expect(context.ask('hlen h')).toBe(4);
  });

  test('SORT does not see them', () => {
    const context = new ExpiredHash(isTable, 'a');
    context.ask('rpush l h');
    expect(context.ask('sort l by *->a get *->a get *->b')).toEqual([null, '22']);
  });

  test('HRANDFIELD picks from those that are left, each as likely', () => {
    const context = new TestContext();
    if (isTable) context.db.limits.hashMaxListpackEntries = 0;
    const random = new Prng(1);
    for (let i = 0; i < 300; i++) context.run(...words(`hset h f${i} ${i}`));
    for (let i = 0; i < 290; i++) context.run(...words(`hpexpire h ${1 + (random.uint32() % 9)} fields 1 f${i}`));
    context.nowMs += 10;
    context.db.expiryMode = 'hide';
    const seen = new Set<unknown>();
    for (let i = 0; i < 200; i++) seen.add(context.run(...words('hrandfield h')));
    expect(seen.size).toBe(10);
    expect((context.run(...words('hrandfield h 20')) as string[]).length).toBe(10);
    expect((context.run(...words('hrandfield h 1 withvalues')) as string[]).length).toBe(2);
  });
});

test('a moment is over when it is past', () => {
  const context = new TestContext();
  context.run('HSET', 'h', 'a', '1');
  context.run('HPEXPIRE', 'h', '10', 'FIELDS', '1', 'a');
  context.nowMs += 10;
  expect(context.run('HPTTL', 'h', 'FIELDS', '1', 'a')).toEqual([0]);
  expect(context.run('HGET', 'h', 'a')).toBe('1');
  context.nowMs += 1;
  expect(context.run('HGET', 'h', 'a')).toBe(null);
  expect(context.expiredFields).toBe(1);
});

test('fields removed at once are counted as expired', () => {
  const context = new TestContext();
  context.run('HSET', 'h', 'a', '1', 'b', '2', 'c', '3');
  context.run('HEXPIRE', 'h', '0', 'FIELDS', '1', 'a');
  context.run('HGETEX', 'h', 'PXAT', '1', 'FIELDS', '1', 'b');
  context.run('HSETEX', 'h', 'EX', '0', 'FIELDS', '1', 'c', '4');
  context.run('HGETDEL', 'h', 'FIELDS', '1', 'c');
  expect(context.expiredFields).toBe(3);
});

test('a replica keeps a field that it is told a past time for', () => {
  const context = new TestContext();
  context.db.expiryMode = 'ignore';
  context.run('HSET', 'h', 'a', '1');
  expect(context.run('HPEXPIREAT', 'h', '0', 'FIELDS', '1', 'a')).toEqual([1]);
  expect(context.run('HPEXPIRETIME', 'h', 'FIELDS', '1', 'a')).toEqual([1]);
  expect(context.run('HGET', 'h', 'a')).toBe('1');
});
