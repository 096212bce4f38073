import { ReplyError } from '@kvartz/resp';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TestContext } from '../../test/test-context.ts';

const key = fc.constantFrom('h', 'h', 'k');
const field = fc.constantFrom('a', 'b', 'c', '1', '22');
const value = fc.constantFrom('', '5', '-7', 'text', '9223372036854775807', 'x'.repeat(60));
const time = fc.constantFrom('0', '1', '10', '11', '200', '-1', 'x', '70368744177664');
const moment = fc.constantFrom('1699999999999', '1700000000100', '1700000000300');
const condition = fc.constantFrom('NX', 'XX', 'GT', 'LT');
const fields = fc.array(field, { minLength: 1, maxLength: 4 });
const pairs = fc.array(fc.tuple(field, value), { minLength: 1, maxLength: 3 });
const timeOption = fc.oneof(
  fc.tuple(fc.constant('PX'), time),
  fc.tuple(fc.constant('PXAT'), moment),
  fc.constantFrom([], ['KEEPTTL'], ['PERSIST']),
);
const count = (list: readonly unknown[]): string => String(list.length);

const request: fc.Arbitrary<readonly string[]> = fc.oneof(
  fc.tuple(fc.constantFrom('HPEXPIRE', 'HEXPIRE'), key, time, fields).map(([name, k, at, list]) => {
    return [name, k, at, 'FIELDS', count(list), ...list];
  }),
  fc.tuple(key, moment, condition, fields).map(([k, at, word, list]) => {
    return ['HPEXPIREAT', k, at, word, 'FIELDS', count(list), ...list];
  }),
  fc
    .tuple(
      fc.constantFrom('HPERSIST', 'HPTTL', 'HTTL', 'HPEXPIRETIME', 'HEXPIRETIME', 'HGETDEL', 'HGETEX'),
      key,
      fields,
    )
    .map(([name, k, list]) => [name, k, 'FIELDS', count(list), ...list]),
  fc
    .tuple(key, timeOption, fields)
    .map(([k, option, list]) => ['HGETEX', k, ...option, 'FIELDS', count(list), ...list]),
  fc.tuple(key, fc.constantFrom([], ['FNX'], ['FXX']), timeOption, pairs).map(([k, word, option, list]) => {
    return ['HSETEX', k, ...word, ...option, 'FIELDS', count(list), ...list.flat()];
  }),
  fc.tuple(key, pairs).map(([k, list]) => ['HSET', k, ...list.flat()]),
  fc.tuple(fc.constantFrom('HINCRBY', 'HINCRBYFLOAT', 'HSETNX'), key, field, value),
  fc.tuple(fc.constantFrom('HGET', 'HEXISTS', 'HSTRLEN', 'HDEL'), key, field),
  fc.tuple(fc.constantFrom('HMGET', 'HDEL'), key, field, field, field),
  fc.tuple(fc.constantFrom('HGETALL', 'HKEYS', 'HVALS', 'HLEN', 'EXISTS'), key),
  fc.tuple(fc.constant('HSCAN'), key, fc.constant('0'), fc.constant('COUNT'), fc.constant('100')),
  fc.tuple(fc.constant('HRANDFIELD'), key, fc.constant('100'), fc.constant('WITHVALUES')),
  fc.constant(['COPY', 'h', 'k', 'REPLACE']),
  fc.constant(['RENAME', 'h', 'k']),
);
const turn = fc.record({ request, laterMs: fc.constantFrom(0, 0, 0, 1, 10, 100), isCycle: fc.boolean() });

const unordered = new Set(['HGETALL', 'HKEYS', 'HVALS', 'HSCAN', 'HRANDFIELD']);

/** A reply, with elements in order where there is none. */
function shown(name: string, reply: unknown): unknown {
  if (reply instanceof ReplyError) return reply.message;
  return unordered.has(name) && Array.isArray(reply) ? reply.flat().map(String).toSorted() : reply;
}

test('hashes with times answer the same as listpacks, as tables, and where one becomes the other', () => {
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 80, size: 'max' }), (turns) => {
      const contexts = [0, 3, 512].map((entriesMax) => {
        const context = new TestContext();
        for (const database of context.databases) database.limits.hashMaxListpackEntries = entriesMax;
        return context;
      });
      for (const { isCycle, laterMs, request: words } of turns) {
        const seen = contexts.map((context) => {
          context.nowMs += laterMs;
          if (isCycle) context.db.expireCycle({ keysMax: Infinity, cellsMax: Infinity }, context.nowMs);
          const reply = shown(words[0], context.run(...words));
          // The order in which fields of one moment go is that of no promise.
          return { reply, told: context.takeTold(), effects: context.takeEffects().toSorted() };
        });
        expect(seen[1]).toEqual(seen[0]);
        expect(seen[2]).toEqual(seen[0]);
        expect(contexts[1].dataSet()).toEqual(contexts[0].dataSet());
        expect(contexts[2].dataSet()).toEqual(contexts[0].dataSet());
      }
    }),
    { numRuns: 60 },
  );
});
