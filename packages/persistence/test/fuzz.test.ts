/**
 * Damaged files and payloads: none may crash or hang, or take memory that the bytes do not pay for; each is loaded or refused with offset
 * and reason. KVARTZ_FUZZ_CASES sets how many, KVARTZ_FUZZ_SEED where they begin.
 */
import { ByteBuffer, Crc64, crc64, Prng } from '@kvartz/base';
import { NO_EXPIRY } from '@kvartz/engine';
import { describe, expect, test } from 'vitest';
import {
  isPayload,
  LoadState,
  PayloadLoader,
  PayloadWriter,
  RdbError,
  type RdbVersion,
  readRdb,
  SnapshotLoader,
  writeSnapshot,
} from '../src/index.ts';
import { damaged } from './mutations.ts';
import { allOf } from './rdb-keys.ts';
import { Samples } from './samples.ts';

const caseCount = Number(process.env['KVARTZ_FUZZ_CASES'] ?? (process.env['CI'] === 'true' ? 3000 : 1000));
const firstSeed = Number(process.env['KVARTZ_FUZZ_SEED'] ?? 1);
const timeout = 60_000 + caseCount * 40;
const headerBytes = 9;
const versions: readonly RdbVersion[] = [9, 10, 11, 12];
/** Memory for what is loaded: a table of which only the first element came takes 16 KiB. */
const memoryMax = (fileBytes: number): number => 300_000 + fileBytes * 40;
const caseMsMax = 2000;

function samplesOf(isCompressed: boolean): Buffer[] {
  return versions.map((version) =>
    Buffer.concat([
      ...writeSnapshot(new Samples(true).all, {
        version,
        isCompressed,
        isChecksummed: false,
        access: isCompressed ? 'lru' : 'lfu',
        aux: [['redis-ver', '7.0.15']],
        functionLibraries: [Buffer.from('#!lua name=l')],
      }),
    ]),
  );
}

/** The last eight bytes become the sum of all before them: damage is to be found behind the sum. */
function summed(file: Buffer): Buffer {
  if (file.length < headerBytes + 8) return file;
  file.writeBigUInt64LE(new Crc64().update(file, 0, file.length - 8).value, file.length - 8);
  return file;
}

function expectRefusal(error: unknown, sizeBytes: number): void {
  expect(error).toBeInstanceOf(RdbError);
  const { expected, found, offset } = error as RdbError;
  expect(offset).toBeGreaterThanOrEqual(0);
  expect(offset).toBeLessThanOrEqual(sizeBytes);
  expect(Math.min(expected.length, found.length)).toBeGreaterThan(0);
}

describe('damage', () => {
  const files = [...samplesOf(true), ...samplesOf(false)];

  test(`to files, ${caseCount} cases`, { timeout }, () => {
    let refused = 0;
    const databases = new Samples(false);
    for (let seed = firstSeed; seed < firstSeed + caseCount; seed++) {
      const random = new Prng(seed);
      const isSummed = random.chance(0.1);
      const made = damaged(random, files[seed % files.length], files[random.below(files.length)], headerBytes);
      const file = isSummed ? summed(made) : made;
      const pieceBytes = 1 + random.below(file.length);
      const loader = new SnapshotLoader({
        databases: databases.all,
        expiredBeforeMs: 0,
        isChecksummed: isSummed,
      });
      const startMs = performance.now();
      try {
        for (let at = 0; at < file.length; at += pieceBytes) loader.feed(file.subarray(at, at + pieceBytes));
        loader.finish();
      } catch (error) {
        refused++;
        expectRefusal(error, file.length);
      }
      const context = `seed ${seed}`;
      expect(performance.now() - startMs, context).toBeLessThan(caseMsMax);
      expect(databases.arena.usedBytes, context).toBeLessThan(memoryMax(file.length));
      // What was loaded before can be written and read.
      const written = Buffer.concat([...writeSnapshot(databases.all)]);
      expect(written.length, context).toBeGreaterThan(headerBytes);
      expect(databases.isSound(), context).toBe(true);
    }
    expect(refused).toBeGreaterThan(caseCount / 3);
  });

  test(`to files that a library user reads, ${caseCount} cases`, { timeout }, async () => {
    for (let seed = firstSeed; seed < firstSeed + caseCount; seed++) {
      const random = new Prng(seed);
      const file = damaged(random, files[seed % files.length], files[random.below(files.length)], headerBytes);
      const startMs = performance.now();
      try {
        await allOf(readRdb([file], { isChecksummed: false }));
      } catch (error) {
        expectRefusal(error, file.length);
      }
      expect(performance.now() - startMs, `seed ${seed}`).toBeLessThan(caseMsMax);
    }
  });

  test(`to payloads, ${caseCount} cases`, { timeout }, () => {
    const payloads = payloadsOf(new Samples(true));
    const databases = new Samples(false);
    const [db] = databases.all;
    const loader = new PayloadLoader(databases.arena);
    const writer = new PayloadWriter();
    const key = ByteBuffer.from(Buffer.from('key'));
    for (let seed = firstSeed; seed < firstSeed + caseCount; seed++) {
      const random = new Prng(seed);
      const made = damaged(random, payloads[seed % payloads.length], payloads[random.below(payloads.length)], 0);
      if (made.length < 11) continue;
      made.writeUInt16LE(11, made.length - 10);
      made.writeBigUInt64LE(crc64(made, 0, made.length - 8), made.length - 8);
      const bytes = ByteBuffer.from(made);
      const context = `seed ${seed}`;
      expect(isPayload(bytes, 0, made.length), context).toBe(true);
      const startMs = performance.now();
      const state = loader.load(db, bytes, 0, made.length);
      expect(performance.now() - startMs, context).toBeLessThan(caseMsMax);
      expect(databases.arena.usedBytes, context).toBeLessThan(memoryMax(made.length));
      if (state === LoadState.loaded) {
        const e = loader.move(db, key, 0, 3, NO_EXPIRY);
        writer.write(db, e);
        expect(loader.load(db, writer.buffer, 0, writer.end), context).toBe(LoadState.loaded);
        loader.drop();
      }
      expect(databases.isSound(), context).toBe(true);
    }
  });
});

function payloadsOf({ all }: Samples): Buffer[] {
  const payloads: Buffer[] = [];
  for (const version of versions) {
    const writer = new PayloadWriter(version);
    for (const db of all) {
      db.forEach((e) => {
        writer.write(db, e);
        payloads.push(Buffer.from(writer.buffer.u8.slice(0, writer.end)));
      });
    }
  }
  return payloads;
}
