import { crc64, textOf } from '@kvartz/base';
import { Args } from '@kvartz/resp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OUT_OF_MEMORY } from '../index.ts';
import { words } from '../../test/story.ts';
import { TestContext } from '../../test/test-context.ts';

const requests = [
  'set k value',
  'set k 12345678901',
  'rpush k a 1 b',
  `rpush k ${Array.from({ length: 2000 }, (_, i) => `element${i}`).join(' ')}`,
  'sadd k 1 2 3',
  'sadd k a 2 3',
  `sadd k ${Array.from({ length: 600 }, (_, i) => `m${i}`).join(' ')}`,
  'hset k f v g 2',
  `hset k ${Array.from({ length: 600 }, (_, i) => `f${i} v${i}`).join(' ')}`,
  'zadd k 1 a 1 b 2.5 c inf d',
  `zadd k ${Array.from({ length: 300 }, (_, i) => `${i % 17} m${i}`).join(' ')}`,
  'hset k f v g 2; hpexpireat k 1700000005000 fields 1 f',
  `hset k ${Array.from({ length: 600 }, (_, i) => `f${i} v${i}`).join(' ')}; hpexpireat k 1700000005000 fields 2 f7 f8`,
  'xadd k 1-1 f v; xadd k 1-2 f w g x; xadd k 5-0 f y; xdel k 1-2; xgroup create k group 0; xreadgroup group group me streams k >',
];
const reading: Record<string, string> = {
  string: 'get k',
  list: 'lrange k 0 -1',
  set: 'sort k alpha',
  hash: 'hgetall k',
  zset: 'zrange k 0 -1 withscores',
  stream: 'xinfo stream k full count 0',
};

function context(text: string): TestContext {
  const it = new TestContext();
  for (const request of text.split('; ')) it.run(...words(request));
  return it;
}

function sorted(value: unknown): unknown {
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value.toSorted() : value;
}

/** The bytes of the reply to DUMP k. */
function dumpOf(it: TestContext): Buffer {
  it.reply.position = 0;
  it.execute(Args.of('dump', 'k'));
  const bytes = Buffer.from(it.reply.buffer.u8.subarray(0, it.reply.position));
  return Buffer.from(bytes.subarray(bytes.indexOf('\n') + 1, -2));
}

/** The payload with a sum that is right. */
function summed(payload: Buffer): Buffer {
  payload.writeBigUInt64LE(crc64(payload, 0, payload.length - 8), payload.length - 8);
  return payload;
}

describe('DUMP and RESTORE', () => {
  test.each(requests)('what was dumped is restored: %.40s', (request) => {
    const it = context(request);
    const payload = dumpOf(it);
    const read = reading[String(it.run(...words('type k')))];
    const before = it.run(...words(read));
    expect(it.run('restore', 'k', '0', payload, 'replace')).toBe('OK');
    expect(sorted(it.run(...words(read)))).toEqual(sorted(before));
    expect(it.run(...words('httl k fields 1 f8'))).toBeDefined();
    expect(dumpOf(it).length).toBe(payload.length);
  });

  test.each(requests)('where memory fails nothing has changed: %.40s', (request) => {
    const it = context(request);
    const payload = dumpOf(it);
    const { arena } = it.db;
    it.run('del', 'k');
    it.run('set', 'k', 'old');
    it.run('restore', 'other', '0', payload);
    it.run('del', 'other');
    arena.lazyFree.run(Infinity);
    const { usedBytes } = arena;
    for (let failAfter = 0; ; failAfter += 1 + (failAfter >> 1)) {
      arena.guard!.failAfter = failAfter;
      const reply = it.run('restore', 'new', '100', payload);
      arena.guard!.failAfter = -1;
      if (reply === 'OK') break;
      expect(String(reply)).toContain(OUT_OF_MEMORY);
      arena.lazyFree.run(Infinity);
      expect([it.run('get', 'k'), it.run('exists', 'new'), arena.usedBytes]).toEqual(['old', 0, usedBytes]);
    }
    expect(it.run('pttl', 'new')).toBe(100);
    for (let failAfter = 0; ; failAfter += 1 + (failAfter >> 1)) {
      arena.guard!.failAfter = failAfter;
      const reply = it.run('restore', 'k', '100', payload, 'replace');
      arena.guard!.failAfter = -1;
      if (reply === 'OK') break;
      arena.lazyFree.run(Infinity);
      expect([it.run('get', 'k'), it.run('pttl', 'k')]).toEqual(['old', -1]);
    }
    expect(it.run('pttl', 'k')).toBe(100);
  });

  test('what is restored is as new to the policy that is in force', () => {
    const it = context('set k value');
    const payload = dumpOf(it);
    it.db.accessPolicy = 'lfu';
    const counterOf = (...options: string[]): number => {
      expect(it.run('restore', 'k', '0', payload, 'replace', ...options)).toBe('OK');
      const { buffer, end, start } = Args.of('k');
      return it.db.lfuCounter(it.db.peek(buffer, start[0], end[0]));
    };
    expect([counterOf(), counterOf('freq', '77'), counterOf('idletime', '1000')]).toEqual([5, 77, 5]);
    it.db.accessPolicy = 'lru';
    const idleOf = (...options: string[]): number => {
      expect(it.run('restore', 'k', '0', payload, 'replace', ...options)).toBe('OK');
      const { buffer, end, start } = Args.of('k');
      return it.db.idleMs(it.db.peek(buffer, start[0], end[0])) / 1000;
    };
    expect([idleOf(), idleOf('freq', '77'), idleOf('idletime', '1000')]).toEqual([0, 0, 1000]);
  });

  test('elements that stand twice are refused, packed too', () => {
    const it = context('rpush k a a');
    const pack = dumpOf(it);
    // Type, one node, packed, length, pack.
    const elements = pack.subarray(4, -10);
    const size = pack[3];
    const tail = Buffer.from([10, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for (const type of [16, 20]) {
      const payload = summed(Buffer.concat([Buffer.from([type, size]), elements, tail]));
      expect(String(it.run('restore', 'other', '0', payload, 'replace'))).toMatch(
        type === 16 ? 'OK' : 'Bad data format',
      );
    }
  });

  test('payloads that were changed are refused or make a value that can be read, dumped and deleted', () => {
    const payloads = requests.map((request) => dumpOf(context(request)));
    const stream = payloads.find(([type]) => type === 19)!;
    const change = fc.tuple(fc.nat(), fc.nat(255));
    const it = new TestContext();
    it.run('set', 'k', 'old');
    fc.assert(
      fc.property(
        fc.constantFrom(...payloads),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        (payload, changes) => {
          const bytes = Buffer.from(payload);
          // The first bytes say what all others are.
          for (const [at, byte] of changes) bytes[at % Math.min(bytes.length, 200)] = byte;
          it.nowMs++;
          const reply = it.run('restore', 'k', '0', summed(bytes), 'replace');
          if (reply !== 'OK') {
            expect(String(reply)).toMatch(/Bad data format|DUMP payload version/);
            return;
          }
          const read = reading[String(it.run('type', 'k'))];
          it.run(...words(read));
          const again = dumpOf(it);
          expect(it.run('restore', 'other', '0', again, 'replace')).toBe('OK');
          it.run(...words('xadd k 18446744073709551615-1 f v'));
          it.run('del', 'k', 'other');
          it.db.arena.lazyFree.run(Infinity);
        },
      ),
      {
        numRuns: 3000,
        // Times of deliveries beyond what a reply can say, and long before the epoch.
        examples: [
          [stream, [[1_685_727_963, 46]]],
          [
            stream,
            [
              [1_375_911_233, 98],
              [1_879_035_563, 162],
            ],
          ],
        ],
      },
    );
  });

  test.each<[options: string[], ttl: string, effect: string | undefined, told: string[]]>([
    [[], '0', 'restore k 0 P', ['restore k']],
    [['replace', 'freq', '7'], '100', 'RESTORE k 1700000000100 P REPLACE FREQ 7 ABSTTL', ['restore k']],
    [
      ['absttl', 'idletime', '5', 'replace'],
      '1700000000001',
      'RESTORE k 1700000000001 P REPLACE IDLETIME 5 ABSTTL',
      ['restore k'],
    ],
    [['absttl', 'replace'], '1', 'DEL k', ['del k']],
    [['absttl'], '1', undefined, []],
  ])('RESTORE with %s is repeated as it was meant', (options, ttl, effect, told) => {
    const it = context('set k value');
    const payload = dumpOf(it);
    if (!options.includes('replace')) it.run('del', 'k');
    it.takeEffects();
    it.takeTold();
    expect(it.run('restore', 'k', ttl, payload, ...options)).toBe('OK');
    const texts = it.takeEffects().map((text) => text.replace(textOf(payload), 'P'));
    expect(texts).toEqual(effect === undefined ? [] : [effect]);
    expect(it.takeTold()).toEqual(told);
  });
});
