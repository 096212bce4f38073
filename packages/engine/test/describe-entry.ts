import { type EntryRef, type Keyspace, StreamId, ValueType } from '../src/index.ts';
import { textOf } from './model.ts';

/** All that a key is to clients but its name: type, value, expiry; equal texts for equal values, whatever their encodings. */
export function describeEntry(keyspace: Keyspace, e: EntryRef): string {
  const mode = keyspace.expiryMode;
  keyspace.expiryMode = 'ignore';
  const value = describeValue(keyspace, e);
  keyspace.expiryMode = mode;
  return `${keyspace.typeOf(e)} until ${keyspace.expireAtMs(e)}: ${value}`;
}

/** All keys of these databases, whether or not they have expired, as `database key` and what they are. */
export function describeAll(databases: readonly Keyspace[]): Map<string, string> {
  const all = new Map<string, string>();
  for (const [db, keyspace] of databases.entries()) {
    const mode = keyspace.expiryMode;
    keyspace.expiryMode = 'ignore';
    keyspace.forEach((e) => all.set(`${db} ${textOf(keyspace.keyOf(e))}`, describeEntry(keyspace, e)));
    keyspace.expiryMode = mode;
  }
  return all;
}

function describeValue(keyspace: Keyspace, e: EntryRef): string {
  const parts: string[] = [];
  switch (keyspace.typeOf(e)) {
    case ValueType.string:
      return textOf(keyspace.stringOf(e));
    case ValueType.list: {
      const { walk } = keyspace.lists;
      for (walk.seek(e, keyspace.countOf(e), 0, false); walk.next();) parts.push(textOf(walk.read()));
      return parts.join();
    }
    case ValueType.hash:
      for (const at = keyspace.hashes.walk(e); at.next();) {
        parts.push(`${textOf(at.field)}=${textOf(at.value)} until ${at.expireAtMs}`);
      }
      return parts.toSorted().join();
    case ValueType.set:
      for (const at = keyspace.sets.walk(e); at.next();) parts.push(textOf(at.text()));
      return parts.toSorted().join();
    case ValueType.zset: {
      const { sortedSets } = keyspace;
      for (sortedSets.seek(e, 0); sortedSets.next();) parts.push(`${textOf(sortedSets.member)}:${sortedSets.score}`);
      return parts.join();
    }
    default:
      return describeStream(keyspace, e);
  }
}

function describeStream(keyspace: Keyspace, e: EntryRef): string {
  const { streamGroups, streams } = keyspace;
  const { pending } = streamGroups;
  const id = new StreamId();
  const parts = [idText(streams.lastId(e, id)), idText(streams.maxDeletedId(e, id)), `${streams.entriesAddedLow(e)}`];
  const { walk } = streams;
  for (walk.seekAll(streams.root(e), false); walk.next();) {
    parts.push(idText(walk.id));
    while (walk.nextField()) parts.push(`${textOf(walk.field)}=${textOf(walk.value)}`);
  }
  const groups: string[] = [];
  for (let i = 0; i < streamGroups.count(e); i++) {
    const group = streamGroups.at(e, i);
    const texts = [textOf(streamGroups.nameOf(group)), idText(streamGroups.lastId(group, id))];
    for (let j = 0; j < streamGroups.consumerCount(group); j++) {
      const consumer = streamGroups.consumerAt(group, j);
      texts.push(textOf(streamGroups.consumerName(consumer)), `${streamGroups.seenMs(consumer)}`);
    }
    for (let has = pending.seekFirst(group); has; has = pending.next()) {
      const owner = textOf(streamGroups.consumerName(pending.ownerOf(pending.entry)));
      texts.push(`${idText(pending.id)} of ${owner}, ${pending.deliveredMs(pending.entry)}`);
    }
    groups.push(texts.join());
  }
  return [...parts, ...groups.toSorted()].join();
}

function idText({ words }: StreamId): string {
  return words.join('.');
}
