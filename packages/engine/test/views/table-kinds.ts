import type { ByteBuffer, Prng } from '@kvartz/base';
import { type EntryRef, type Keyspace } from '../../src/index.ts';
import { bufferOf } from '../model.ts';
import { below, fieldLine, textOf, type ViewKind } from './view-kind.ts';

const key = bufferOf('key');
const universe = 500;

function someName(random: Prng): ByteBuffer {
  const i = below(random, universe);
  return bufferOf(i % 50 === 0 ? `long ${'x'.repeat(900)} ${i}` : `name ${i}`);
}

function someValue(random: Prng): ByteBuffer {
  return bufferOf(`value ${'y'.repeat(below(random, 40))}`);
}

const set: ViewKind = {
  name: 'set',
  isOrdered: false,

  create({ sets }, random, count) {
    const first = someName(random);
    const e = sets.create(key, 0, 3, first, 0, first.sizeBytes);
    for (let i = 0; e !== 0 && i < count; i++) {
      const name = someName(random);
      sets.add(e, name, 0, name.sizeBytes);
    }
  },

  change(keyspace, e, random) {
    const { sets } = keyspace;
    const count = keyspace.countOf(e);
    const name = someName(random);
    const choice = below(random, 40);
    if (choice < 20) sets.add(e, name, 0, name.sizeBytes);
    else if (choice < 37) sets.remove(e, name, 0, name.sizeBytes);
    else if (choice < 39) sets.pop(e, Math.min(count - 1, below(random, 10)), random, () => {});
    // Those that stay are moved to another table.
    else sets.pop(e, count - 1 - below(random, Math.max(1, Math.floor(count / 6))), random, () => {});
  },

  read({ sets }, e) {
    const lines: string[] = [];
    sets.scan(e, 0, Infinity, (member) => lines.push(textOf(member)));
    return lines;
  },
};

function setField({ hashes }: Keyspace, e: EntryRef, random: Prng): void {
  const field = someName(random);
  const value = someValue(random);
  hashes.set(e, field, 0, field.sizeBytes, value, 0, value.sizeBytes, below(random, 2) === 0);
}

const hash: ViewKind = {
  name: 'hash',
  isOrdered: false,

  create(keyspace, random, count) {
    const e = keyspace.hashes.create(key, 0, 3);
    for (let i = 0; e !== 0 && i < count; i++) setField(keyspace, e, random);
    if (e !== 0 && keyspace.countOf(e) === 0) keyspace.removeEntry(e);
  },

  change(keyspace, e, random) {
    if (below(random, 2) === 0) setField(keyspace, e, random);
    else {
      const field = someName(random);
      keyspace.hashes.remove(e, field, 0, field.sizeBytes);
    }
  },

  read: readHash,
};

function readHash(keyspace: Keyspace, e: EntryRef): string[] {
  const lines: string[] = [];
  keyspace.expiryMode = 'ignore';
  keyspace.hashes.scan(e, 0, Infinity, ({ expireAtMs, field, value }) => {
    lines.push(fieldLine(textOf(field), textOf(value), expireAtMs));
  });
  keyspace.expiryMode = 'delete';
  return lines;
}

/** Begins as a hash without times, and becomes one with times while views of it are open. */
const timedHash: ViewKind = {
  name: 'hash with times',
  isOrdered: false,
  create: (keyspace, random, count) => hash.create(keyspace, random, count),

  change(keyspace, e, random) {
    const { timed } = keyspace.hashes;
    const field = someName(random);
    const choice = below(random, 12);
    if (choice < 5) hash.change(keyspace, e, random);
    else if (choice < 10) {
      const atMs = choice === 9 ? Infinity : keyspace.nowMs + 5 + below(random, 100);
      if (keyspace.hashes.has(e, field, 0, field.sizeBytes)) timed.setTime(e, field, 0, field.sizeBytes, atMs);
    } else {
      keyspace.nowMs += below(random, 20);
      keyspace.expireFields(e, below(random, 4) === 0 ? Infinity : 5);
    }
  },

  read: readHash,
};

const scores = [0, -0, 1, 2, -Infinity, Infinity, 0.5];

function someScore(random: Prng): number {
  return below(random, 2) === 0 ? scores[below(random, scores.length)] : below(random, 1000);
}

const sortedSet: ViewKind = {
  name: 'sorted set',
  isOrdered: false,

  create({ sortedSets }, random, count) {
    const first = someName(random);
    const e = sortedSets.create(key, 0, 3, first, 0, first.sizeBytes, 1);
    for (let i = 0; e !== 0 && i < count; i++) {
      const name = someName(random);
      sortedSets.add(e, name, 0, name.sizeBytes, someScore(random));
    }
  },

  change(keyspace, e, random) {
    const { sortedSets } = keyspace;
    const name = someName(random);
    const count = keyspace.countOf(e);
    const choice = below(random, 40);
    if (choice < 26) sortedSets.add(e, name, 0, name.sizeBytes, someScore(random));
    else if (choice < 36) sortedSets.remove(e, name, 0, name.sizeBytes);
    else if (count > 2) {
      const from = below(random, count - 1);
      const to = from + 1 + below(random, choice === 39 ? count - from - 1 : Math.min(10, count - from - 1));
      sortedSets.removeRanks(e, from, Math.min(to, from === 0 ? count - 1 : count));
    }
  },

  read(keyspace, e) {
    const { sortedSets } = keyspace;
    const lines: string[] = [];
    sortedSets.seek(e, 0);
    while (sortedSets.next()) lines.push(`${textOf(sortedSets.member)} ${sortedSets.score}`);
    return lines;
  },
};

export const tableKinds: readonly ViewKind[] = [set, hash, timedHash, sortedSet];
