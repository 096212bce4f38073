import { ByteBuffer } from '@kvartz/base';
import { type EntryRef, StreamId, streamIdTextBytesMax, ValueType } from '@kvartz/engine';
import { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { GREATER_IN_XREAD } from '../errors.ts';
import { keyToRead, REFUSED, typedToRead } from '../lookup.ts';
import { isOneByte, strictIdAt } from './id-argument.ts';
import { ReadRequest } from './read-request.ts';
import { replyRange } from './reply-entries.ts';

const dollar = 0x24;
const plus = 0x2b;
const greater = 0x3e;

/** A command that has waited and names no COUNT: an ID that is far behind is not to bring a flood. */
const countAfterWaiting = 1000;

const request = new ReadRequest(false);
const max = new StreamId().setMax();
const last = new StreamId();
/** By stream of the request: itself if there is something to reply of it, else 0; and the ID that entries are to be above. */
const served: EntryRef[] = [];
const after: StreamId[] = [];

/** XREAD [COUNT count] [BLOCK ms] STREAMS key [key ...] id [id ...]. */
export function xread(context: CommandContext, args: Args): void {
  const { readyKey, reply } = context;
  if (!request.read(context, args)) return;
  const { firstKey } = request;
  // A command that has waited asks for the stream that ended it.
  const from = readyKey === 0 ? 0 : readyKey - firstKey;
  const to = readyKey === 0 ? request.keyCount : from + 1;
  for (let i = from; i < to; i++) if (!readId(context, args, i)) return;
  const toReply = findNewer(context, args, from, to);
  if (toReply === 0) return wait(context, args);
  if (reply.protocol === 3) reply.map(toReply);
  else reply.array(toReply);
  const countMax = readyKey > 0 && request.countMax === Infinity ? countAfterWaiting : request.countMax;
  for (let i = from; i < to; i++) {
    const e = served[i - from];
    if (e === 0) continue;
    const key = firstKey + i;
    if (reply.protocol !== 3) reply.array(2);
    reply.bulk(args.buffer, args.start[key], args.end[key]);
    after[i].increment();
    replyRange(context, e, after[i], max, false, countMax);
  }
}

/** Reads the ID that entries of stream `i` are to be above. False: it, or the key, has been refused. */
function readId(context: CommandContext, args: Args, i: number): boolean {
  const { db, readyKey, reply } = context;
  const key = request.firstKey + i;
  const idIndex = key + request.keyCount;
  if (i === after.length) after.push(new StreamId());
  const id = after[i].setMin();
  const e = readyKey === 0 ? typedToRead(context, args, key, ValueType.stream) : 0;
  if (e === REFUSED) return false;
  if (isOneByte(args, idIndex, dollar)) {
    if (e !== 0) db.streams.lastId(e, id);
  } else if (isOneByte(args, idIndex, plus)) {
    if (e !== 0) beforeLastEntry(context, e, id);
  } else if (isOneByte(args, idIndex, greater)) {
    reply.error(GREATER_IN_XREAD);
    return false;
  } else if (!strictIdAt(context, args, idIndex, id)) return false;
  return true;
}

/** Looks for streams with entries above their IDs, and returns how many there are. Hits and misses count once more, as in Redis. */
function findNewer(context: CommandContext, args: Args, from: number, to: number): number {
  const { db, readyKey } = context;
  const { buffer, end, start } = args;
  served.length = 0;
  let found = 0;
  for (let i = from; i < to; i++) {
    const key = request.firstKey + i;
    const e = readyKey === 0 ? keyToRead(context, args, key) : db.find(buffer, start[key], end[key]);
    const isServed = e !== 0 && hasAbove(context, e, after[i]);
    served.push(isServed ? e : 0);
    if (isServed) found++;
  }
  return found;
}

function hasAbove({ db }: CommandContext, e: EntryRef, id: StreamId): boolean {
  const { streams } = db;
  return streams.lastId(e, last).compare(id) > 0 && streams.lastEntryId(e, last).compare(id) > 0;
}

/** The ID that has the last entry alone above it; of a stream without entries its last ID. */
function beforeLastEntry({ db }: CommandContext, e: EntryRef, into: StreamId): void {
  if (db.streams.count(e) === 0) db.streams.lastId(e, into);
  else db.streams.lastEntryId(e, into).decrement();
}

function wait(context: CommandContext, args: Args): void {
  const { blockMs, firstKey, keyCount } = request;
  if (blockMs < 0) return context.reply.nullArray();
  const keys = Array.from({ length: keyCount }, (_, i) => firstKey + i);
  // Run again, it asks for the same IDs as now: the ID is where the stream stands, not where it will stand.
  context.block(withFixedIds(args), keys, ValueType.stream, blockMs, 'nullArray');
}

/** The same request with `$` and `+` as the IDs that they stand for. */
function withFixedIds(args: Args): Args {
  const { firstKey, keyCount } = request;
  const firstId = firstKey + keyCount;
  const isMeant = (i: number): boolean => i >= firstId && (isOneByte(args, i, dollar) || isOneByte(args, i, plus));
  const { buffer, count, end, start } = args;
  let textBytes = 0;
  for (let i = 0; i < count; i++) textBytes += end[i] - start[i];
  const fixed = new Args(new ByteBuffer(textBytes + keyCount * streamIdTextBytesMax), count);
  const { u8 } = fixed.buffer;
  let at = 0;
  for (let i = 0; i < count; i++) {
    const from = at;
    if (isMeant(i)) at = after[i - firstId].format(u8, at);
    else {
      u8.set(buffer.u8.subarray(start[i], end[i]), at);
      at += end[i] - start[i];
    }
    fixed.push(from, at);
  }
  return fixed;
}
