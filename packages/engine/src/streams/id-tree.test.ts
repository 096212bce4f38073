import { Prng } from '@kvartz/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Arena, type BlockRef } from '../arena.ts';
import { copyBlock } from '../copy-block.ts';
import { FreeBudget } from '../free-budget.ts';
import { capacityOf, entriesOf, entryWord, refAt, wordOf, wordsOf } from './id-nodes.ts';
import { clearIdTree, copyIdTree, idTreeBytes } from './id-tree-value.ts';
import { IdTree } from './id-tree.ts';
import { IdRoot } from './id-walk.ts';
import { StreamId } from './stream-id.ts';

/** IDs of the model are numbers: ms in units of 1000, then the sequence number. */
function idOf(n: number): StreamId {
  return new StreamId().set(Math.floor(n / 1000) * 2 ** 30, n % 1000);
}

/** A tree of blocks of one size, and what it should hold. */
class Subject {
  readonly arena = new Arena({ checked: true, segmentBytes: 2 ** 20 });
  readonly tree = new IdTree(this.arena);
  readonly root = this.tree.create();
  readonly members = new Map<number, BlockRef>();
  readonly freeValue = (value: BlockRef): void => this.arena.free(value);

  get sorted(): number[] {
    return [...this.members.keys()].toSorted((a, b) => a - b);
  }

  set(n: number, failAfter = -1): boolean {
    const { arena } = this;
    const value = arena.alloc(16);
    const { usedBytes } = arena;
    arena.guard!.failAfter = failAfter;
    const isSet = this.tree.set(this.root, idOf(n), value);
    arena.guard!.failAfter = -1;
    if (!isSet) {
      expect(arena.usedBytes).toBe(usedBytes);
      expect(failAfter).toBeGreaterThanOrEqual(0);
      arena.free(value);
      return false;
    }
    const old = this.members.get(n);
    if (old !== undefined) arena.free(old);
    this.members.set(n, value);
    return true;
  }

  remove(n: number, failAfter = -1): void {
    this.arena.guard!.failAfter = failAfter;
    const value = this.tree.remove(this.root, idOf(n));
    this.arena.guard!.failAfter = -1;
    expect(value).toBe(this.members.get(n) ?? 0);
    if (value !== 0) this.arena.free(value);
    this.members.delete(n);
  }

  /** Everything that must hold of every node. */
  check(): void {
    const { arena, root } = this;
    const words = wordsOf(arena, root);
    const at = wordOf(arena, root);
    const height = words[at + IdRoot.height];
    expect(this.tree.count(root)).toBe(this.members.size);
    expect(height === 0).toBe(this.members.size === 0);
    const found: string[] = [];
    let isOrdered = true;
    const visit = (node: BlockRef, level: number, low: StreamId, high: StreamId | undefined): void => {
      arena.assertLive(node);
      const entries = entriesOf(arena, node);
      expect(entries).toBeGreaterThan(level === 0 && height > 1 ? 1 : 0);
      expect(entries).toBeLessThanOrEqual(capacityOf(arena, node));
      const ids = Array.from({ length: entries }, (_, i) =>
        new StreamId().readFrom(wordsOf(arena, node), entryWord(arena, node, i)),
      );
      for (let i = 0; i < entries; i++) {
        // One expectation for each entry would take most of the time.
        isOrdered &&= ids[i].compare(i === 0 ? low : ids[i - 1]) >= (i === 0 ? 0 : 1);
        isOrdered &&= high === undefined || ids[i].compare(high) < 0;
        if (level === height - 1) found.push(`${String(ids[i])} ${refAt(arena, node, i)}`);
        else visit(refAt(arena, node, i), level + 1, ids[i], ids[i + 1] ?? high);
      }
    };
    if (height > 0) visit(words[at + IdRoot.tree], 0, new StreamId(), undefined);
    expect(isOrdered).toBe(true);
    expect(found.join()).toBe(this.sorted.map((n) => `${String(idOf(n))} ${this.members.get(n)}`).join());
  }

  checkReads(random: Prng, span: number): void {
    const { members, root, sorted, tree } = this;
    for (let i = 0; i < 8; i++) {
      const n = random.below(span);
      expect(tree.get(root, idOf(n))).toBe(members.get(n) ?? 0);
      const floor = sorted.findLastIndex((m) => m <= n);
      expect(tree.seekFloor(root, idOf(n))).toBe(floor >= 0);
      for (let j = floor; j >= Math.max(0, floor - 150); j--) {
        const isHere = tree.value === members.get(sorted[j]) && tree.id.equals(idOf(sorted[j]));
        if (!isHere || tree.previous() !== j > 0) expect.unreachable(`at ${sorted[j]}`);
      }
      const ceiling = sorted.findIndex((m) => m >= n);
      expect(tree.seekCeiling(root, idOf(n))).toBe(ceiling >= 0);
      for (let j = ceiling; j >= 0 && j < Math.min(sorted.length, ceiling + 150); j++) {
        const isHere = tree.value === members.get(sorted[j]);
        if (!isHere || tree.next() !== j < sorted.length - 1) expect.unreachable(`at ${sorted[j]}`);
      }
    }
    expect(tree.seekFirst(root)).toBe(members.size > 0);
    if (members.size > 0) expect(tree.value).toBe(members.get(sorted[0]));
    expect(tree.seekLast(root)).toBe(members.size > 0);
    if (members.size > 0) expect(tree.value).toBe(members.get(sorted.at(-1)!));
  }

  /** Frees everything, a few blocks at a time. */
  free(): void {
    const budget = new FreeBudget(0);
    do budget.units = 7;
    while (!clearIdTree(this.arena, this.root, budget, this.freeValue));
    this.arena.free(this.root);
    expect(this.arena.usedBytes).toBe(0);
  }
}

const orders: Readonly<Record<string, (random: Prng, serial: number, span: number) => number>> = {
  'in order': (_, serial, span) => serial % span,
  'in opposite order': (_, serial, span) => span - 1 - (serial % span),
  'in no order': (random, _, span) => random.below(span),
};

describe('ID tree: agrees with a sorted map', () => {
  for (const [title, next] of Object.entries(orders)) {
    for (const mayFail of [false, true]) {
      test(`IDs ${title}${mayFail ? ', where memory runs out' : ''}`, () => {
        fc.assert(
          fc.property(fc.integer(), fc.constantFrom(20, 100, 700, 3000), (seed, size) => {
            const random = new Prng(seed);
            const subject = new Subject();
            const failAfter = (): number => (mayFail && random.chance(0.3) ? random.below(3) : -1);
            const span = size * 4;
            let serial = 0;
            for (const growth of [0.9, 0.5, 0.1]) {
              for (let i = 0; i < size; i++) {
                if (random.chance(growth)) subject.set(next(random, serial++, span), failAfter());
                else if (random.chance(0.5)) subject.remove(random.below(span), failAfter());
                else if (subject.tree.seekCeiling(subject.root, idOf(random.below(span)))) {
                  const { id } = subject.tree;
                  subject.remove((id.ms / 2 ** 30) * 1000 + id.seq, failAfter());
                }
                if (i % (size >> 2) === 0) subject.check();
              }
              subject.check();
              subject.checkReads(random, span);
            }
            subject.free();
          }),
          { numRuns: 5 },
        );
      });
    }
  }
});

test('ID tree: a queue, filled at its end and emptied at its front, keeps few blocks', () => {
  const subject = new Subject();
  for (let i = 0; i < 3000; i++) {
    subject.set(i);
    if (i >= 500) subject.remove(i - 500);
  }
  subject.check();
  expect(idTreeBytes(subject.arena, subject.root)).toBeLessThan(500 * 25);
  for (let i = 2500; i < 3000; i++) subject.remove(i);
  subject.check();
  subject.free();
});

test('ID tree: IDs that come in order leave full leaves', () => {
  const subject = new Subject();
  const empty = subject.arena.usedBytes;
  for (let i = 0; i < 5100; i++) subject.set(i);
  expect(subject.arena.usedBytes - empty).toBeLessThan(5100 * (16 + 20.6));
});

test.each([
  [1, 24],
  [2, 64],
  [4, 128],
  [10, 256],
])('ID tree: %i entries take %i bytes', (entries, bytes) => {
  const subject = new Subject();
  for (let i = 0; i < entries; i++) subject.set(i);
  expect(idTreeBytes(subject.arena, subject.root)).toBe(bytes);
  expect(idTreeBytes(subject.arena, subject.root, (value) => subject.arena.blockBytes(value))).toBe(
    bytes + 16 * entries,
  );
});

test('ID tree: another value at the position', () => {
  const subject = new Subject();
  for (let i = 0; i < 100; i++) subject.set(i);
  expect(subject.tree.seekFloor(subject.root, idOf(40))).toBe(true);
  const { value } = subject.tree;
  subject.tree.replace(7);
  expect([subject.tree.value, subject.tree.get(subject.root, idOf(40))]).toEqual([7, 7]);
  subject.tree.replace(value);
  subject.check();
});

test('ID tree: copies are the same, or nothing is left of them', () => {
  for (const size of [0, 1, 40, 300]) {
    const subject = new Subject();
    const { arena, root, tree } = subject;
    for (let i = 0; i < size; i++) subject.set((i * 7919) % 10_000);
    const copyValue = (value: BlockRef): BlockRef => copyBlock(arena, value);
    const { usedBytes } = arena;
    for (let failAfter = 0; ; failAfter += 1 + (failAfter >> 1)) {
      const copy = tree.create();
      arena.guard!.failAfter = failAfter;
      const isCopied = copyIdTree(arena, root, copy, copyValue, subject.freeValue);
      arena.guard!.failAfter = -1;
      if (isCopied) {
        const walk = new IdTree(arena);
        let has = walk.seekFirst(copy);
        for (const n of subject.sorted) {
          expect([has, String(walk.id)]).toEqual([true, String(idOf(n))]);
          has = walk.next();
        }
        expect(has && size > 0).toBe(false);
        expect(tree.count(copy)).toBe(size);
      }
      clearIdTree(arena, copy, new FreeBudget(Infinity), subject.freeValue);
      arena.free(copy);
      expect(arena.usedBytes).toBe(usedBytes);
      if (isCopied) break;
    }
    subject.free();
  }
});
