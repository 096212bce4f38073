import { ByteBuffer, utf8Bytes } from '@kvartz/base';
import { Arena, type EntryRef, Keyspace, StreamId } from '@kvartz/engine';
import { Args } from '@kvartz/resp';
import { expect, test } from 'vitest';
import { MixedDigest } from './mixed-digest.ts';
import { addValue } from './value-digest.ts';

const bytes = (text: string): ByteBuffer => ByteBuffer.from(utf8Bytes(text));
const key = bytes('key');

/** What redis-server 7.0.15 answers to DEBUG DIGEST-VALUE for the same values, in the small encodings and in the large ones. */
const values: readonly (readonly [name: string, make: (db: Keyspace) => EntryRef, digest: string])[] = [
  ['a list of 1, 2, abc', (db) => makeList(db, ['1', '2', 'abc']), 'd3650d11ca0e37b74e568c9b808493c811cee5da'],
  ['a set of 1, 2, 3', (db) => makeSet(db, ['1', '2', '3']), '2a462a3f51a1db89738ebbeef0c47ce1bbc85246'],
  ['a set of a, b, ccc', (db) => makeSet(db, ['a', 'b', 'ccc']), '2ef27ab5861123e8f5f20f553e617a63da44d974'],
  [
    'a sorted set',
    (db) => makeSortedSet(db, { a: 1, b: 0.1, c: Infinity, d: -2.5e-7 }),
    'd0d475b467a590250763e9e4825d15502773fc8b',
  ],
  ['a stream', makeStream, '396eaf1bb793ba169907e19c998241fe0f7011c7'],
];

for (const [name, make, expected] of values)
  for (const isLarge of [false, true])
    test(`${name}${isLarge ? ', as a large one' : ''}`, () => {
      const db = new Keyspace({ arena: new Arena({ segmentBytes: 2 ** 20, checked: true }), hashKey: [1, 2] });
      if (isLarge) {
        db.limits = { ...db.limits, listMaxListpackSize: 1, setMaxIntsetEntries: 0, setMaxListpackEntries: 0 };
        db.limits.zsetMaxListpackEntries = 0;
        db.limits.streamNodeMaxEntries = 1;
      }
      const entry = make(db);
      const digest = new MixedDigest();
      digest.mixWord(db.typeOf(entry));
      addValue(digest, db, entry);
      expect(digest.hex).toBe(expected);
    });

function makeList(db: Keyspace, elements: readonly string[]): EntryRef {
  const [first, ...rest] = elements.map(bytes);
  const entry = db.lists.create(key, 0, key.sizeBytes, first, 0, first.sizeBytes);
  for (const one of rest) db.lists.push(entry, true, one, 0, one.sizeBytes);
  return entry;
}

function makeSet(db: Keyspace, members: readonly string[]): EntryRef {
  const [first, ...rest] = members.map(bytes);
  const entry = db.sets.create(key, 0, key.sizeBytes, first, 0, first.sizeBytes);
  for (const one of rest) db.sets.add(entry, one, 0, one.sizeBytes);
  return entry;
}

function makeSortedSet(db: Keyspace, scores: Readonly<Record<string, number>>): EntryRef {
  let entry: EntryRef = 0;
  for (const [member, score] of Object.entries(scores)) {
    const one = bytes(member);
    if (entry === 0) entry = db.sortedSets.create(key, 0, key.sizeBytes, one, 0, one.sizeBytes, score);
    else db.sortedSets.add(entry, one, 0, one.sizeBytes, score);
  }
  return entry;
}

function makeStream(db: Keyspace): EntryRef {
  const entry = db.streams.create(key, 0, key.sizeBytes);
  const id = new StreamId();
  for (const [ms, seq, ...parts] of [
    [1, 1, 'a', 'b'],
    [2, 0, 'gone', '1'],
    [1_700_000_000_000, 5, 'name', '12', 'x', '-5'],
  ] as const) {
    const args = Args.of(...parts);
    db.streams.append(entry, id.set(ms, seq), args, 0, parts.length / 2);
  }
  db.streams.remove(entry, id.set(2, 0));
  return entry;
}
