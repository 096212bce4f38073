import { type EntryRef, type Keyspace, NO_EXPIRY } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';
import { MixedDigest } from './mixed-digest.ts';
import { addValue } from './value-digest.ts';

const whole = new MixedDigest();
const digest = new MixedDigest();
const expires = new TextEncoder().encode('!!expire!!');

/** DEBUG DIGEST: 40 hex digits that are the same on every server with the same data, and zeros where there is none. */
export function dataSetDigest({ databases, reply }: ServerContext): void {
  whole.clear();
  for (const [index, database] of databases.entries()) {
    if (database.keyCount === 0) continue;
    whole.mixWord(index);
    database.forEach((entry) => {
      const key = database.keyOf(entry);
      digest.clear();
      digest.mix(key.buffer.u8, key.start, key.end);
      addEntry(database, entry);
      whole.xor(digest.bytes, 0, digest.bytes.length);
    });
  }
  reply.simple(whole.hex);
}

/** DEBUG DIGEST-VALUE key [key ...]: the same for single values, whatever the names of their keys; zeros: no such key. */
export function valueDigests({ db, reply }: ServerContext, args: Args): void {
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    digest.clear();
    const entry = db.peek(args.buffer, args.start[i], args.end[i]);
    if (entry !== 0) addEntry(db, entry);
    reply.simple(digest.hex);
  }
}

function addEntry(db: Keyspace, entry: EntryRef): void {
  digest.mixWord(db.typeOf(entry));
  addValue(digest, db, entry);
  if (db.expireAtMs(entry) !== NO_EXPIRY) digest.xor(expires, 0, expires.length);
}
