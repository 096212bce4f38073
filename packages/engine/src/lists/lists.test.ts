import { ByteBuffer, latin1Bytes, latin1Of, Prng } from '@kvartz/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Arena } from '../arena.ts';
import { byteOf, bytesOf, Encoding, type EntryRef } from '../entry.ts';
import { Keyspace } from '../keyspace.ts';
import { emptyPackBytes, encodedBytes, Packs } from '../listpack.ts';
import type { Span } from '../span.ts';

const key = bytes('key');

function bytes(text: string): ByteBuffer {
  return ByteBuffer.from(latin1Bytes(text));
}

function textOf({ buffer, start, end }: Span): string {
  return latin1Of(buffer.u8, start, end);
}

/** A list and the array that it should be. */
class Pair {
  readonly arena = new Arena({ checked: true, segmentBytes: 2 ** 20 });
  readonly db: Keyspace;
  model: string[] = [];
  e: EntryRef = 0;

  constructor(listMaxListpackSize: number) {
    this.db = new Keyspace({ arena: this.arena, hashKey: [1, 2] });
    this.db.limits.listMaxListpackSize = listMaxListpackSize;
  }

  /** Where memory runs out while it is made, there is none. */
  create(text: string): void {
    this.e = this.db.lists.create(key, 0, 3, bytes(text), 0, text.length);
    if (this.e !== 0) this.model = [text];
  }

  push(isTail: boolean, text: string): void {
    if (!this.db.lists.push(this.e, isTail, bytes(text), 0, text.length)) return;
    if (isTail) this.model.push(text);
    else this.model.unshift(text);
  }

  /** A whole pack of these, if it may be. */
  append(texts: readonly string[]): void {
    const { lists } = this.db;
    const arena = new Arena({ segmentBytes: 2 ** 20 });
    const packs = new Packs(arena);
    const ref = texts.reduce((pack, text) => packs.append(pack, bytes(text), 0, text.length), packs.create());
    const buffer = bytesOf(arena, ref);
    const start = byteOf(arena, ref);
    const end = start + packs.bytes(ref);
    if (!lists.fitsPack(end - start, texts.length)) return;
    if (this.e === 0) {
      this.e = lists.createOfPack(key, 0, 3, buffer, start, end, texts.length);
      if (this.e !== 0) this.model = [...texts];
    } else if (lists.appendPack(this.e, buffer, start, end, texts.length)) this.model.push(...texts);
  }

  insert(index: number, text: string): void {
    if (this.db.lists.insert(this.e, index, bytes(text), 0, text.length)) this.model.splice(index, 0, text);
  }

  set(index: number, text: string): void {
    if (this.db.lists.set(this.e, index, bytes(text), 0, text.length)) this.model[index] = text;
  }

  drop(isTail: boolean, n: number): void {
    this.db.lists.drop(this.e, isTail, n);
    this.model.splice(isTail ? this.model.length - n : 0, n);
  }

  removeEqual(isBackward: boolean, max: number, text: string): void {
    const removed = this.db.lists.removeEqual(this.e, isBackward, max, bytes(text), 0, text.length);
    let left = max;
    const keep = (element: string): boolean => element !== text || left-- <= 0;
    const kept = isBackward ? this.model.toReversed().filter(keep).toReversed() : this.model.filter(keep);
    expect(removed).toBe(this.model.length - kept.length);
    this.model = kept;
  }

  rotate(fromTail: boolean): void {
    if (!this.db.lists.rotate(this.e, fromTail)) return;
    if (fromTail) this.model.unshift(this.model.pop()!);
    else this.model.push(this.model.shift()!);
  }

  /** An empty list does not stay. */
  endOperation(): void {
    if (this.e === 0 || this.model.length > 0) return;
    this.db.removeEntry(this.e);
    this.e = 0;
  }

  check(): void {
    if (this.e === 0) {
      expect(this.db.find(key, 0, 3)).toBe(0);
      return;
    }
    expect(this.contentOf(this.e)).toEqual(this.model);
    const { lists } = this.db;
    const { walk } = lists;
    expect(lists.count(this.e)).toBe(this.model.length);
    const { packs, packBytes } = lists.shapeOf(this.e);
    const elementsBytes = this.model.reduce((sum, text) => sum + encodedBytes(bytes(text), 0, text.length), 0);
    expect(packBytes - packs * emptyPackBytes).toBe(elementsBytes);
    const backward: string[] = [];
    walk.seek(this.e, this.model.length, this.model.length - 1, true);
    while (walk.next()) {
      expect(walk.index).toBe(this.model.length - 1 - backward.length);
      backward.push(textOf(walk.read()));
    }
    expect(backward).toEqual(this.model.toReversed());
  }

  contentOf(e: EntryRef): string[] {
    const { lists } = this.db;
    const { walk } = lists;
    const content: string[] = [];
    walk.seek(e, lists.count(e), 0, false);
    while (walk.next()) content.push(textOf(walk.read()));
    return content;
  }

  /** After this nothing may be left in the arena. */
  finish(): void {
    this.check();
    const { arena, db } = this;
    if (this.e !== 0) {
      const copy = db.copyTo(this.e, db, bytes('copy'), 0, 4);
      expect(this.contentOf(copy)).toEqual(this.model);
      const usedBytes = arena.usedBytes;
      for (let i = 0; i < 200; i++) {
        arena.guard!.failAfter = i;
        const second = db.copyTo(db.find(key, 0, 3), db, bytes('other'), 0, 5);
        arena.guard!.failAfter = -1;
        if (second !== 0) break;
        while (arena.lazyFree.run(100));
        expect(arena.usedBytes).toBe(usedBytes);
      }
    }
    while (arena.lazyFree.run(3));
    db.clear();
    while (arena.lazyFree.run(3));
    expect(arena.usedBytes).toBe(0);
  }
}

const textArbitrary = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', '1', '-500', '70000', '12345678901', '') },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 400 }).map((length) => 'm'.repeat(length)) },
  { weight: 1, arbitrary: fc.constantFrom(3000, 4070, 4090, 4100, 8180, 8200, 70_000).map((n) => 'x'.repeat(n)) },
);
const operationOf = fc.record({
  name: fc.constantFrom(
    'pushHead',
    'pushTail',
    'insert',
    'set',
    'drop',
    'trim',
    'remove',
    'rotate',
    'at',
    'fill',
    'append',
  ),
  n: fc.nat(),
  k: fc.nat({ max: 6 }),
  text: textArbitrary,
  isTail: fc.boolean(),
});

describe('a list behaves as an array does', () => {
  for (const limit of [1, 2, 7, 128, -1, -2])
    test(`with list-max-listpack-size ${limit}, also where memory runs out`, () => {
      fc.assert(
        fc.property(fc.array(operationOf, { maxLength: 80, size: 'max' }), fc.boolean(), (operations, isShort) => {
          const pair = new Pair(limit);
          const { guard } = pair.arena;
          for (const { name, n, k, text, isTail } of operations) {
            if (isShort && n % 3 === 0) guard!.failAfter = k;
            const pack = Array.from({ length: k + 1 }, (_, i) => `${text}${i}`.slice(-5000));
            if (pair.e === 0 && isTail) pair.append(pack);
            if (pair.e === 0) pair.create(text);
            const count = pair.model.length;
            if (pair.e !== 0) {
              if (name === 'pushHead') pair.push(false, text);
              else if (name === 'pushTail') pair.push(true, text);
              else if (name === 'insert') pair.insert(n % (count + 1), text);
              else if (name === 'set') pair.set(n % count, text);
              else if (name === 'drop') pair.drop(isTail, Math.min(k, count));
              else if (name === 'trim' && k === 0) {
                const from = n % count;
                const to = from + ((n >>> 8) % (count - from + 1));
                pair.db.lists.trim(pair.e, from, to);
                pair.model = pair.model.slice(from, to);
              } else if (name === 'remove') pair.removeEqual(isTail, k === 0 ? Infinity : k, pair.model[n % count]);
              else if (name === 'rotate') pair.rotate(isTail);
              else if (name === 'at') expect(textOf(pair.db.lists.at(pair.e, n % count))).toBe(pair.model[n % count]);
              else if (name === 'append') pair.append(pack);
              else if (name === 'fill') for (let i = 0; i < k * 5; i++) pair.push(isTail, `${text}${i}`.slice(-5000));
            }
            guard!.failAfter = -1;
            pair.endOperation();
            pair.check();
          }
          pair.finish();
        }),
        { numRuns: 25 },
      );
    }, 60_000);
});

test('with many packs: a tree of several levels, grown, cut and thinned out anywhere', () => {
  for (const limit of [1, 3]) {
    const random = new Prng(limit);
    const pair = new Pair(limit);
    pair.create('first');
    for (let i = 0; i < 12_000; i++) {
      const count = pair.model.length;
      const text = String(i % 1000);
      const isGrowing = Math.floor(i / 4000) % 2 === 0;
      const roll = random.below(100);
      if (roll < (isGrowing ? 30 : 10)) pair.push(random.chance(0.5), text);
      else if (roll < (isGrowing ? 90 : 40)) pair.insert(random.below(count + 1), text);
      else if (roll < 94) pair.removeEqual(random.chance(0.5), 1, pair.model[random.below(Math.min(count, 50))]);
      else if (roll < 96) pair.set(random.below(count), text);
      else if (roll < 98) pair.drop(random.chance(0.5), Math.min(count - 1, random.below(isGrowing ? 3 : 80)));
      else expect(textOf(pair.db.lists.at(pair.e, count >>> 1))).toBe(pair.model[count >>> 1]);
      if (pair.model.length === 0) pair.push(true, 'again');
      if (i % 1000 === 0) pair.check();
    }
    const count = pair.model.length;
    expect(count).toBeGreaterThan(200);
    pair.db.lists.trim(pair.e, count >>> 2, count >>> 1);
    pair.model = pair.model.slice(count >>> 2, count >>> 1);
    pair.finish();
  }
}, 120_000);

test('a queue keeps no more memory than what is in it', () => {
  const pair = new Pair(-2);
  pair.create('0');
  for (let i = 1; i < 3000; i++) pair.push(true, `job ${i}`);
  const usedBytes = pair.arena.usedBytes;
  for (let i = 0; i < 20_000; i++) {
    pair.push(true, `job ${i}`);
    pair.drop(false, 1);
  }
  expect(pair.arena.usedBytes).toBeLessThan(usedBytes + 20_000);
  pair.finish();
});

test('the encoding follows Redis 7.2', () => {
  const pair = new Pair(4);
  const { db } = pair;
  pair.create('a');
  for (const text of 'bcd') pair.push(true, text);
  expect(db.encodingOf(pair.e)).toBe(Encoding.listpack);
  pair.push(true, 'e');
  expect(db.encodingOf(pair.e)).toBe(Encoding.quicklist);
  pair.drop(true, 1);
  expect(db.encodingOf(pair.e)).toBe(Encoding.quicklist);
  pair.drop(true, 2);
  expect(db.encodingOf(pair.e)).toBe(Encoding.listpack);
  // Elements that are pushed together decide together.
  expect(db.lists.grow(pair.e, 3, 3)).toBe(true);
  expect(db.encodingOf(pair.e)).toBe(Encoding.quicklist);
  db.limits.listMaxListpackSize = -1;
  const large = db.lists.create(bytes('large'), 0, 5, bytes('x'.repeat(5000)), 0, 5000);
  expect(db.encodingOf(large)).toBe(Encoding.quicklist);
  expect(db.memoryOf(large)).toBeGreaterThan(5000);
  db.lists.set(large, 0, bytes('y'), 0, 1);
  expect(db.encodingOf(large)).toBe(Encoding.listpack);
  pair.finish();
});
