import { Prng } from '@kvartz/base';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { Arena } from './arena.ts';
import { CheckedModeError } from './checked-mode.ts';
import { blockBytesOf, pageBytes } from './size-classes.ts';

afterEach(() => vi.unstubAllGlobals());

interface Block {
  ref: number;
  size: number;
  fill: number;
}

/** Writes a pattern into a block, so that another block that overlaps it would destroy it. */
function write(arena: Arena, block: Block): void {
  const segment = arena.segments[block.ref >>> arena.refShift];
  const at = (block.ref & arena.refMask) << 3;
  segment.u8.fill(block.fill, at, at + block.size);
}

function isIntact(arena: Arena, block: Block): boolean {
  const segment = arena.segments[block.ref >>> arena.refShift];
  const at = (block.ref & arena.refMask) << 3;
  // Both ends and a sample of the middle.
  for (let i = 0; i < block.size; i += i < 64 ? 1 : 61) if (segment.u8[at + i] !== block.fill) return false;
  return segment.u8[at + block.size - 1] === block.fill;
}

function sizeBelow(random: Prng, max: number): number {
  // As many small ones as large ones, by their logarithm.
  return 1 + Math.floor(2 ** (random.ratio() * Math.log2(max)));
}

for (const [name, segmentBytes, sizeMax] of [
  ['64 KiB', 2 ** 16, 40_000],
  ['1 MiB', 2 ** 20, 300_000],
  ['64 MiB', 2 ** 26, 1_000_000],
] as const) {
  test(`arena: blocks never overlap, accounts are exact and all pages join again (segments of ${name})`, () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = new Prng(seed);
        const arena = new Arena({ segmentBytes, checked: segmentBytes < 2 ** 26 });
        const blocks: Block[] = [];
        let usedBytes = 0;
        for (let i = 0; i < 2000; i++) {
          if (blocks.length > 0 && random.chance(i < 1300 ? 0.4 : 0.6)) {
            const [block] = blocks.splice(random.below(blocks.length), 1);
            expect(isIntact(arena, block)).toBe(true);
            expect(arena.blockBytes(block.ref)).toBe(blockBytesOf(block.size));
            arena.free(block.ref);
            usedBytes -= blockBytesOf(block.size);
          } else {
            const size = sizeBelow(random, sizeMax);
            const block = { ref: arena.alloc(size), size, fill: random.below(256) };
            expect(block.ref).toBeGreaterThan(0);
            write(arena, block);
            blocks.push(block);
            usedBytes += blockBytesOf(size);
          }
          expect(arena.usedBytes).toBe(usedBytes);
          expect(arena.reservedBytes).toBeGreaterThanOrEqual(usedBytes);
        }
        for (const block of blocks) {
          expect(isIntact(arena, block)).toBe(true);
          arena.free(block.ref);
        }
        expect(arena.usedBytes).toBe(0);
        expect(arena.reservedBytes).toBe(0);
        for (const segment of arena.segments)
          expect(segment.pageCount === 0 || (segment.isEmpty && segment.isOneRun)).toBe(true);
      }),
      { numRuns: 3 },
    );
  });
}

test('arena: memory freed in one size serves all others', () => {
  const arena = new Arena({ segmentBytes: 2 ** 20, limitBytes: Infinity });
  const fill = (size: number): number[] => {
    const refs: number[] = [];
    for (let i = 0; i < 600_000 / size; i++) refs.push(arena.alloc(size));
    return refs;
  };
  for (const size of [64, 24, 3000, 100, 50_000, 9000, 8]) {
    const refs = fill(size);
    expect(refs.every((ref) => ref > 0)).toBe(true);
    for (const ref of refs) arena.free(ref);
  }
  expect(arena.segments.length).toBe(1);
});

for (const [name, sizeOf, ratioMax] of [
  ['sizes of 16 to 216 bytes', (random: Prng) => 16 + random.below(200), 1.15],
  ['sizes of 16 bytes to 8 KiB', (random: Prng) => sizeBelow(random, 8192), 1.2],
  ['sizes of 1 to 200 KiB', (random: Prng) => 1024 * sizeBelow(random, 200), 1.1],
  // Blocks of sizes that are no longer asked for keep their slabs until the last one is freed.
  ['sizes that double slowly', (random: Prng, i: number) => 16 + random.below(200) + i / 500, 1.5],
] as const) {
  test(`arena: after much coming and going little more is reserved than used: ${name}`, () => {
    const random = new Prng(7);
    const arena = new Arena({ segmentBytes: 2 ** 28 });
    const refs: number[] = [];
    for (let i = 0; i < 100_000; i++) {
      const at = random.below(10_000);
      if (refs[at] !== undefined) arena.free(refs[at]);
      refs[at] = arena.alloc(Math.floor(sizeOf(random, i)));
    }
    expect(arena.reservedBytes / arena.usedBytes).toBeLessThan(ratioMax);
  });
}

test('arena: a limit is exact, and reaching it is a value', () => {
  const arena = new Arena({ segmentBytes: 2 ** 20, limitBytes: 1000, checked: true });
  const first = arena.alloc(600);
  expect(arena.usedBytes).toBe(640);
  expect(arena.alloc(400)).toBe(0);
  expect(arena.alloc(100_000)).toBe(0);
  const second = arena.alloc(352);
  expect(arena.usedBytes).toBe(992);
  expect(arena.alloc(9)).toBe(0);
  expect(arena.alloc(8)).toBeGreaterThan(0);
  arena.free(first);
  arena.free(second);
  expect(arena.usedBytes).toBe(8);
  expect(arena.peakBytes).toBe(1000);
  arena.resetPeak();
  expect(arena.peakBytes).toBe(8);
});

test('arena: a block of more than half a segment is a segment of its own, up to 1 GiB', () => {
  const arena = new Arena({ segmentBytes: 2 ** 20, checked: true });
  const blocks = [2 ** 19 + 1, 2 ** 20, 2 ** 20 + 1, 2 ** 24].map((size) => arena.alloc(size));
  expect(new Set(blocks.map((ref) => ref >>> arena.refShift)).size).toBe(4);
  for (const ref of blocks) expect(ref).toBeGreaterThan(0);
  expect(blocks.map((ref) => arena.blockBytes(ref))).toEqual([
    2 ** 19 + pageBytes,
    2 ** 20,
    2 ** 20 + pageBytes,
    2 ** 24,
  ]);
  const small = arena.alloc(100);
  for (const ref of blocks) arena.free(ref);
  expect(() => arena.assertLive(blocks[0])).toThrow(CheckedModeError);
  expect(arena.usedBytes).toBe(104);
  // Their numbers are used again.
  expect(arena.alloc(2 ** 20) >>> arena.refShift).toBe(1);
  arena.free(small);
  expect(arena.alloc(2 ** 30 + 1)).toBe(0);
});

test('arena: a string of 512 MiB fits', () => {
  const arena = new Arena();
  const ref = arena.alloc(2 ** 29);
  expect(ref).toBeGreaterThan(0);
  expect(arena.blockBytes(ref)).toBe(2 ** 29);
  expect(arena.segments[ref >>> arena.refShift].u8.length).toBe(2 ** 29);
});

test('arena: references beyond 2^31 are as good as others', () => {
  const arena = new Arena();
  // Half of what references reach, in blocks of untouched memory; then the first segment is filled, too.
  for (let i = 0; i < 256; i++) expect(arena.alloc(2 ** 25 + 1)).toBeGreaterThan(0);
  while (arena.alloc(2 ** 20) < 2 ** 23);
  let high = 0;
  while (high < 2 ** 31) high = arena.alloc(100);
  expect(arena.blockBytes(high)).toBe(104);
  write(arena, { ref: high, size: 100, fill: 7 });
  const other = arena.alloc(100);
  arena.free(high);
  expect(arena.alloc(100)).toBe(high);
  arena.free(other);
  // References end at 32 GiB.
  let count = 0;
  while (arena.alloc(2 ** 25 + 1) !== 0) count++;
  expect(count).toBe(512 - 258);
});

test('arena: when the system refuses a segment, a smaller one is tried, then 0 is the answer', () => {
  const real = ArrayBuffer;
  let largestBytes = 2 ** 22;
  vi.stubGlobal(
    'ArrayBuffer',
    new Proxy(real, {
      construct(target, [sizeBytes]) {
        if (sizeBytes > largestBytes) throw new RangeError('Array buffer allocation failed');
        return new target(sizeBytes);
      },
    }),
  );
  const arena = new Arena();
  expect(arena.alloc(64)).toBeGreaterThan(0);
  expect(arena.segments[0].u8.length).toBe(2 ** 22);
  expect(arena.alloc(2 ** 23)).toBe(0);
  expect(arena.alloc(2 ** 26)).toBe(0);
  largestBytes = 0;
  while (arena.alloc(2 ** 16) !== 0);
  expect(arena.usedBytes).toBeGreaterThan(2 ** 22 - 2 ** 18);
  largestBytes = 2 ** 24;
  expect(arena.alloc(2 ** 23)).toBeGreaterThan(0);
});

test('arena: an empty segment is kept, a second one is given back, and its number used again', () => {
  const arena = new Arena({ segmentBytes: 2 ** 24 });
  const fill = (): number[] => Array.from({ length: 30 }, () => arena.alloc(2 ** 20));
  const refs = fill();
  const before = arena.segmentsBytes;
  expect(before).toBe(2 ** 25);
  for (const ref of refs) arena.free(ref);
  expect(arena.segmentsBytes).toBe(2 ** 24);
  fill();
  expect(arena.segmentsBytes).toBe(before);
  arena.reset();
  expect(arena.segmentsBytes).toBe(2 ** 24);
  expect(arena.releaseOne()).toBe(false);
});

test('arena: a segment that was made ahead of need is the next one, whatever came and went in between', () => {
  const arena = new Arena({ segmentBytes: 2 ** 20, checked: true });
  const made = vi.fn();
  const real = ArrayBuffer;
  vi.stubGlobal(
    'ArrayBuffer',
    new Proxy(real, {
      construct(target, [sizeBytes]) {
        if (sizeBytes >= 2 ** 20) made(sizeBytes);
        return new target(sizeBytes);
      },
    }),
  );
  arena.reserveAhead();
  expect(made).toHaveBeenCalledTimes(0);
  const refs = Array.from({ length: 7 }, () => arena.alloc(2 ** 17));
  expect(made).toHaveBeenCalledTimes(1);
  const used = arena.residentBytes;
  arena.reserveAhead();
  arena.reserveAhead();
  expect(made).toHaveBeenCalledTimes(2);
  expect(arena.segmentsBytes).toBe(2 ** 20);
  expect(arena.residentBytes).toBe(used);
  // A large value takes the number 1, and the first segment empties and fills again.
  expect(arena.alloc(2 ** 19 + 1) >>> arena.refShift).toBe(1);
  for (const ref of refs) arena.free(ref);
  for (let i = 0; i < 8; i++) expect(arena.alloc(2 ** 17)).toBeGreaterThan(0);
  const next = arena.alloc(2 ** 17);
  expect(next >>> arena.refShift).toBe(2);
  expect(arena.segments[2].index).toBe(2);
  expect(made).toHaveBeenCalledTimes(2);
  write(arena, { ref: next, size: 2 ** 17, fill: 1 });
  // It outlives a reset.
  arena.reset();
  for (let i = 0; i < 7; i++) arena.alloc(2 ** 17);
  arena.reserveAhead();
  arena.reset();
  const count = made.mock.calls.length;
  for (let i = 0; i < 14; i++) expect(arena.alloc(2 ** 17)).toBeGreaterThan(0);
  expect(arena.segments).toHaveLength(2);
  expect(made).toHaveBeenCalledTimes(count);
});

test('arena: a large block grows where it is while the pages behind it are free', () => {
  const arena = new Arena({ segmentBytes: 2 ** 20, checked: true });
  const block = arena.alloc(20_000);
  expect(arena.extend(block, 50_000)).toBe(true);
  expect(arena.blockBytes(block)).toBe(53_248);
  expect(arena.usedBytes).toBe(53_248);
  expect(arena.reservedBytes).toBe(53_248);
  const behind = arena.alloc(20_000);
  expect(arena.extend(block, 60_000)).toBe(false);
  arena.free(behind);
  expect(arena.extend(block, 600_000)).toBe(false);
  arena.free(block);
  expect(arena.usedBytes).toBe(0);
  expect(arena.segments[0].isOneRun).toBe(true);
});

test('arena: reset frees everything at once and leaves a working arena', () => {
  const arena = new Arena({ segmentBytes: 2 ** 18, checked: true });
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 2000; i++) expect(arena.alloc(1 + ((i * 37) % 3000))).toBeGreaterThan(0);
    expect(arena.segments.length).toBeGreaterThan(3);
    arena.reset();
    expect(arena.usedBytes).toBe(0);
    expect(arena.reservedBytes).toBe(0);
    expect(arena.segments.length).toBe(1);
  }
});

test('checked mode: freeing twice, freeing what is no block, and using a freed block are found', () => {
  const arena = new Arena({ segmentBytes: 2 ** 18, checked: true });
  const ref = arena.alloc(100);
  const other = arena.alloc(100);
  expect(() => arena.free(ref + 1)).toThrow(CheckedModeError);
  expect(() => arena.free(0)).toThrow(CheckedModeError);
  expect(() => arena.free(2 ** 31)).toThrow(CheckedModeError);
  arena.free(ref);
  expect(() => arena.free(ref)).toThrow(CheckedModeError);
  expect(() => arena.assertLive(ref)).toThrow(CheckedModeError);
  arena.assertLive(other);
});

test('checked mode: a write to a freed block is found when the block is handed out again', () => {
  const arena = new Arena({ segmentBytes: 2 ** 18, checked: true });
  const ref = arena.alloc(100);
  arena.alloc(100);
  arena.free(ref);
  arena.segments[0].u8[(ref << 3) + 50] = 1;
  expect(() => arena.alloc(100)).toThrow(/was written to/);
});

test('resident bytes: rise with the pages that are used for the first time only, and fall when a segment goes back', () => {
  const arena = new Arena({ segmentBytes: 2 ** 24 });
  const blocks = Array.from({ length: 100 }, () => arena.alloc(100_000));
  const full = arena.residentBytes;
  expect(full).toBe(100 * blockBytesOf(100_000) + pageBytes);
  for (const ref of blocks.splice(0, 50)) arena.free(ref);
  expect(arena.residentBytes).toBe(full);
  for (let i = 0; i < 50; i++) blocks.push(arena.alloc(100_000));
  expect(arena.residentBytes).toBe(full);
  const whole = arena.alloc(2 ** 25);
  expect(arena.residentBytes).toBe(full + 2 ** 25);
  arena.free(whole);
  expect(arena.residentBytes).toBe(full + 2 ** 25);
  arena.releaseOne();
  expect(arena.residentBytes).toBe(full);
  // Two more segments; the first of those that become empty is kept.
  for (let i = 0; i < 300; i++) blocks.push(arena.alloc(100_000));
  const most = arena.residentBytes;
  for (const ref of blocks) arena.free(ref);
  expect(arena.residentBytes).toBe(most);
  while (arena.releaseOne());
  expect(arena.residentBytes).toBeLessThanOrEqual(2 ** 24);
});

test('room: what hasRoom promises is had without more resident bytes than allowed', () => {
  const size = fc.oneof(fc.integer({ min: 1, max: 1024 }), fc.integer({ min: 1, max: 120_000 }));
  fc.assert(
    fc.property(fc.integer({ min: 100_000, max: 2 ** 20 }), fc.array(fc.tuple(size, fc.nat())), (allowed, steps) => {
      const arena = new Arena({ segmentBytes: 2 ** 18, checked: true });
      const blocks: number[] = [];
      for (const [bytes, choice] of steps) {
        const before = arena.residentBytes;
        const isPromised = arena.hasRoom(bytes, allowed);
        blocks.push(arena.alloc(bytes));
        if (isPromised) expect(arena.residentBytes).toBeLessThanOrEqual(Math.max(before, allowed));
        else expect(arena.residentBytes).toBeGreaterThan(before);
        if (choice % 3 === 0) arena.free(blocks.splice(choice % blocks.length, 1)[0]);
      }
    }),
    { numRuns: 200 },
  );
});
