import { ByteBuffer, latin1Of, Prng, utf8Bytes } from '@kvartz/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Arena, type BlockRef } from '../arena.ts';
import { byteOf, bytesOf } from '../entry.ts';
import { capacityOf, childAt, countAt, entriesMin, entriesOf, recordAt, scoreAt } from './nodes.ts';
import { OrderedIndex } from './ordered-index.ts';
import { createRecord, recordMemberAt, scoreOfRecord, setScoreOfRecord } from './record.ts';
import { rootBytes, RootWord, rootWord, setRootWord } from './tree-search.ts';
import { TreeWalk } from './tree-walk.ts';

interface Member {
  readonly name: string;
  score: number;
  readonly record: BlockRef;
}

function byOrder(a: Member, b: Member): number {
  return a.score - b.score || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/** A tree and what it should hold. */
class Subject {
  readonly arena = new Arena({ checked: true, segmentBytes: 2 ** 20 });
  readonly index = new OrderedIndex(this.arena);
  readonly walk = new TreeWalk(this.arena);
  readonly root = this.arena.alloc(rootBytes);
  members: Member[] = [];
  hasFailed = false;

  constructor() {
    for (const word of Object.values(RootWord)) setRootWord(this.arena, this.root, word, 0);
  }

  nameOf(record: BlockRef): string {
    const { dv, u8 } = bytesOf(this.arena, record);
    const at = byteOf(this.arena, record);
    return latin1Of(u8, at + recordMemberAt, at + recordMemberAt + dv.getUint32(at, true));
  }

  insert(name: string, score: number, failAfter = -1): boolean {
    const bytes = ByteBuffer.from(utf8Bytes(name));
    const record = createRecord(this.arena, bytes, 0, bytes.sizeBytes, score);
    const { usedBytes } = this.arena;
    this.arena.guard!.failAfter = failAfter;
    const isIn = this.index.insert(this.root, score, record);
    this.arena.guard!.failAfter = -1;
    if (isIn) {
      this.members.push({ name, score, record });
      this.members.sort(byOrder);
    } else {
      this.hasFailed = true;
      expect(this.arena.usedBytes).toBe(usedBytes);
      this.arena.free(record);
    }
    return isIn;
  }

  update(i: number, score: number, failAfter = -1): void {
    const member = this.members[i];
    if (member.score === score) return;
    this.arena.guard!.failAfter = failAfter;
    const isDone = this.index.update(this.root, member.score, score, member.record);
    this.arena.guard!.failAfter = -1;
    if (!isDone) {
      this.hasFailed = true;
      return;
    }
    member.score = score;
    setScoreOfRecord(this.arena, member.record, score);
    this.members.sort(byOrder);
  }

  remove(i: number, failAfter = -1): void {
    const [{ score, record }] = this.members.splice(i, 1);
    if (failAfter >= 0) this.hasFailed = true;
    this.arena.guard!.failAfter = failAfter;
    this.index.remove(this.root, score, record);
    this.arena.guard!.failAfter = -1;
    this.arena.free(record);
  }

  removeRun(rank: number, count: number): void {
    const records = new Uint32Array(64);
    while (count > 0) {
      const removed = this.index.removeRun(this.root, rank, count, records);
      const expected = this.members.splice(rank, removed);
      expect([...records.subarray(0, removed)]).toEqual(expected.map(({ record }) => record));
      for (const { record } of expected) this.arena.free(record);
      count -= removed;
    }
  }

  /** Everything that must hold of every node. */
  check(): void {
    const { arena, root, members } = this;
    const height = rootWord(arena, root, RootWord.height);
    const tree = rootWord(arena, root, RootWord.tree);
    expect(rootWord(arena, root, RootWord.count)).toBe(members.length);
    expect(height === 0).toBe(members.length === 0);
    if (height === 0) return;
    const found: BlockRef[] = [];
    const visit = (node: BlockRef, depth: number, isEdge: boolean): number => {
      arena.assertLive(node);
      const entries = entriesOf(arena, node);
      expect(entries).toBeGreaterThan(depth === 0 && height > 1 ? 1 : 0);
      expect(entries).toBeLessThanOrEqual(capacityOf(arena, node));
      // The outermost nodes of a level begin with one entry when members come in order.
      if (!isEdge && !this.hasFailed) expect(entries).toBeGreaterThanOrEqual(entriesMin);
      let count = 0;
      for (let i = 0; i < entries; i++) {
        if (depth === height - 1) {
          const record = recordAt(arena, node, i);
          expect(scoreAt(arena, node, i)).toBe(scoreOfRecord(arena, record));
          found.push(record);
          count++;
          continue;
        }
        const first = found.length;
        const below = visit(childAt(arena, node, i), depth + 1, isEdge && (i === 0 || i === entries - 1));
        expect(countAt(arena, node, i)).toBe(below);
        expect(recordAt(arena, node, i)).toBe(found[first]);
        expect(scoreAt(arena, node, i)).toBe(scoreOfRecord(arena, found[first]));
        count += below;
      }
      return count;
    };
    visit(tree, 0, true);
    expect(found).toEqual(members.map(({ record }) => record));
  }

  /** Ranks, bounds and walks, from some places. */
  checkReads(random: Prng): void {
    const { index, root, members, walk, arena } = this;
    const { length } = members;
    for (let i = 0; i < 5 && length > 0; i++) {
      const rank = random.below(length);
      const { score, record, name } = members[rank];
      expect(index.rankOf(root, score, record)).toBe(rank);
      for (const bound of [score, score + 0.5]) {
        expect(index.rankOfScore(root, bound, false)).toBe(members.filter((m) => m.score < bound).length);
        expect(index.rankOfScore(root, bound, true)).toBe(members.filter((m) => m.score <= bound).length);
      }
      if (members[0].score === members[length - 1].score) {
        for (const text of [name, `${name}x`]) {
          const bytes = ByteBuffer.from(utf8Bytes(text));
          const end = bytes.sizeBytes;
          expect(index.rankOfMember(root, bytes, 0, end, false)).toBe(members.filter((m) => m.name < text).length);
          expect(index.rankOfMember(root, bytes, 0, end, true)).toBe(members.filter((m) => m.name <= text).length);
        }
      }
      walk.seek(root, rank);
      for (let r = rank; r < Math.min(length, rank + 200); r++) expect(walk.next()).toBe(members[r].record);
      if (rank + 200 >= length) expect(walk.next()).toBe(0);
      walk.seek(root, rank);
      for (let r = rank; r >= Math.max(0, rank - 200); r--) expect(walk.previous()).toBe(members[r].record);
      if (rank < 200) expect(walk.previous()).toBe(0);
    }
    expect(arena.usedBytes).toBeGreaterThan(0);
  }

  free(): void {
    this.removeRun(0, this.members.length);
    this.check();
    this.arena.free(this.root);
    expect(this.arena.usedBytes).toBe(0);
  }
}

const scoresOf: Readonly<Record<string, (random: Prng, i: number) => number>> = {
  'random scores': (random) => random.below(1_000_000) / 8,
  'few scores': (random) => random.below(5) - 2,
  'one score': () => 7,
  'rising scores': (_, i) => i,
  'falling scores': (_, i) => -i,
  'far scores': (random) => [Infinity, -Infinity, -0, 0, 1e308, 5e-324][random.below(6)],
};

describe('ordered index: agrees with a sorted array', () => {
  for (const [title, scoreOf] of Object.entries(scoresOf)) {
    for (const mayFail of [false, true]) {
      test(`${title}${mayFail ? ', where memory runs out' : ''}`, () => {
        fc.assert(
          fc.property(fc.integer(), fc.constantFrom(30, 100, 700, 3000), (seed, size) => {
            const random = new Prng(seed);
            const subject = new Subject();
            const failAfter = (): number => (mayFail && random.chance(0.3) ? random.below(3) : -1);
            let serial = 0;
            for (const growth of [0.9, 0.5, 0.2]) {
              for (let i = 0; i < size; i++) {
                const { length } = subject.members;
                if (length === 0 || random.chance(growth)) {
                  const name = `m${serial % 2 === 0 ? serial : random.below(2 ** 32)}-${serial}`;
                  subject.insert(name, scoreOf(random, serial++), failAfter());
                } else if (random.chance(0.3))
                  subject.update(random.below(length), scoreOf(random, serial++), failAfter());
                else if (random.chance(0.05)) {
                  const rank = random.below(length);
                  subject.removeRun(rank, random.below(Math.min(length - rank, 200)) + 1);
                } else subject.remove(random.below(length), failAfter());
                if (i % (size >> 2) === 0) subject.check();
              }
              subject.check();
              subject.checkReads(random);
            }
            subject.free();
          }),
          { numRuns: 12 },
        );
      });
    }
  }
});

test('ordered index: members that come in order leave full nodes', () => {
  const subject = new Subject();
  const empty = subject.arena.usedBytes;
  let records = 0;
  for (let i = 0; i < 6300; i++) {
    subject.insert(`m${i}`, i);
    records += subject.arena.blockBytes(subject.members[i].record);
  }
  expect(subject.arena.usedBytes - empty - records).toBeLessThan(6300 * 13);
  subject.check();
});

test('ordered index: append is insert behind all others', () => {
  const subject = new Subject();
  for (let i = 0; i < 5000; i++) {
    const name = `m${String(i).padStart(5, '0')}`;
    const bytes = ByteBuffer.from(utf8Bytes(name));
    const record = createRecord(subject.arena, bytes, 0, bytes.sizeBytes, i >> 3);
    expect(subject.index.append(subject.root, i >> 3, record)).toBe(true);
    subject.members.push({ name, score: i >> 3, record });
  }
  subject.check();
  subject.checkReads(new Prng(1));
});
