import { ByteBuffer, latin1Of, Prng, utf8Bytes } from '@kvartz/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Arena } from '../arena.ts';
import { Encoding, type EntryRef } from '../entry.ts';
import { Keyspace } from '../keyspace.ts';
import { LexRange } from './lex-range.ts';
import { MemberRun, ScoreRun } from './member-run.ts';
import { AddResult } from './sorted-sets.ts';

const key = bytes('key');
const other = bytes('other');

function bytes(text: string): ByteBuffer {
  return ByteBuffer.from(utf8Bytes(text));
}

type Pair = readonly [member: string, score: number];

function byOrder(a: Pair, b: Pair): number {
  return a[1] - b[1] || (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);
}

/** A keyspace with one sorted set, and what it should hold. */
class Subject {
  readonly arena = new Arena({ checked: true, segmentBytes: 2 ** 20 });
  readonly db = new Keyspace({ arena: this.arena, hashKey: [1, 2] });
  readonly model = new Map<string, number>();

  get sets(): Keyspace['sortedSets'] {
    return this.db.sortedSets;
  }

  find(name = key): EntryRef {
    return this.db.find(name, 0, name.sizeBytes);
  }

  sorted(): Pair[] {
    return [...this.model].toSorted(byOrder);
  }

  add(member: string, score: number, failAfter: number): void {
    const { arena, model, sets } = this;
    const buffer = bytes(member);
    const e = this.find();
    arena.guard!.failAfter = failAfter;
    const isNew = e === 0;
    const result = isNew
      ? sets.create(key, 0, key.sizeBytes, buffer, 0, buffer.sizeBytes, score) === 0
        ? AddResult.noMemory
        : AddResult.added
      : sets.add(e, buffer, 0, buffer.sizeBytes, score);
    arena.guard!.failAfter = -1;
    const old = model.get(member);
    if (result === AddResult.noMemory) return;
    expect(result).toBe(old === undefined ? AddResult.added : old === score ? AddResult.same : AddResult.changed);
    model.set(member, score);
  }

  remove(member: string): void {
    const e = this.find();
    const buffer = bytes(member);
    const isThere = e !== 0 && this.sets.remove(e, buffer, 0, buffer.sizeBytes);
    expect(isThere).toBe(this.model.delete(member));
    if (e !== 0 && this.db.countOf(e) === 0) this.db.removeEntry(e);
  }

  removeRanks(from: number, to: number): void {
    this.sets.removeRanks(this.find(), from, to);
    for (const [member] of this.sorted().slice(from, to)) this.model.delete(member);
  }

  contentOf(e: EntryRef): Pair[] {
    const pairs: Pair[] = [];
    const { member } = this.sets;
    for (this.sets.seek(e, 0); this.sets.next();) {
      pairs.push([latin1Of(member.buffer.u8, member.start, member.end), this.sets.score]);
    }
    return pairs;
  }

  /** The members from a rank on, walked in runs. */
  runsFrom(e: EntryRef, rank: number, isReverse: boolean, random: Prng): string[] {
    const run = new MemberRun(64);
    const members: string[] = [];
    this.sets.seek(e, rank);
    for (;;) {
      const wanted = 1 + random.below(70);
      const count = this.sets.nextRun(run, wanted, isReverse);
      if (count === 0) return members;
      expect(count).toBeLessThanOrEqual(wanted);
      for (let i = 0; i < count; i++) members.push(latin1Of(run.buffer.u8, run.starts[i], run.ends[i]));
    }
  }

  /** The members with this score or a higher one, walked by their scores. */
  fromScore(e: EntryRef, score: number): Pair[] {
    const run = new ScoreRun(20);
    const pairs: Pair[] = [];
    this.sets.seekScore(e, score);
    for (let count = this.sets.nextScores(run); count > 0; count = this.sets.nextScores(run)) {
      for (let i = 0; i < count; i++) {
        const { buffer, start, end } = this.sets.memberIn(run, i);
        pairs.push([latin1Of(buffer.u8, start, end), run.scores[i]]);
      }
    }
    return pairs;
  }

  check(): void {
    const e = this.find();
    const sorted = this.sorted();
    expect(e === 0).toBe(sorted.length === 0);
    if (e === 0) return;
    expect(this.db.countOf(e)).toBe(sorted.length);
    expect(this.contentOf(e)).toEqual(sorted);
  }

  checkReads(random: Prng): void {
    const { sets } = this;
    const e = this.find();
    const sorted = this.sorted();
    if (e === 0) return;
    const rank = random.below(sorted.length);
    const [name, score] = sorted[rank];
    const buffer = bytes(name);
    expect(sets.scoreOf(e, buffer, 0, buffer.sizeBytes)).toBe(score);
    expect(sets.rankOf(e, buffer, 0, buffer.sizeBytes)).toBe(rank);
    expect(sets.score).toBe(score);
    expect(sets.rankOfScore(e, score, false)).toBe(sorted.filter((pair) => pair[1] < score).length);
    expect(sets.rankOfScore(e, score, true)).toBe(sorted.filter((pair) => pair[1] <= score).length);
    const back: Pair[] = [];
    sets.seek(e, rank);
    while (sets.previous())
      back.push([latin1Of(sets.member.buffer.u8, sets.member.start, sets.member.end), sets.score]);
    expect(back).toEqual(sorted.slice(0, rank + 1).toReversed());
    expect(this.runsFrom(e, rank, false, random)).toEqual(sorted.slice(rank).map(([member]) => member));
    expect(this.runsFrom(e, rank, true, random)).toEqual(back.map(([member]) => member));
    expect(this.fromScore(e, score)).toEqual(sorted.filter((pair) => pair[1] >= score));
    expect(this.fromScore(e, sorted.at(-1)![1] + 1e290)).toEqual(sorted.filter((pair) => pair[1] === Infinity));
    const scanned: Pair[] = [];
    let cursor = 0;
    do {
      cursor = sets.scan(e, cursor, 10, () => {
        scanned.push([latin1Of(sets.member.buffer.u8, sets.member.start, sets.member.end), sets.score]);
      });
    } while (cursor !== 0);
    expect(scanned.toSorted(byOrder)).toEqual(sorted);
  }
}

describe('sorted sets: agree with a sorted array', () => {
  for (const [title, entries] of [
    ['listpacks', 1e9],
    ['listpacks that become trees', 20],
    ['trees', 0],
  ] as const)
    for (const failing of [false, true])
      test(`${title}${failing ? ', where memory runs out' : ''}`, () => {
        fc.assert(
          fc.property(fc.integer(), fc.constantFrom(20, 200, 600), (seed, size) => {
            const random = new Prng(seed);
            const subject = new Subject();
            subject.db.limits.zsetMaxListpackEntries = entries;
            const scoreOf = (): number => {
              return [random.below(5), random.below(1e6) / 8, -1e300, Infinity, 2 ** 60, 0.1][random.below(6)];
            };
            const range = entries > 1000 ? 60 : size;
            for (let i = 0; i < size; i++) {
              const member = `${random.below(2) === 0 ? 'member' : ''}${random.below(range)}`;
              const { size: count } = subject.model;
              if (random.chance(i < size / 2 ? 0.8 : 0.35)) {
                subject.add(member, scoreOf(), failing && random.chance(0.3) ? random.below(8) : -1);
              } else if (count > 2 && random.chance(0.1)) {
                const from = random.below(count - 1);
                subject.removeRanks(from, from + 1 + random.below(Math.min(count - from - 1, 100)));
              } else subject.remove(member);
              if (i % 20 === 0) subject.check();
            }
            subject.check();
            subject.checkReads(random);
            // A copy is equal, and nothing is left when both are gone.
            const e = subject.find();
            if (e !== 0) {
              subject.arena.guard!.failAfter = failing ? random.below(40) : -1;
              const copy = subject.db.copyTo(e, subject.db, other, 0, other.sizeBytes);
              subject.arena.guard!.failAfter = -1;
              if (copy !== 0) {
                expect(subject.contentOf(copy)).toEqual(subject.sorted());
                expect(subject.db.memoryOf(copy)).toBeGreaterThan(0);
                subject.db.remove(other, 0, other.sizeBytes);
              }
              subject.check();
              subject.db.removeEntry(subject.find());
            }
            while (subject.arena.lazyFree.run(50));
            subject.add('last', 1, -1);
            subject.remove('last');
            expect(subject.arena.usedBytes).toBe(0);
          }),
          { numRuns: 25 },
        );
      });
});

describe('results: sorted, and stored in the encoding that fits', () => {
  for (const [count, isFindable] of [
    [5, false],
    [5, true],
    [2000, false],
    [2000, true],
  ] as const)
    test(`${count} members${isFindable ? ', found again' : ''}`, () => {
      for (let failAfter = -1; failAfter < 3000; failAfter = failAfter < 60 ? failAfter + 1 : failAfter * 2) {
        const { arena, db } = new Subject();
        const { results } = db.sortedSets;
        const random = new Prng(7);
        const expected: Pair[] = [];
        arena.guard!.failAfter = failAfter;
        let isDone = results.clear(isFindable);
        for (let i = 0; i < count && isDone; i++) {
          const member = bytes(`member${i}`);
          const score = random.below(50);
          if (isFindable) {
            expect(results.find(member, 0, member.sizeBytes)).toBe(0);
            isDone = results.add(member, 0, member.sizeBytes, 99);
            if (!isDone) break;
            const record = results.find(member, 0, member.sizeBytes);
            expect(results.scoreOf(record)).toBe(99);
            results.setScore(record, score);
          } else isDone = results.add(member, 0, member.sizeBytes, score);
          expected.push([`member${i}`, score]);
        }
        isDone &&= results.order() && results.store(key, 0, key.sizeBytes) !== 0;
        arena.guard!.failAfter = -1;
        const e = db.find(key, 0, key.sizeBytes);
        expect(e !== 0).toBe(isDone);
        results.free();
        if (isDone) {
          expect(db.encodingOf(e)).toBe(count <= 128 ? Encoding.listpack : Encoding.skiplist);
          const pairs: Pair[] = [];
          const { member } = db.sortedSets;
          for (db.sortedSets.seek(e, 0); db.sortedSets.next();) {
            pairs.push([latin1Of(member.buffer.u8, member.start, member.end), db.sortedSets.score]);
          }
          expect(pairs).toEqual(expected.toSorted(byOrder));
          db.removeEntry(e);
          while (arena.lazyFree.run(100));
          if (failAfter > 0) break;
        }
        expect(arena.usedBytes).toBe(0);
      }
    });
});

test('ranges by bytes: all bounds, in listpacks and trees', () => {
  for (const entries of [0, 128]) {
    const { db } = new Subject();
    db.limits.zsetMaxListpackEntries = entries;
    const names = ['', 'a', 'ab', 'b', 'ba', 'c'];
    let e = 0;
    for (const name of names) {
      const member = bytes(name);
      if (e === 0) e = db.sortedSets.create(key, 0, key.sizeBytes, member, 0, member.sizeBytes, 1);
      else db.sortedSets.add(e, member, 0, member.sizeBytes, 1);
    }
    const range = new LexRange();
    const bounds = [...names, 'aa', 'z'];
    for (const min of bounds)
      for (const max of bounds)
        for (const open of [0, 1, 2, 3])
          for (const isReverse of [false, true]) {
            const isMinOpen = (open & 1) !== 0;
            const isMaxOpen = (open & 2) !== 0;
            for (const [bound, text, isOpen] of [
              [range.min, min, isMinOpen],
              [range.max, max, isMaxOpen],
            ] as const) {
              bound.buffer = bytes(text);
              bound.end = bound.buffer.sizeBytes;
              bound.isExclusive = isOpen;
            }
            db.sortedSets.locateLex(e, range, isReverse);
            const expected = names.filter((name) => {
              return (isMinOpen ? name > min : name >= min) && (isMaxOpen ? name < max : name <= max);
            });
            expect(names.slice(range.from, range.to)).toEqual(expected);
          }
  }
});
