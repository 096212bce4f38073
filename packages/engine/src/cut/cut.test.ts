import { expect, test } from 'vitest';
import { bufferOf, textOf } from '../../test/model.ts';
import { Arena } from '../arena.ts';
import type { EntryRef } from '../entry.ts';
import { Keyspace } from '../keyspace.ts';
import { NO_EXPIRY } from '../keyspace-base.ts';
import { Cut, type CutSink } from './cut.ts';

/** Notes strings as `database key=value`. What is large is its number of elements, and in brackets until it is written. */
class Notes implements CutSink {
  readonly notes: string[] = [];
  readonly held: string[] = [];

  write(db: number, keyspace: Keyspace, e: EntryRef): void {
    this.notes.push(`${db} ${textOf(keyspace.keyOf(e))}=${textOf(keyspace.stringOf(e))}`);
  }

  hold(db: number, keyspace: Keyspace, e: EntryRef): void {
    this.held.push(`${db} ${textOf(keyspace.keyOf(e))}=${keyspace.countOf(e)}`);
  }

  writeHeld(): boolean {
    const next = this.held.shift();
    if (next !== undefined) this.notes.push(next);
    return next !== undefined;
  }

  beginString(db: number, keyspace: Keyspace, e: EntryRef): void {
    this.held.push(`${db} ${textOf(keyspace.keyOf(e))}=${keyspace.stringLength(e)} bytes`);
  }

  finishString(): void {
    this.writeHeld();
  }

  drop(): void {
    this.held.length = 0;
  }
}

class Subject {
  readonly arena = new Arena({ checked: true, segmentBytes: 2 ** 20 });
  readonly databases = [this.#keyspace(), this.#keyspace()];
  readonly notes = new Notes();

  #keyspace(): Keyspace {
    return new Keyspace({ arena: this.arena, hashKey: [1, 2] });
  }

  set(db: number, key: string, value: string): void {
    const name = bufferOf(key);
    const text = bufferOf(value);
    this.databases[db].setString(name, 0, name.sizeBytes, text, 0, text.sizeBytes, NO_EXPIRY);
  }

  find(db: number, key: string): EntryRef {
    const name = bufferOf(key);
    return this.databases[db].find(name, 0, name.sizeBytes);
  }

  set3(db: number): void {
    for (const key of ['a', 'b', 'c']) this.set(db, key, `${key}${db}`);
  }

  makeSet(db: number, key: string, count: number): EntryRef {
    const { sets } = this.databases[db];
    const name = bufferOf(key);
    const first = bufferOf('member 0');
    const e = sets.create(name, 0, name.sizeBytes, first, 0, first.sizeBytes);
    for (let i = 1; i < count; i++) this.addMember(db, e, i);
    return e;
  }

  addMember(db: number, e: EntryRef, i: number): void {
    const member = bufferOf(`member ${i}`);
    this.databases[db].sets.add(e, member, 0, member.sizeBytes);
  }

  cut(slots?: number[]): Cut {
    const { databases, notes } = this;
    return new Cut({ databases, sink: notes, ...(slots !== undefined && { slots }) });
  }

  finish(cut: Cut): string[] {
    expect(cut.step(() => false)).toBe(true);
    return this.notes.notes.toSorted();
  }
}

test('a cut has what was there, however it changes', () => {
  const subject = new Subject();
  subject.set3(0);
  const cut = subject.cut();
  subject.set(0, 'a', 'changed');
  subject.databases[0].remove(bufferOf('b'), 0, 1);
  subject.set(0, 'd', 'new');
  expect(subject.finish(cut)).toEqual(['0 a=a0', '0 b=b0', '0 c=c0']);
  expect([cut.keysTotal, cut.keysTaken, cut.isDone]).toEqual([3, 3, true]);
});

test('what changes is taken once, and what is new never', () => {
  const subject = new Subject();
  subject.set3(0);
  const cut = subject.cut();
  for (const value of ['1', 'two', 'three'.repeat(20), '4'.repeat(2000)]) {
    subject.set(0, 'a', value);
    subject.set(0, 'd', value);
  }
  expect(subject.notes.notes).toEqual(['0 a=a0']);
  expect(subject.finish(cut)).toEqual(['0 a=a0', '0 b=b0', '0 c=c0']);
});

test('a cut is of the databases as they were numbered when it began', () => {
  const subject = new Subject();
  subject.set3(0);
  const cut = subject.cut();
  subject.databases.reverse();
  subject.set(1, 'a', 'changed');
  expect(subject.finish(cut)).toEqual(['0 a=a0', '0 b=b0', '0 c=c0']);
});

test('cuts one after the other use the same place, turned round each time', () => {
  const subject = new Subject();
  subject.set3(1);
  for (let round = 0; round < 5; round++) {
    subject.notes.notes.length = 0;
    const cut = subject.cut();
    subject.set(1, `new ${round}`, 'x');
    expect(cut.bit).toBe(1 << 24);
    expect(subject.finish(cut)).toHaveLength(3 + round);
  }
});

test('FLUSHALL leaves the cut what it has not seen, and frees it afterwards', () => {
  const subject = new Subject();
  subject.set3(0);
  subject.set3(1);
  subject.makeSet(0, 'large', 2000);
  const cut = subject.cut();
  for (const database of subject.databases) database.clear();
  expect(subject.databases[0].keyCount).toBe(0);
  expect(subject.arena.usedBytes).toBeGreaterThan(0);
  subject.set(0, 'a', 'after');
  expect(subject.finish(cut)).toEqual(['0 a=a0', '0 b=b0', '0 c=c0', '0 large=2000', '1 a=a1', '1 b=b1', '1 c=c1']);
  subject.databases[0].remove(bufferOf('a'), 0, 1);
  while (subject.databases[0].freeSome(100));
  expect(subject.arena.usedBytes).toBe(0);
});

test('a large value is taken last, or when it changes', () => {
  const subject = new Subject();
  subject.makeSet(0, 'changing', 1500);
  subject.makeSet(0, 'resting', 1500);
  subject.set3(1);
  const cut = subject.cut();
  for (let steps = 0; subject.notes.notes.length < 3; steps++) cut.step(() => true);
  expect(subject.notes.held).toEqual([]);
  subject.addMember(0, subject.find(0, 'changing'), 5000);
  expect(subject.notes.held).toEqual(['0 changing=1500']);
  expect(subject.finish(cut).slice(0, 2)).toEqual(['0 changing=1500', '0 resting=1500']);
});

test('a large string is written last, and its rest at once when it changes or goes', () => {
  const subject = new Subject();
  const large = 'x'.repeat(300_000);
  for (const key of ['changing', 'flushed', 'resting']) subject.set(key === 'flushed' ? 1 : 0, key, large);
  const cut = subject.cut();
  for (let steps = 0; subject.notes.held.length === 0; steps++) cut.step(() => true);
  expect(subject.notes.notes).toEqual([]);
  const name = bufferOf('changing');
  for (const key of ['changing', 'resting']) {
    const edited = subject.databases[0].editString(bufferOf(key), 0, key.length, 300_001);
    expect(edited).not.toBe(0);
  }
  subject.databases[0].remove(name, 0, name.sizeBytes);
  subject.databases[1].clear();
  const notes = subject.finish(cut).map((note) => note.slice(0, 30));
  // What was not begun is written whole.
  expect(notes.filter((note) => note.endsWith(' bytes'))).toHaveLength(1);
  expect(notes.map((note) => note.split('=')[0])).toEqual(['0 changing', '0 resting', '1 flushed']);
  expect(cut.keysTaken).toBe(3);
});

test('a cut of slots has their keys only, and other keys do not concern it', () => {
  const subject = new Subject();
  subject.set3(0);
  subject.set3(1);
  const slot = subject.databases[0].slotOfKey(bufferOf('b'), 0, 1);
  const cut = subject.cut([slot]);
  subject.set(0, 'a', 'changed');
  subject.set(0, 'b', 'changed');
  expect(subject.finish(cut)).toEqual(['0 b=b0', '1 b=b1']);
  expect(cut.keysTotal).toBe(2);
});

test('a cut that is given up takes nothing more, and its place is cleaned before it is used again', () => {
  const subject = new Subject();
  subject.set3(0);
  const cut = subject.cut();
  cut.abort();
  cut.abort();
  expect(cut.isDone).toBe(true);
  subject.set(0, 'a', 'changed');
  expect(subject.notes.notes).toEqual([]);
  const second = subject.cut();
  expect(second.bit).not.toBe(cut.bit);
  expect(subject.finish(second)).toHaveLength(3);
  expect(subject.databases[0].freeSome(100)).toBe(false);
  expect(subject.cut().bit).toBe(cut.bit);
});

test('when all places are unclean they are cleaned at once', () => {
  const subject = new Subject();
  subject.set3(0);
  for (let i = 0; i < 8; i++) subject.cut().abort();
  const cut = subject.cut();
  expect(subject.finish(cut)).toEqual(['0 a=a0', '0 b=b0', '0 c=c0']);
});

test('eight cuts at once, and no more', () => {
  const subject = new Subject();
  subject.set3(0);
  for (let i = 0; i < 8; i++) {
    expect(subject.arena.cuts.hasPlace).toBe(true);
    subject.cut();
  }
  expect(subject.arena.cuts.hasPlace).toBe(false);
  expect(() => subject.cut()).toThrow('more than 8 cuts');
  subject.set(0, 'a', 'changed');
  expect(subject.notes.notes).toHaveLength(8);
});
