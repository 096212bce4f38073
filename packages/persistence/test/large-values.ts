import { ByteBuffer, latin1Of, type Prng, utf8Bytes } from '@kvartz/base';
import { type EntryRef, type Keyspace, StreamId } from '@kvartz/engine';
import { readRdb } from '../src/rdb/read-rdb.ts';
import { allOf } from './rdb-keys.ts';

export function bytes(text: string): ByteBuffer {
  return ByteBuffer.from(utf8Bytes(text));
}

const names = ['list', 'hash', 'timed', 'set', 'zset', 'stream'] as const;

function entryOf(keyspace: Keyspace, name: string): EntryRef {
  const key = bytes(name);
  return keyspace.find(key, 0, key.sizeBytes);
}

/** The first four bytes are the field. */
function append({ streams }: Keyspace, e: EntryRef, element: ByteBuffer): void {
  const id = streams.lastId(e, new StreamId());
  id.increment();
  const texts = { buffer: element, start: Int32Array.of(0, 4), end: Int32Array.of(4, element.sizeBytes) };
  streams.append(e, id, texts, 0, 1);
}

function add(keyspace: Keyspace, name: string, element: ByteBuffer, score: number): void {
  const key = bytes(name);
  const ke = key.sizeBytes;
  const end = element.sizeBytes;
  const { hashes, lists, sets, sortedSets, streams } = keyspace;
  const e = entryOf(keyspace, name);
  if (name === 'list') {
    if (e === 0) lists.create(key, 0, ke, element, 0, end);
    else lists.push(e, score % 2 === 0, element, 0, end);
  } else if (name === 'set') {
    if (e === 0) sets.create(key, 0, ke, element, 0, end);
    else sets.add(e, element, 0, end);
  } else if (name === 'zset') {
    if (e === 0) sortedSets.create(key, 0, ke, element, 0, end, score);
    else sortedSets.add(e, element, 0, end, score);
  } else if (name === 'stream') append(keyspace, e === 0 ? streams.create(key, 0, ke) : e, element);
  else {
    const hash = e === 0 ? hashes.create(key, 0, ke) : e;
    if (hash === 0) return;
    hashes.set(hash, element, 0, end, element, 0, 4);
    if (name === 'timed' && score % 3 === 0 && hashes.has(hash, element, 0, end)) {
      hashes.timed.setTime(hash, element, 0, end, 1e12 + score);
    }
  }
}

function remove(keyspace: Keyspace, name: string, element: ByteBuffer): void {
  const e = entryOf(keyspace, name);
  if (e === 0) return;
  const { hashes, lists, sets, sortedSets, streams } = keyspace;
  if (name === 'list') lists.drop(e, true, 1);
  else if (name === 'set') sets.remove(e, element, 0, element.sizeBytes);
  else if (name === 'zset') sortedSets.remove(e, element, 0, element.sizeBytes);
  else if (name === 'stream') streams.trimToLength(e, Math.max(0, streams.count(e) - 3), false, 0);
  else hashes.remove(e, element, 0, element.sizeBytes);
  if (name !== 'stream' && keyspace.countOf(e) === 0) keyspace.removeEntry(e);
}

function someElement(random: Prng, count: number): ByteBuffer {
  return bytes(`element ${random.uint32() % (count * 2)}`);
}

/** A key of every type with about so many elements. */
export function fillLarge(keyspace: Keyspace, random: Prng, count: number): void {
  for (const name of names) for (let i = 0; i < count; i++) add(keyspace, name, someElement(random, count), i);
}

/** So many random changes of such keys. */
export function changeLarge(keyspace: Keyspace, random: Prng, times: number): void {
  for (let i = 0; i < times; i++) {
    const name = names[random.uint32() % names.length];
    const element = someElement(random, 1500);
    const choice = random.uint32() % 200;
    if (choice < 120) add(keyspace, name, element, choice);
    else if (choice < 198) remove(keyspace, name, element);
    else {
      const key = bytes(name);
      const other = bytes(names[random.uint32() % names.length]);
      if (choice === 198) keyspace.remove(key, 0, key.sizeBytes);
      else if (keyspace.find(key, 0, key.sizeBytes) !== 0) {
        keyspace.remove(other, 0, other.sizeBytes);
        keyspace.remove(key, 0, key.sizeBytes);
      }
    }
  }
}

function lineOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return String(part);
    return part instanceof Uint8Array ? latin1Of(part, 0, part.length) : part;
  });
}

/** What a file holds, in an order that does not depend on how it was written. */
export async function valuesOf(file: Uint8Array): Promise<string[]> {
  const lines: string[] = [];
  for (const item of await allOf(readRdb([file]))) {
    if (!('db' in item)) continue;
    const { db, key, value } = item;
    const parts = Array.isArray(value) ? value.map(lineOf) : [lineOf(value)];
    const isOrdered = String(key) === 'list';
    lines.push(`${db} ${String(key)} ${(isOrdered ? parts : parts.toSorted()).join('\n')}`);
  }
  return lines.toSorted();
}
