import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allOf, keys } from '../../test/rdb-keys.ts';
import { RdbError } from './rdb-error.ts';
import type { RdbValue } from './rdb-item.ts';
import { RdbScanner } from './rdb-scanner.ts';
import { writeRdb } from './write-rdb.ts';

function sizeOf(value: RdbValue): number {
  if (value.type === 'stream') return value.value.entries.length;
  return value.type === 'module' ? 0 : value.value.length;
}

test('the scanner comes to the same keys as were written, wherever pieces end', async () => {
  await fc.assert(
    fc.asyncProperty(keys, fc.integer({ min: 1, max: 200 }), async (list, pieceBytes) => {
      const file = Buffer.concat(await allOf(writeRdb(list, { version: 12 })));
      const found: unknown[] = [];
      let bytes = 0;
      const scanner = new RdbScanner({
        onKey: ({ count, db, expireAtMs, fileBytes, key, kind }) => {
          bytes += fileBytes;
          found.push([db, key.toBytes(), kind, count, expireAtMs]);
        },
      });
      for (let at = 0; at < file.length; at += pieceBytes) scanner.feed(file.subarray(at, at + pieceBytes));
      scanner.finish();
      expect(found).toEqual(
        list.map((item) => [item.db, item.key, item.type, sizeOf(item), item.expireAtMs ?? Infinity]),
      );
      expect(bytes).toBeLessThan(file.length);
      expect(scanner.offset).toBe(file.length);
      expect(scanner.isDone).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('damage inside of a packed value is told with the key', () => {
  // A listpack that says two elements and has one.
  const pack = [0x0a, 0, 0, 0, 2, 0, 0x01, 0x01, 0x02, 0xff];
  const file = [...Buffer.from('REDIS0010'), 20, 1, 0x6b, pack.length, ...pack];
  const scanner = new RdbScanner({}, { isChecksummed: false });
  expect(() => scanner.feed(Uint8Array.from(file))).toThrow(RdbError);
  expect(() => new RdbScanner({}).feed(Uint8Array.from(file))).toThrow(
    /at offset 23, byte \d+ of the value before it: expected .*, in the key "k"/,
  );
});

test('a file with other bytes in it is scanned, or refused with an RdbError', async () => {
  const change = fc.record({ at: fc.nat(), byte: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(keys, fc.array(change, { minLength: 1, maxLength: 4 }), async (list, changes) => {
      const file = Buffer.concat(await allOf(writeRdb(list, { version: 12 })));
      for (const { at, byte } of changes) file[9 + (at % (file.length - 9))] = byte;
      const scanner = new RdbScanner({}, { isChecksummed: false });
      try {
        scanner.feed(file);
        scanner.finish();
      } catch (error) {
        expect(error).toBeInstanceOf(RdbError);
      }
    }),
    { numRuns: 1000 },
  );
});
