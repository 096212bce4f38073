import { Prng } from '@kvartz/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Backlog, type BacklogReader } from './backlog.ts';

const blockBytes = 64 * 1024;

/** The byte of the stream at an offset. */
const byteAt = (offset: number): number => (offset * 7 + (offset >>> 8)) & 0xff;

function streamOf(from: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => byteAt(from + i));
}

describe('Backlog', () => {
  test('begins where it is told and holds what was appended', () => {
    const backlog = new Backlog(100, 1000);
    expect([backlog.startOffset, backlog.endOffset, backlog.holds(1000), backlog.holds(999)]).toEqual([
      1000,
      1000,
      true,
      false,
    ]);
    const bytes = new TextEncoder().encode('xxhelloxx');
    backlog.append(bytes, 2, 7);
    expect([backlog.startOffset, backlog.endOffset, backlog.lengthBytes]).toEqual([1000, 1005, 5]);
    const run = backlog.read(1001).next(100)!;
    expect(new TextDecoder().decode(run.bytes.subarray(run.start, run.end))).toBe('ello');
  });

  test('keeps what a reader wants, however far it is behind, and gives it back after', () => {
    const backlog = new Backlog(blockBytes);
    const reader = backlog.read(0);
    for (let at = 0; at < 20 * blockBytes; at += blockBytes / 2) {
      backlog.append(streamOf(at, blockBytes / 2), 0, blockBytes / 2);
    }
    expect([backlog.startOffset, reader.behindBytes]).toEqual([0, 20 * blockBytes]);
    while (reader.next(Infinity) !== undefined);
    backlog.trim();
    expect(backlog.startOffset).toBe(0);
    reader.release();
    backlog.trim();
    expect(backlog.startOffset).toBe(19 * blockBytes);
    expect(backlog.memoryBytes).toBeLessThanOrEqual(17 * blockBytes);
  });

  test('starts over at another offset', () => {
    const backlog = new Backlog(10);
    backlog.append(streamOf(0, 100_000), 0, 100_000);
    backlog.restart(5);
    expect([backlog.startOffset, backlog.endOffset]).toEqual([5, 5]);
    backlog.append(streamOf(5, 10), 0, 10);
    const run = backlog.read(5).next(100)!;
    expect(run.bytes.slice(run.start, run.end)).toEqual(streamOf(5, 10));
  });

  test('readers get the stream whole and in order, whatever the steps', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 1, max: 300_000 }), (seed, capacityBytes) => {
        const random = new Prng(seed);
        const backlog = new Backlog(capacityBytes, 77);
        const readers: BacklogReader[] = [];
        for (let step = 0; step < 60; step++) {
          const choice = random.below(4);
          if (choice < 2) {
            const count = random.below(choice === 0 ? 100 : 150_000);
            backlog.append(streamOf(backlog.endOffset, count), 0, count);
          } else if (choice === 2) {
            readers.push(backlog.read(backlog.startOffset + random.below(backlog.lengthBytes + 1)));
          }
          for (const [i, reader] of readers.entries()) {
            if (random.below(3) === 0) continue;
            const from = reader.offset;
            const run = reader.next(1 + random.below(80_000));
            if (run !== undefined) {
              expect(reader.offset - from).toBe(run.end - run.start);
              for (const at of [run.start, run.end - 1]) expect(run.bytes[at]).toBe(byteAt(from + at - run.start));
            } else expect(from).toBe(backlog.endOffset);
            if (random.below(2) === 0) reader.release();
            if (random.below(10) === 0) {
              reader.close();
              readers.splice(i, 1);
            }
          }
          expect(backlog.lengthBytes).toBeGreaterThanOrEqual(Math.min(capacityBytes, backlog.endOffset - 77));
        }
      }),
      { numRuns: 60 },
    );
  });
});
