import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RdbError } from './rdb-error.ts';
import { RdbEvent } from './rdb-event.ts';
import type { RdbKey, RdbStreamEntry, RdbString } from './rdb-item.ts';
import { RdbParser } from './rdb-parser.ts';
import { readRdb } from './read-rdb.ts';
import { writeRdb } from './write-rdb.ts';

async function bytesOf(items: readonly RdbKey[], options?: Parameters<typeof writeRdb>[1]): Promise<Buffer> {
  return Buffer.concat(await allOf(writeRdb(items, options)));
}

function itemsOf(pieces: Iterable<Uint8Array>): Promise<unknown[]> {
  return allOf(readRdb(pieces));
}

async function allOf<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}

const string: fc.Arbitrary<RdbString> = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Uint8Array.from(bytes)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => new Uint8Array(Buffer.from(String(n)))),
  fc.integer({ min: -40_000, max: 40_000 }).map((n) => new Uint8Array(Buffer.from(String(n)))),
  fc.tuple(fc.string({ maxLength: 9 }), fc.nat(900)).map(([s, n]) => new Uint8Array(Buffer.from(s.repeat(n)))),
);
const time = fc.integer({ min: 1, max: 2 ** 45 });
const fields = fc.array(fc.record({ field: string, value: string, expireAtMs: fc.option(time, { nil: undefined }) }));
const members = fc.array(fc.record({ member: string, score: fc.double({ noNaN: true }) }));
const idPart = fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0n, 300n));
const id = fc.tuple(idPart, idPart).map(([ms, seq]) => `${ms}-${seq}`);
const entries: fc.Arbitrary<RdbStreamEntry[]> = fc.array(
  fc.record({ id, fields: fc.array(fc.tuple(string, string), { minLength: 1, maxLength: 3 }) }),
);
const consumers = fc.uniqueArray(
  fc.record({
    name: fc.string({ maxLength: 5 }).map((s) => new Uint8Array(Buffer.from(s))),
    seenMs: time,
    activeMs: fc.oneof(time, fc.constant(-1)),
  }),
  { selector: ({ name }) => String(name), maxLength: 3 },
);
const groups = fc.array(
  fc
    .tuple(string, id, fc.bigInt(-1n, 2n ** 60n), consumers, fc.uniqueArray(id, { maxLength: 5 }), time, fc.nat())
    .map(([name, lastId, entriesRead, who, ids, deliveredMs, deliveries]) => ({
      name,
      lastId,
      entriesRead,
      consumers: who,
      pending: who.flatMap((consumer, i) =>
        ids
          .filter((_, j) => j % who.length === i)
          .map((one) => ({ id: one, consumer: consumer.name, deliveredMs, deliveries })),
      ),
    })),
  { maxLength: 3 },
);
const stream = fc.record({ entries, lastId: id, maxDeletedId: id, entriesAdded: fc.bigInt(0n, 2n ** 63n), groups });
const value = fc.oneof(
  fc.record({ type: fc.constant('string' as const), value: string }),
  fc.record({ type: fc.constantFrom('list' as const, 'set' as const), value: fc.array(string) }),
  fc.record({ type: fc.constant('hash' as const), value: fields }),
  fc.record({ type: fc.constant('zset' as const), value: members }),
  fc.record({ type: fc.constant('stream' as const), value: stream }),
);
const about = fc.record({
  db: fc.nat(20),
  key: string,
  expireAtMs: fc.option(time, { nil: undefined }),
  idleSeconds: fc.option(fc.nat(), { nil: undefined }),
  freq: fc.option(fc.nat(255), { nil: undefined }),
});
const keys: fc.Arbitrary<RdbKey[]> = fc.array(
  fc.tuple(about, value).map(([of, what]) => ({ ...of, ...what }) as RdbKey),
  { maxLength: 8 },
);

describe('RDB', () => {
  test('what was written is read, compressed or not', async () => {
    await fc.assert(
      fc.asyncProperty(keys, fc.boolean(), async (items, isCompressed) => {
        expect(await itemsOf([await bytesOf(items, { version: 12, isCompressed })])).toEqual(items);
      }),
      { numRuns: 150 },
    );
  });

  test('pieces of any size give the same', async () => {
    await fc.assert(
      fc.asyncProperty(keys, fc.array(fc.nat(60), { minLength: 1 }), async (items, sizes) => {
        const bytes = await bytesOf(items, { version: 12 });
        function* pieces(): Generator<Uint8Array> {
          // One memory for all of them, as of a reader that has only one.
          const memory = new Uint8Array(64);
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = sizes.every((n) => n === 0) ? 1 : sizes[i % sizes.length];
            memory.fill(0xee);
            memory.set(bytes.subarray(at, at + size));
            yield memory.subarray(0, Math.min(size, bytes.length - at));
            at += size;
          }
        }
        expect(await itemsOf(pieces())).toEqual(items);
      }),
      { numRuns: 100 },
    );
  });

  test('a file that is cut short is said to be truncated', async () => {
    await fc.assert(
      fc.asyncProperty(keys, fc.nat(), async (items, at) => {
        const bytes = await bytesOf(items, { version: 12 });
        const length = at % bytes.length;
        const found = await itemsOf([bytes.subarray(0, length)]).catch((error: unknown) => error);
        expect(found).toMatchObject({ name: 'RdbError', code: 'truncated', offset: expect.any(Number) });
      }),
      { numRuns: 100 },
    );
  });

  test('bytes that were changed are refused with RdbError, or read, and cost no more memory than their number allows', async () => {
    await fc.assert(
      fc.asyncProperty(
        keys,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
        fc.boolean(),
        async (items, changes, isSummed) => {
          const bytes = await bytesOf(items, { version: 12, isChecksummed: isSummed, isCompressed: !isSummed });
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
          const allocated = await allocatedBy(async () => {
            const found = await itemsOf([bytes.subarray(0, 100), bytes.subarray(100)]).catch((error: unknown) => error);
            if (!Array.isArray(found)) expect(found).toBeInstanceOf(RdbError);
          });
          expect(allocated).toBeLessThan(2000 + bytes.length * 300);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('any bytes behind a header are refused or read', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.uint8Array({ maxLength: 400 }), (version, rest) => {
        const parser = new RdbParser();
        parser.feed(Buffer.from(`REDIS${String(version).padStart(4, '0')}`));
        parser.feed(rest);
        try {
          for (let event = parser.next(), left = 5000; event !== RdbEvent.eof && event !== RdbEvent.needMore; left--) {
            expect(left).toBeGreaterThan(0);
            event = parser.next();
          }
        } catch (error) {
          if (!(error instanceof RdbError)) throw error;
        }
      }),
      { numRuns: 3000 },
    );
  });
});

/** Bytes of ArrayBuffers that were asked for meanwhile. */
async function allocatedBy(act: () => Promise<void>): Promise<number> {
  const original = globalThis.ArrayBuffer;
  let bytes = 0;
  globalThis.ArrayBuffer = new Proxy(original, {
    construct(target, [length, ...rest]: [number]) {
      bytes += length;
      return new target(length, ...rest);
    },
  });
  try {
    await act();
  } finally {
    globalThis.ArrayBuffer = original;
  }
  return bytes;
}
