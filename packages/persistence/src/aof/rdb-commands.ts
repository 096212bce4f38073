import { encodeRequest } from '@kvartz/resp';
import type { RdbField, RdbKey, RdbStream, RdbString } from '../rdb/rdb-item.ts';

type Word = string | number | RdbString;

/** Elements that one command adds. */
const elementsMax = 64;

/** The commands that make a key what it is, as requests; as the plain base of an append-only file has them. A module's value has none. */
export function* commandsOfKey(item: RdbKey): Generator<Uint8Array<ArrayBuffer>> {
  const { expireAtMs, key } = item;
  switch (item.type) {
    case 'string':
      yield encodeRequest(['SET', key, item.value]);
      break;
    case 'list':
      yield* inParts('RPUSH', key, item.value, 1);
      break;
    case 'set':
      yield* inParts('SADD', key, item.value, 1);
      break;
    case 'zset':
      yield* inParts(
        'ZADD',
        key,
        item.value.flatMap(({ member, score }) => [score, member]),
        2,
      );
      break;
    case 'hash':
      yield* commandsOfHash(key, item.value);
      break;
    case 'stream':
      yield* commandsOfStream(key, item.value);
      break;
    case 'module':
      return;
  }
  if (expireAtMs !== undefined) yield encodeRequest(['PEXPIREAT', key, expireAtMs]);
}

function* inParts(
  command: string,
  key: RdbString,
  words: readonly Word[],
  wordsEach: number,
): Generator<Uint8Array<ArrayBuffer>> {
  const step = elementsMax * wordsEach;
  for (let at = 0; at < words.length; at += step) {
    yield encodeRequest([command, key, ...words.slice(at, at + step)]);
  }
}

function* commandsOfHash(key: RdbString, fields: readonly RdbField[]): Generator<Uint8Array<ArrayBuffer>> {
  yield* inParts(
    'HMSET',
    key,
    fields.flatMap(({ field, value }) => [field, value]),
    2,
  );
  for (const { expireAtMs, field } of fields) {
    if (expireAtMs !== undefined) yield encodeRequest(['HPEXPIREAT', key, expireAtMs, 'FIELDS', 1, field]);
  }
}

function* commandsOfStream(key: RdbString, stream: RdbStream): Generator<Uint8Array<ArrayBuffer>> {
  for (const { fields, id } of stream.entries) yield encodeRequest(['XADD', key, id, ...fields.flat()]);
  if (stream.entries.length === 0) {
    // An entry that is gone at once makes a stream without entries; 0-0 is no ID of one.
    const id = stream.lastId === '0-0' ? '0-1' : stream.lastId;
    yield encodeRequest(['XADD', key, 'MAXLEN', 0, id, 'x', 'y']);
  }
  yield encodeRequest([
    'XSETID',
    key,
    stream.lastId,
    'ENTRIESADDED',
    String(stream.entriesAdded),
    'MAXDELETEDID',
    stream.maxDeletedId,
  ]);
  for (const { consumers, entriesRead, lastId, name, pending } of stream.groups) {
    yield encodeRequest(['XGROUP', 'CREATE', key, name, lastId, 'ENTRIESREAD', String(entriesRead)]);
    for (const consumer of consumers) yield encodeRequest(['XGROUP', 'CREATECONSUMER', key, name, consumer.name]);
    for (const { consumer, deliveredMs, deliveries, id } of pending) {
      const how = ['TIME', deliveredMs, 'RETRYCOUNT', deliveries, 'JUSTID', 'FORCE'];
      yield encodeRequest(['XCLAIM', key, name, consumer, 0, id, ...how]);
    }
  }
}
