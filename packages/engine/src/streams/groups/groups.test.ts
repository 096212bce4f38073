import { ByteBuffer, latin1Of, Prng, utf8Bytes } from '@kvartz/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arena, type BlockRef } from '../../arena.ts';
import { FreeBudget } from '../../free-budget.ts';
import { Span } from '../../span.ts';
import { createStreamRoot, rootWord, setRootWord, StreamWord } from '../layout.ts';
import { StreamId } from '../stream-id.ts';
import { copyGroups, freeGroups, groupsBytes } from './group-value.ts';
import { type GroupHost, NEVER_ACTIVE, StreamGroups } from './groups.ts';

interface PendingModel {
  owner: string;
  deliveredMs: number;
  deliveries: number;
}

interface GroupModel {
  lastId: number;
  readonly consumers: Set<string>;
  readonly pending: Map<number, PendingModel>;
}

const nothing = new ByteBuffer(0);

function idOf(n: number): StreamId {
  return new StreamId().set(n >> 4, n & 15);
}

/** The groups of one stream, which has no entries, and what they should be. */
class Subject implements GroupHost {
  readonly arena = new Arena({ checked: true, segmentBytes: 2 ** 20 });
  readonly span = new Span(nothing);
  root = createStreamRoot(this.arena);
  readonly groups = new StreamGroups(this);
  model = new Map<string, GroupModel>();

  rootOf(): BlockRef {
    return this.root;
  }

  countOf(): number {
    return 0;
  }

  changing(): void {}

  find(name: string): number {
    const bytes = ByteBuffer.from(utf8Bytes(name));
    return this.groups.find(1, bytes, 0, bytes.sizeBytes);
  }

  findConsumer(group: number, name: string): number {
    const bytes = ByteBuffer.from(utf8Bytes(name));
    return this.groups.findConsumer(group, bytes, 0, bytes.sizeBytes);
  }

  /** Does something that may fail for want of memory. Returns whether it was done. */
  try(failAfter: number, act: () => number | boolean): boolean {
    const { guard } = this.arena;
    guard!.failAfter = failAfter;
    const result = act();
    guard!.failAfter = -1;
    if (result !== 0 && result !== false) return true;
    expect(failAfter).toBeGreaterThanOrEqual(0);
    return false;
  }

  step(random: Prng, failAfter: number): void {
    const { groups, model } = this;
    const { pending } = groups;
    const name = `group${random.below(4)}`;
    const text = ByteBuffer.from(utf8Bytes(name));
    const group = this.find(name);
    const known = model.get(name);
    expect(group !== 0).toBe(known !== undefined);
    if (known === undefined) {
      const last = random.below(100);
      if (!this.try(failAfter, () => groups.create(1, text, 0, text.sizeBytes, idOf(last), -1n))) return;
      model.set(name, { lastId: last, consumers: new Set(), pending: new Map() });
      return;
    }
    if (random.chance(0.01)) {
      groups.destroy(1, group);
      model.delete(name);
      return;
    }
    const consumerName = `consumer${random.below(5)}`.slice(0, 4 + random.below(5));
    const consumerText = ByteBuffer.from(utf8Bytes(consumerName));
    const consumer = this.findConsumer(group, consumerName);
    expect(consumer !== 0).toBe(known.consumers.has(consumerName));
    const n = random.below(400);
    const id = idOf(n);
    if (consumer === 0) {
      if (random.chance(0.5)) {
        expect(pending.remove(group, id)).toBe(known.pending.delete(n));
        return;
      }
      const create = (): number => groups.createConsumer(group, consumerText, 0, consumerText.sizeBytes, 5);
      if (this.try(failAfter, create)) known.consumers.add(consumerName);
    } else if (random.chance(0.03)) {
      let had = 0;
      for (const [m, { owner }] of known.pending) {
        if (owner !== consumerName) continue;
        known.pending.delete(m);
        had++;
      }
      expect(groups.removeConsumer(group, consumer)).toBe(had);
      known.consumers.delete(consumerName);
    } else if (random.chance(0.5)) {
      if (!this.try(failAfter, () => pending.deliver(group, consumer, id, n * 2 ** 34))) return;
      known.pending.set(n, { owner: consumerName, deliveredMs: n * 2 ** 34, deliveries: 1 });
    } else if (random.below(2) === 0) {
      const found = pending.find(group, id);
      const entry = known.pending.get(n);
      expect(found !== 0).toBe(entry !== undefined);
      if (entry === undefined || !this.try(failAfter, () => pending.give(group, found, consumer, id))) return;
      pending.setDelivery(group, id, found, n, entry.deliveries * 1000);
      entry.owner = consumerName;
      entry.deliveredMs = n;
      entry.deliveries = Math.min(entry.deliveries * 1000, 2 ** 48 - 1);
    } else expect(pending.remove(group, id)).toBe(known.pending.delete(n));
  }

  check(): void {
    const { groups, model } = this;
    const { pending } = groups;
    const textOf = ({ buffer, start, end }: Span): string => latin1Of(buffer.u8, start, end);
    expect(groups.count(1)).toBe(model.size);
    for (const [i, name] of [...model.keys()].toSorted().entries()) {
      const group = groups.at(1, i);
      const known = model.get(name)!;
      expect(textOf(groups.nameOf(group))).toBe(name);
      expect(String(groups.lastId(group, new StreamId()))).toBe(String(idOf(known.lastId)));
      expect([groups.consumerCount(group), pending.count(group)]).toEqual([known.consumers.size, known.pending.size]);
      const ids = [...known.pending.keys()].toSorted((a, b) => a - b);
      const found: [string, string, number, number][] = [];
      for (let has = pending.seekFirst(group); has; has = pending.next()) {
        const value = pending.entry;
        const owner = textOf(groups.consumerName(pending.ownerOf(value)));
        found.push([String(pending.id), owner, pending.deliveredMs(value), pending.deliveries(value)]);
      }
      expect(found).toEqual(
        ids.map((n) => {
          const { deliveredMs, deliveries, owner } = known.pending.get(n)!;
          return [String(idOf(n)), owner, deliveredMs, deliveries];
        }),
      );
      for (const [j, consumerName] of [...known.consumers].toSorted().entries()) {
        const consumer = groups.consumerAt(group, j);
        expect(textOf(groups.consumerName(consumer))).toBe(consumerName);
        expect([groups.seenMs(consumer), groups.activeMs(consumer)]).toEqual([5, NEVER_ACTIVE]);
        const own: string[] = [];
        for (let has = pending.seekFirst(consumer); has; has = pending.next()) own.push(String(pending.id));
        expect(own).toEqual(
          ids.filter((n) => known.pending.get(n)!.owner === consumerName).map((n) => String(idOf(n))),
        );
        expect(pending.count(consumer)).toBe(own.length);
      }
    }
  }

  /** Frees all groups, a few blocks at a time. */
  free(): void {
    const { arena } = this;
    const list = rootWord(arena, this.root, StreamWord.groups);
    const budget = new FreeBudget(0);
    if (list !== 0) {
      do budget.units = 7;
      while (!freeGroups(arena, list, budget));
    }
    arena.free(this.root);
    arena.lazyFree.run(Infinity);
    expect(arena.usedBytes).toBe(0);
  }
}

test.each([0, 0.3])('groups, consumers and pending entries agree with a model (memory fails: %d)', (failChance) => {
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom(20, 200, 1500), (seed, steps) => {
      const random = new Prng(seed);
      const subject = new Subject();
      for (let i = 0; i < steps; i++) {
        subject.step(random, random.chance(failChance) ? random.below(3) : -1);
        if (i % 250 === 0) subject.check();
      }
      subject.check();
      subject.free();
    }),
    { numRuns: 15 },
  );
});

test('a copy is the same, whatever becomes of what it was made of; where memory runs out nothing is left of it', () => {
  for (const seed of [1, 2, 3]) {
    const random = new Prng(seed);
    const subject = new Subject();
    const { arena, root } = subject;
    for (let i = 0; i < 800; i++) subject.step(random, -1);
    const list = rootWord(arena, root, StreamWord.groups);
    const { usedBytes } = arena;
    for (let failAfter = 0; ; failAfter += 1 + (failAfter >> 2)) {
      arena.guard!.failAfter = failAfter;
      const copy = copyGroups(arena, list);
      arena.guard!.failAfter = -1;
      if (copy === 0) {
        expect(arena.usedBytes).toBe(usedBytes);
        continue;
      }
      expect(groupsBytes(arena, copy) / (arena.usedBytes - usedBytes)).toBeCloseTo(1, 1);
      freeGroups(arena, list, new FreeBudget(Infinity));
      setRootWord(arena, root, StreamWord.groups, copy);
      break;
    }
    subject.check();
    subject.free();
  }
});

test('a thousand consumers are found by name', () => {
  const subject = new Subject();
  const { groups } = subject;
  const group = groups.create(1, nothing, 0, 0, idOf(0), 0n);
  for (let i = 0; i < 1000; i++) {
    const name = ByteBuffer.from(utf8Bytes(`c${(i * 7919) % 1000}`));
    expect(groups.findConsumer(group, name, 0, name.sizeBytes)).toBe(0);
    groups.createConsumer(group, name, 0, name.sizeBytes, i);
  }
  for (let i = 0; i < 1000; i++) expect(groups.seenMs(subject.findConsumer(group, `c${(i * 7919) % 1000}`))).toBe(i);
  subject.free();
});
