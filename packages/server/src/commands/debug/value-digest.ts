import { formatDouble17, utf8Bytes } from '@kvartz/base';
import { type EntryRef, type Keyspace, streamIdTextBytesMax, ValueType } from '@kvartz/engine';
import { MixedDigest } from './mixed-digest.ts';

/** Of one element of a value whose elements have no order. */
const element = new MixedDigest();

/** A field expires; when, the digest does not say. */
const expiring = utf8Bytes('!!hexpire!!');

/** Adds what a key holds, in the way of Redis's debug.c: a list and a string in order, the elements of others in none. */
export function addValue(digest: MixedDigest, db: Keyspace, entry: EntryRef): void {
  switch (db.typeOf(entry)) {
    case ValueType.string: {
      const { buffer, end, start } = db.stringOf(entry);
      return digest.mix(buffer.u8, start, end);
    }
    case ValueType.list:
      return addList(digest, db, entry);
    case ValueType.set:
      return addSet(digest, db, entry);
    case ValueType.hash:
      return addHash(digest, db, entry);
    case ValueType.zset:
      return addSortedSet(digest, db, entry);
    case ValueType.stream:
      return addStream(digest, db, entry);
  }
}

function addList(digest: MixedDigest, db: Keyspace, entry: EntryRef): void {
  const { walk } = db.lists;
  walk.seek(entry, db.countOf(entry), 0, false);
  while (walk.next()) {
    const { buffer, end, start } = walk.read();
    digest.mix(buffer.u8, start, end);
  }
}

function addSet(digest: MixedDigest, db: Keyspace, entry: EntryRef): void {
  const walk = db.sets.walk(entry);
  while (walk.next()) {
    const { buffer, end, start } = walk.text();
    digest.xor(buffer.u8, start, end);
  }
}

function addHash(digest: MixedDigest, db: Keyspace, entry: EntryRef): void {
  const walk = db.hashes.walk(entry);
  while (walk.next()) {
    const { expireAtMs, field, value } = walk;
    element.clear();
    element.mix(field.buffer.u8, field.start, field.end);
    element.mix(value.buffer.u8, value.start, value.end);
    if (expireAtMs !== Infinity) element.xor(expiring, 0, expiring.length);
    digest.xor(element.bytes, 0, element.bytes.length);
  }
}

function addSortedSet(digest: MixedDigest, db: Keyspace, entry: EntryRef): void {
  const sets = db.sortedSets;
  sets.seek(entry, 0);
  while (sets.next()) {
    const { buffer, end, start } = sets.member;
    const score = utf8Bytes(formatDouble17(sets.score));
    element.clear();
    element.mix(buffer.u8, start, end);
    element.mix(score, 0, score.length);
    digest.xor(element.bytes, 0, element.bytes.length);
  }
}

const idText = new Uint8Array(streamIdTextBytesMax);
const dot = 0x2e;
const hyphen = 0x2d;

/** Entries in order; nothing of consumer groups. */
function addStream(digest: MixedDigest, db: Keyspace, entry: EntryRef): void {
  const { walk } = db.streams;
  walk.seekAll(db.streams.root(entry), false);
  while (walk.next()) {
    const { field, id, value } = walk;
    const end = id.format(idText, 0);
    idText[idText.indexOf(hyphen)] = dot;
    digest.mix(idText, 0, end);
    while (walk.nextField()) {
      digest.mix(field.buffer.u8, field.start, field.end);
      digest.mix(value.buffer.u8, value.start, value.end);
    }
  }
}
