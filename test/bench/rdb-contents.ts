import { ByteBuffer } from '@kvartz/base';
import { AddResult, type Keyspace, NO_EXPIRY, StreamId } from '@kvartz/engine';
import { Args } from '@kvartz/resp';

export interface RdbContent {
  readonly title: string;
  /** Keys at a scale of 1; of `zset`: members. */
  readonly keys: number;
  /** Adds the key, or the member, of this number; false: no memory. */
  readonly add: (keyspace: Keyspace, i: number) => boolean;
  /** Time to load, divided by redis-server's, at most. */
  readonly ratioMax: number;
}

const key = new ByteBuffer(32);
const part = new ByteBuffer(64);
const other = new ByteBuffer(64);

/** Writes `prefix` and twelve digits; returns the end. */
function numbered(buffer: ByteBuffer, prefix: string, n: number): number {
  const { u8 } = buffer;
  for (let i = 0; i < prefix.length; i++) u8[i] = prefix.charCodeAt(i);
  let rest = n;
  for (let i = prefix.length + 11; i >= prefix.length; i--, rest = Math.floor(rest / 10)) u8[i] = 0x30 + (rest % 10);
  return prefix.length + 12;
}

let state = 1;

/** Letters that LZF cannot shorten. */
function letters({ u8 }: ByteBuffer, count: number): number {
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    u8[i] = 97 + ((state >>> 24) % 26);
  }
  return count;
}

function addString(keyspace: Keyspace, i: number): boolean {
  return keyspace.setString(key, 0, numbered(key, 'key:', i), part, 0, letters(part, 32), NO_EXPIRY) !== 0;
}

function addHash(fields: number): RdbContent['add'] {
  return ({ hashes }, i) => {
    const e = hashes.create(key, 0, numbered(key, 'hash:', i));
    for (let j = 0; e !== 0 && j < fields; j++) {
      if (hashes.set(e, part, 0, numbered(part, 'f:', j), other, 0, letters(other, 10)) === 0) return false;
    }
    return e !== 0;
  };
}

function addSortedSet(members: number): RdbContent['add'] {
  return ({ sortedSets }, i) => {
    const end = numbered(key, 'zset:', i);
    let e = 0;
    for (let j = 0; j < members; j++) {
      const to = numbered(part, 'member:', j);
      const score = ((j * 7919) % 1_000_003) / 8;
      if (e === 0) e = sortedSets.create(key, 0, end, part, 0, to, score);
      else sortedSets.add(e, part, 0, to, score);
      if (e === 0) return false;
    }
    return true;
  };
}

/** All to one sorted set. */
function addMember(keyspace: Keyspace, i: number): boolean {
  const { sortedSets } = keyspace;
  const keyEnd = numbered(key, 'zset:', 0);
  const end = numbered(part, 'member:', i);
  const score = ((i * 7919) % 1_000_003) / 8;
  const e = keyspace.peek(key, 0, keyEnd);
  if (e === 0) return sortedSets.create(key, 0, keyEnd, part, 0, end, score) !== 0;
  return sortedSets.add(e, part, 0, end, score) !== AddResult.noMemory;
}

function addSet(members: number): RdbContent['add'] {
  return ({ sets }, i) => {
    const end = numbered(key, 'set:', i);
    let e = 0;
    for (let j = 0; j < members; j++) {
      const to = numbered(part, 'member:', j);
      if (e === 0) e = sets.create(key, 0, end, part, 0, to);
      else sets.add(e, part, 0, to);
      if (e === 0) return false;
    }
    return true;
  };
}

function addList(elements: number): RdbContent['add'] {
  return ({ lists }, i) => {
    const end = numbered(key, 'list:', i);
    const first = letters(part, 20);
    const e = lists.create(key, 0, end, part, 0, first);
    for (let j = 1; e !== 0 && j < elements; j++) if (!lists.push(e, true, part, 0, letters(part, 20))) return false;
    return e !== 0;
  };
}

const id = new StreamId();

function addStream(entries: number): RdbContent['add'] {
  return ({ streams }, i) => {
    const e = streams.create(key, 0, numbered(key, 'stream:', i));
    for (let j = 1; e !== 0 && j <= entries; j++) {
      const args = Args.of('sensor', String(j % 100), 'temperature', '19.8');
      if (!streams.append(e, id.set(1_700_000_000_000 + j, 0), args, 0, 2)) return false;
    }
    return e !== 0;
  };
}

/** What files are made of, each of tens or hundreds of megabytes. */
export const rdbContents: Readonly<Record<string, RdbContent>> = {
  strings: { title: 'ten million strings of 32 bytes', keys: 10_000_000, add: addString, ratioMax: 1 },
  hashes: { title: 'a million hashes of ten fields', keys: 1_000_000, add: addHash(10), ratioMax: 1 },
  'large-hashes': { title: 'five thousand hashes of a thousand fields', keys: 5000, add: addHash(1000), ratioMax: 1 },
  sets: { title: 'five thousand sets of a thousand members', keys: 5000, add: addSet(1000), ratioMax: 1 },
  'small-zsets': { title: 'a million sorted sets of ten members', keys: 1_000_000, add: addSortedSet(10), ratioMax: 1 },
  zsets: { title: 'five thousand sorted sets of a thousand members', keys: 5000, add: addSortedSet(1000), ratioMax: 1 },
  zset: { title: 'a sorted set of five million members', keys: 5_000_000, add: addMember, ratioMax: 1 },
  'small-lists': { title: 'a million lists of ten elements', keys: 1_000_000, add: addList(10), ratioMax: 1 },
  lists: { title: 'ten thousand lists of a thousand elements', keys: 10_000, add: addList(1000), ratioMax: 1 },
  streams: { title: 'five thousand streams of a thousand entries', keys: 5000, add: addStream(1000), ratioMax: 1 },
};
