import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RdbError } from './rdb-error.ts';
import { RdbEvent } from './rdb-event.ts';
import { allOf, keys } from '../../test/rdb-keys.ts';
import type { RdbKey } from './rdb-item.ts';
import { RdbParser } from './rdb-parser.ts';
import { readRdb } from './read-rdb.ts';
import { writeRdb } from './write-rdb.ts';

async function bytesOf(items: readonly RdbKey[], options?: Parameters<typeof writeRdb>[1]): Promise<Buffer> {
  return Buffer.concat(await allOf(writeRdb(items, options)));
}

function itemsOf(pieces: Iterable<Uint8Array>): Promise<unknown[]> {
  return allOf(readRdb(pieces));
}

describe('RDB', () => {
  test('what was written is read, compressed or not', async () => {
    await fc.assert(
      fc.asyncProperty(keys, fc.boolean(), async (items, isCompressed) => {
        expect(await itemsOf([await bytesOf(items, { version: 12, isCompressed })])).toEqual(items);
      }),
      { numRuns: 150, endOnFailure: true },
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
      { numRuns: 100, endOnFailure: true },
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
      { numRuns: 100, endOnFailure: true },
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
      { numRuns: 1000, endOnFailure: true },
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
      { numRuns: 3000, endOnFailure: true },
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
