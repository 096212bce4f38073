import { ByteBuffer, latin1Of, utf8Bytes } from '@kvartz/base';
import { describe, expect, test } from 'vitest';
import { Arena } from '../arena.ts';
import { defaultCollectionLimits } from '../collection-limits.ts';
import type { EntryRef } from '../entry.ts';
import { Keyspace } from '../keyspace.ts';
import { PackIndex } from './pack-index.ts';

function bytes(text: string): ByteBuffer {
  return ByteBuffer.from(utf8Bytes(text));
}

function numbers(count: number, step: number, first = 0): string[] {
  return Array.from({ length: count }, (_, i) => String(first + i * step));
}

function words(count: number, step: number): string[] {
  return Array.from({ length: count }, (_, i) => `member:${i * step}`);
}

/** Sets of every encoding, of less than a batch and of many, with something in common. */
const contents: Record<string, readonly string[]> = {
  'narrow intset': numbers(100, 3),
  'small intset': numbers(4, 7),
  'middle intset': [...numbers(200, 2), ...numbers(30, 70_000, 70_001)],
  'wide intset': [...numbers(50, 5, -100), '9223372036854775807', '-9223372036854775808'],
  'long intset': numbers(1300, 2),
  'listpack of both': [...words(20, 1), ...numbers(40, 3), '', 'x'.repeat(64)],
  listpack: words(60, 2),
  'long listpack': words(700, 1),
  table: [...words(1500, 1), ...numbers(100, 1), 'y'.repeat(200)],
  'other table': [...words(300, 4), ...numbers(50, 9)],
  'many segments': words(20_000, 1),
};
const names = Object.keys(contents);

class Subject {
  readonly arena = new Arena({ checked: true, segmentBytes: 2 ** 20 });
  readonly db = new Keyspace({ arena: this.arena, hashKey: [1, 2] });
  readonly entries = new Map<string, EntryRef>();

  constructor() {
    const { db } = this;
    for (const name of names) {
      db.limits = { ...defaultCollectionLimits() };
      if (name.includes('long')) Object.assign(db.limits, { setMaxListpackEntries: 800, setMaxIntsetEntries: 2000 });
      const key = bytes(name);
      let e = 0;
      for (const text of contents[name]) {
        const member = bytes(text);
        if (e === 0) e = db.sets.create(key, 0, key.sizeBytes, member, 0, member.sizeBytes);
        else db.sets.add(e, member, 0, member.sizeBytes);
      }
      this.entries.set(name, e);
    }
    db.limits = defaultCollectionLimits();
  }

  membersOf(e: EntryRef): string[] {
    const members: string[] = [];
    const walk = this.db.sets.walk(e);
    while (walk.next()) {
      const { buffer, start, end } = walk.text();
      members.push(latin1Of(buffer.u8, start, end));
    }
    return members;
  }
}

describe('members of one set that are in another, and that are not', () => {
  const { db, entries } = new Subject();
  for (const own of names)
    for (const other of names)
      test(`${own}, ${other}`, () => {
        const others = new Set(contents[other]);
        for (const isIn of [true, false]) {
          const kept: string[] = [];
          const batch = db.sets.batches(entries.get(own)!);
          while (batch.next()) {
            db.sets.keep(entries.get(other)!, isIn);
            for (let i = 0; i < batch.count; i++) {
              const { buffer, start, end } = batch.text(i);
              kept.push(latin1Of(buffer.u8, start, end));
            }
          }
          const expected = contents[own].filter((member) => others.has(member) === isIn);
          expect(kept.toSorted()).toEqual(expected.toSorted());
        }
      });
});

test('results are stored in the encoding of members that are added one by one, or not at all', () => {
  for (const [own, other] of [
    ['table', 'many segments'],
    ['table', 'narrow intset'],
    ['many segments', 'listpack'],
    ['listpack of both', 'table'],
    ['listpack of both', 'narrow intset'],
    ['long intset', 'middle intset'],
  ] as const)
    for (let failAfter = -1; failAfter < 4000; failAfter = failAfter < 20 ? failAfter + 1 : failAfter * 2) {
      const subject = new Subject();
      const { arena, db, entries } = subject;
      const key = bytes('result');
      const { result } = db.sets;
      const usedBytes = arena.usedBytes;
      arena.guard!.failAfter = failAfter;
      let isDone = true;
      const batch = db.sets.batches(entries.get(own)!);
      while (isDone && batch.next()) {
        db.sets.keep(entries.get(other)!, true);
        isDone = result.addBatch(batch);
      }
      const e = isDone ? result.store(key, 0, key.sizeBytes) : 0;
      arena.guard!.failAfter = -1;
      if (e !== 0) {
        const others = new Set(contents[other]);
        const expected = contents[own].filter((member) => others.has(member));
        expect(subject.membersOf(e).toSorted()).toEqual(expected.toSorted());
        let oneByOne = 0;
        const otherKey = bytes('one by one');
        for (const text of expected) {
          const member = bytes(text);
          if (oneByOne === 0) oneByOne = db.sets.create(otherKey, 0, otherKey.sizeBytes, member, 0, member.sizeBytes);
          else db.sets.add(oneByOne, member, 0, member.sizeBytes);
        }
        const stored = db.find(key, 0, key.sizeBytes);
        expect(db.encodingOf(stored)).toBe(db.encodingOf(db.find(otherKey, 0, otherKey.sizeBytes)));
        db.remove(key, 0, key.sizeBytes);
        db.remove(otherKey, 0, otherKey.sizeBytes);
      } else result.free();
      while (arena.lazyFree.run(1000));
      if (failAfter > 0 && e !== 0) break;
      expect(arena.usedBytes).toBe(usedBytes);
    }
});

test('an index is used again and again, and forgets what was in it', () => {
  const { arena, db } = new Subject();
  const index = new PackIndex(arena);
  const packs = ['a b c', 'b c d 5'].map((text) => {
    const key = bytes(text);
    let e = 0;
    for (const word of text.split(' ')) {
      const member = bytes(word);
      if (e === 0) e = db.sets.create(key, 0, key.sizeBytes, member, 0, 1);
      else db.sets.add(e, member, 0, 1);
    }
    return db.sets.batches(e).root;
  });
  const [first, second] = packs;
  // The element `a`, with its head and its length behind it.
  const a = ByteBuffer.from(Uint8Array.of(0x81, 0x61, 2));
  for (let i = 0; i < 70_000; i++) {
    expect(index.begin(i % 2 === 0 ? first : second, i % 2 === 0 ? 3 : 4)).toBe(true);
    if (index.has(a, 0, 3) !== (i % 2 === 0)) expect.unreachable(`round ${i}`);
  }
});
