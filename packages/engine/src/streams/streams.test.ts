import { ByteBuffer, latin1Bytes, latin1Of, Prng } from '@kvartz/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Arena } from '../arena.ts';
import { Encoding, type EntryRef, ValueType } from '../entry.ts';
import { Keyspace } from '../keyspace.ts';
import { Packs } from '../listpack.ts';
import type { Span } from '../span.ts';
import type { FieldTexts } from './node-writer.ts';
import { StreamId } from './stream-id.ts';
import { StreamWalk } from './stream-walk.ts';

const key = bytes('key');

function bytes(text: string): ByteBuffer {
  return ByteBuffer.from(latin1Bytes(text));
}

function textOf({ buffer, start, end }: Span): string {
  return latin1Of(buffer.u8, start, end);
}

function textsOf(parts: readonly string[]): FieldTexts {
  const ends = parts.map((_, i) => parts.slice(0, i + 1).join('').length);
  return {
    buffer: bytes(parts.join('')),
    start: Int32Array.from([0, ...ends.slice(0, -1)]),
    end: Int32Array.from(ends),
  };
}

function idOf([ms, seq]: readonly [bigint, bigint]): StreamId {
  const id = new StreamId();
  const text = latin1Bytes(`${ms}-${seq}`);
  expect(id.parse(text, 0, text.length)).toBe(true);
  return id;
}

interface ModelEntry {
  readonly id: readonly [bigint, bigint];
  readonly parts: readonly string[];
}

const max64 = 2n ** 64n - 1n;

function isBelow(a: readonly [bigint, bigint], b: readonly [bigint, bigint]): boolean {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
}

/** A stream and the entries that it should have. */
class Pair {
  readonly arena = new Arena({ checked: true, segmentBytes: 2 ** 20 });
  readonly db = new Keyspace({ arena: this.arena, hashKey: [1, 2] });
  readonly streams = this.db.streams;
  readonly walk = new StreamWalk(this.arena);
  model: ModelEntry[] = [];
  last: readonly [bigint, bigint] = [0n, 0n];
  added = 0;
  e: EntryRef;

  constructor(nodeMaxEntries: number, nodeMaxBytes: number) {
    this.db.limits.streamNodeMaxEntries = nodeMaxEntries;
    this.db.limits.streamNodeMaxBytes = nodeMaxBytes;
    this.e = this.streams.create(key, 0, 3);
  }

  append(id: readonly [bigint, bigint], parts: readonly string[]): void {
    if (!isBelow(this.last, id)) return;
    const before = this.arena.usedBytes;
    if (!this.streams.append(this.e, idOf(id), textsOf(parts), 0, parts.length / 2)) {
      expect(this.arena.usedBytes).toBe(before);
      return;
    }
    this.model.push({ id, parts });
    this.last = id;
    this.added++;
  }

  remove(id: readonly [bigint, bigint]): void {
    const rest = this.model.filter((entry) => entry.id !== id);
    expect(this.streams.remove(this.e, idOf(id))).toBe(rest.length < this.model.length);
    this.model = rest;
  }

  trimmed(removed: number): void {
    this.model = this.model.slice(removed);
  }

  contentOf(e: EntryRef, start: StreamId, end: StreamId, isBackward: boolean): string[][] {
    const { walk } = this;
    const content: string[][] = [];
    walk.seek(this.streams.root(e), start, end, isBackward);
    while (walk.next()) {
      const entry = [String(walk.id)];
      while (walk.nextField()) entry.push(textOf(walk.field), textOf(walk.value));
      expect(entry).toHaveLength(walk.fieldCount * 2 + 1);
      content.push(entry);
    }
    return content;
  }

  expectedOf(entries: readonly ModelEntry[]): string[][] {
    return entries.map(({ id, parts }) => [id.join('-'), ...parts]);
  }

  check(): void {
    const { e, model, streams } = this;
    const min = new StreamId();
    const max = new StreamId().setMax();
    const id = new StreamId();
    expect(streams.count(e)).toBe(model.length);
    expect(this.contentOf(e, min, max, false)).toEqual(this.expectedOf(model));
    expect(this.contentOf(e, min, max, true)).toEqual(this.expectedOf(model.toReversed()));
    expect(String(streams.lastId(e, id))).toBe(this.last.join('-'));
    expect(String(streams.firstId(e, id))).toBe((model[0]?.id ?? [0, 0]).join('-'));
    expect(String(streams.lastEntryId(e, id))).toBe((model.at(-1)?.id ?? [0, 0]).join('-'));
    expect([streams.entriesAddedHigh(e), streams.entriesAddedLow(e)]).toEqual([0, this.added]);
  }

  checkRange(a: readonly [bigint, bigint], b: readonly [bigint, bigint], isBackward: boolean): void {
    const inside = this.model.filter(({ id }) => !isBelow(id, a) && !isBelow(b, id));
    const expected = this.expectedOf(isBackward ? inside.toReversed() : inside);
    expect(this.contentOf(this.e, idOf(a), idOf(b), isBackward)).toEqual(expected);
  }

  /** After this nothing may be left in the arena. */
  finish(): void {
    this.check();
    const { arena, db } = this;
    const copy = db.copyTo(this.e, db, bytes('copy'), 0, 4);
    this.e = copy;
    this.check();
    expect(db.typeOf(copy)).toBe(ValueType.stream);
    expect(db.encodingOf(copy)).toBe(Encoding.stream);
    const usedBytes = arena.usedBytes;
    for (let i = 0; i < 200; i++) {
      arena.guard!.failAfter = i;
      const second = db.copyTo(db.find(key, 0, 3), db, bytes('other'), 0, 5);
      arena.guard!.failAfter = -1;
      if (second !== 0) break;
      while (arena.lazyFree.run(100));
      expect(arena.usedBytes).toBe(usedBytes);
    }
    db.clear();
    while (arena.lazyFree.run(3));
    expect(arena.usedBytes).toBe(0);
  }
}

const textArbitrary = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('a', 'b', '1', '-500', '70000', '12345678901', '-9223372036854775808', '') },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 200 }).map((length) => 'm'.repeat(length)) },
  { weight: 1, arbitrary: fc.constantFrom(1000, 4095, 4096, 20_000).map((n) => 'x'.repeat(n)) },
);
const partsArbitrary = fc.oneof(
  { weight: 3, arbitrary: textArbitrary.map((value) => ['field', value, '17', value]) },
  {
    weight: 1,
    arbitrary: fc.array(textArbitrary, { minLength: 1, maxLength: 4 }).map((parts) => [...parts, ...parts]),
  },
);
const stepArbitrary = fc.oneof(
  { weight: 3, arbitrary: fc.constant(1n) },
  fc.constantFrom(130n, 5000n, 2n ** 20n, 2n ** 33n, 2n ** 61n),
);
const operationOf = fc.record({
  name: fc.constantFrom(
    'append',
    'append',
    'append',
    'fill',
    'remove',
    'removeNone',
    'length',
    'id',
    'range',
    'lastId',
  ),
  n: fc.nat(),
  k: fc.nat({ max: 12 }),
  parts: partsArbitrary,
  step: stepArbitrary,
  isMs: fc.boolean(),
  flag: fc.boolean(),
});

describe('a stream behaves as an array of entries does', () => {
  for (const [entries, nodeBytes] of [
    [1, 4096],
    [3, 4096],
    [100, 4096],
    [0, 300],
    [0, 0],
  ])
    test(`with nodes of ${entries} entries and ${nodeBytes} bytes, also where memory runs out`, () => {
      fc.assert(
        fc.property(fc.array(operationOf, { maxLength: 40, size: 'max' }), fc.boolean(), (operations, isShort) => {
          const pair = new Pair(entries, nodeBytes);
          const { guard } = pair.arena;
          for (const { name, n, k, parts, step, isMs, flag } of operations) {
            const { model, streams } = pair;
            const any = model.length === 0 ? ([5n, 5n] as const) : model[n % model.length].id;
            const next = (by: bigint): readonly [bigint, bigint] => {
              const [ms, seq] = pair.last;
              // A new millisecond begins anywhere: differences of sequence numbers may be negative.
              return isMs ? [(ms + by) & max64, BigInt(n % 1000)] : [ms, (seq + by) & max64];
            };
            if (isShort && n % 3 === 0) guard!.failAfter = k % 4;
            if (name === 'append') pair.append(next(step), parts);
            else if (name === 'fill') for (let i = 0; i < k * 8; i++) pair.append(next(1n), ['field', String(n + i)]);
            else if (name === 'remove') pair.remove(any);
            else if (name === 'removeNone') expect(streams.remove(pair.e, idOf([any[0], max64 - 3n]))).toBe(false);
            else if (name === 'length') {
              const removed = streams.trimToLength(pair.e, Math.max(0, model.length - k), flag, n % 20);
              if (!flag && n % 20 === 0) expect(removed).toBe(Math.min(k, model.length));
              else expect(removed).toBeLessThanOrEqual(k);
              pair.trimmed(removed);
            } else if (name === 'id') {
              const below = model.filter(({ id }) => isBelow(id, any)).length;
              const removed = streams.trimToId(pair.e, idOf(any), flag, n % 20);
              if (!flag && n % 20 === 0) expect(removed).toBe(below);
              else expect(removed).toBeLessThanOrEqual(below);
              pair.trimmed(removed);
            } else if (name === 'range') pair.checkRange(any, model.at(k - 12)?.id ?? [max64, 0n], flag);
            guard!.failAfter = -1;
            if (n % 8 === 0) pair.check();
          }
          pair.finish();
        }),
        { numRuns: 20 },
      );
    }, 60_000);
});

test('many nodes: trimmed at the front while they are added at the end, and thinned out', () => {
  const random = new Prng(1);
  const pair = new Pair(3, 4096);
  for (let i = 0; i < 12_000; i++) {
    pair.append([BigInt(i + 1), 0n], ['temperature', String(i)]);
    if (i % 3000 === 2999) pair.check();
    if (random.chance(0.2)) pair.remove(pair.model[random.below(Math.min(pair.model.length, 50))].id);
  }
  expect(pair.streams.nodeCount(pair.e)).toBeGreaterThan(2000);
  expect(pair.db.memoryOf(pair.e)).toBeGreaterThan(10_000);
  pair.trimmed(pair.streams.trimToLength(pair.e, 1000, false, 0));
  expect(pair.model).toHaveLength(1000);
  pair.finish();
}, 60_000);

describe('a front of thousands of nodes', () => {
  for (const way of ['length', 'id'] as const)
    for (const failAfter of [-1, 0, 1, 2, 3, 5, 8])
      test(`goes at once, by ${way}${failAfter < 0 ? '' : `, or without memory from allocation ${failAfter} on, one by one`}`, () => {
        const pair = new Pair(2, 4096);
        for (let i = 1; i <= 5000; i++) pair.append([BigInt(i), 0n], ['n', String(i)]);
        const usedBytes = pair.arena.usedBytes;
        pair.arena.guard!.failAfter = failAfter;
        const removed =
          way === 'length'
            ? pair.streams.trimToLength(pair.e, 101, false, 0)
            : pair.streams.trimToId(pair.e, idOf([4900n, 0n]), false, 0);
        pair.arena.guard!.failAfter = -1;
        expect(removed).toBe(4899);
        pair.trimmed(removed);
        pair.check();
        // All but what 64 units of a budget free, and the first nodes, waits.
        if (failAfter < 0) expect(pair.arena.lazyFree.isEmpty).toBe(false);
        while (pair.arena.lazyFree.run(50));
        expect(pair.arena.usedBytes).toBeLessThan(usedBytes / 10);
        pair.append([5001n, 0n], ['n', 'x']);
        expect(pair.streams.trimToLength(pair.e, 0, false, 0)).toBe(pair.model.length);
        pair.trimmed(pair.model.length);
        pair.append([5002n, 0n], ['n', 'y']);
        pair.finish();
      });
});

test("a node has Redis's bytes", () => {
  const pair = new Pair(100, 4096);
  const packs = new Packs(pair.arena);
  pair.append([1000n, 5n], ['name', 'Ada', 'age', '36']);
  pair.append([1001n, 0n], ['name', 'Bob', 'age', '-1']);
  pair.append([1001n, 300n], ['note', 'x']);
  pair.remove(pair.model[1].id);
  const { walk } = pair;
  walk.seekAll(pair.streams.root(pair.e), false);
  expect(walk.next()).toBe(true);
  const elements: string[] = [];
  for (let at = packs.first(walk.nodeRef); at !== 0; at = packs.next(walk.nodeRef, at)) {
    elements.push(textOf(packs.read(walk.nodeRef, at)));
  }
  expect(packs.count(walk.nodeRef)).toBe(elements.length);
  expect(elements).toEqual(
    [
      '2 1 2 name age 0'.split(' '),
      '2 0 0 Ada 36 5'.split(' '),
      '3 1 -5 Bob -1 5'.split(' '),
      '0 1 295 1 note x 6'.split(' '),
    ].flat(),
  );
});

test('deleting needs no memory, however many are deleted', () => {
  const pair = new Pair(0, 0);
  for (let i = 1; i <= 9000; i++) pair.append([BigInt(i), 0n], ['a', 'b']);
  pair.arena.guard!.failAfter = 0;
  for (let i = 8990; i > 0; i -= 3) pair.streams.remove(pair.e, idOf([BigInt(i), 0n]));
  pair.model = pair.model.filter(({ id }) => id[0] > 8990n || (8990n - id[0]) % 3n !== 0n);
  expect(pair.streams.trimToLength(pair.e, 20, false, 0)).toBe(pair.model.length - 20);
  pair.trimmed(pair.model.length - 20);
  pair.arena.guard!.failAfter = -1;
  pair.finish();
});
