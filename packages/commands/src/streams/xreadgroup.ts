import { type ConsumerRef, type EntryRef, type GroupRef, StreamId, ValueType } from '@kvartz/engine';
import type { Args, ReplyWriter } from '@kvartz/resp';
import { textAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { DOLLAR_IN_XREADGROUP, noSuchGroupToRead } from '../errors.ts';
import { REFUSED, typedToRead } from '../lookup.ts';
import { putHeadFirst } from '../reply-head.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { newConsumer, seenConsumer } from './consumer-at.ts';
import { propagateConsumer, propagateGroup, propagatePending } from './group-effects.ts';
import { groupAt } from './groups-of-key.ts';
import { isOneByte, strictIdAt } from './id-argument.ts';
import { ReadRequest } from './read-request.ts';
import { replyEntry, replyId } from './reply-entries.ts';

const dollar = 0x24;
const greater = 0x3e;
const request = new ReadRequest(true);
const given = new StreamId();

/** Of each stream of the request: it and its group. */
const streams: EntryRef[] = [];
const groups: GroupRef[] = [];

const Part = { nothing: 0, newEntries: 1, history: 2 } as const;
type Part = (typeof Part)[keyof typeof Part];

/** Entries that this request has given to the consumer, and whether memory ran out over one. */
let delivered = 0;
let hasNoMemory = false;

/** XREADGROUP GROUP group consumer [COUNT n] [BLOCK ms] [NOACK] STREAMS key [key ...] id|> [id|> ...]. */
export function xreadgroup(context: CommandContext, args: Args): void {
  const { readyKey, reply } = context;
  if (!request.read(context, args)) return;
  const { firstKey } = request;
  // A command that has waited asks for the stream that ended it.
  const from = readyKey === 0 ? 0 : readyKey - firstKey;
  const to = readyKey === 0 ? request.keyCount : from + 1;
  streams.length = groups.length = 0;
  for (let i = from; i < to; i++) if (!examine(context, args, i)) return;
  // Redis looks every key up twice.
  context.keyspaceHits += streams.length;
  const isOne = to - from === 1;
  const bodyStart = reply.position;
  let replied = 0;
  delivered = 0;
  hasNoMemory = false;
  for (let i = from; i < to; i++) {
    const part = partOf(context, args, i, streams[i - from], groups[i - from]);
    if (part === Part.nothing) continue;
    const key = firstKey + i;
    if (isOne) replyHead(reply, 1);
    if (reply.protocol !== 3) reply.array(2);
    reply.bulk(args.buffer, args.start[key], args.end[key]);
    answer(context, args, i, streams[i - from], groups[i - from], part);
    replied++;
  }
  if (replied === 0) return wait(context, args);
  if (context.isPropagating) context.propagateNothing();
  if (hasNoMemory && delivered === 0) return replyOutOfMemory(context, bodyStart);
  if (isOne) return;
  const headStart = reply.position;
  replyHead(reply, replied);
  putHeadFirst(reply, bodyStart, headStart);
}

function replyHead(reply: ReplyWriter, count: number): void {
  if (reply.protocol === 3) reply.map(count);
  else reply.array(count);
}

function wait(context: CommandContext, args: Args): void {
  const { blockMs, firstKey, keyCount } = request;
  if (blockMs < 0) return context.reply.nullArray();
  const keys = Array.from({ length: keyCount }, (_, i) => firstKey + i);
  context.block(args, keys, ValueType.stream, blockMs, 'nullArray', true);
}

/** Finds stream `i` and its group, and looks at its ID. False: it has been refused. */
function examine(context: CommandContext, args: Args, i: number): boolean {
  const { reply } = context;
  const key = request.firstKey + i;
  const idIndex = key + request.keyCount;
  const e = typedToRead(context, args, key, ValueType.stream);
  if (e === REFUSED) return false;
  const group = e === 0 ? 0 : groupAt(context, args, e, request.groupIndex);
  if (group === 0) {
    reply.error(noSuchGroupToRead(textAt(args, key), textAt(args, request.groupIndex)));
    return false;
  }
  streams.push(e);
  groups.push(group);
  if (isOneByte(args, idIndex, dollar)) {
    reply.error(DOLLAR_IN_XREADGROUP);
    return false;
  }
  return isOneByte(args, idIndex, greater) || strictIdAt(context, args, idIndex, given);
}

/**
 * What there is to reply of stream `i`. New entries: `walk` of the keyspace's streams has reached the first one. History: the ID is
 * in `given`.
 */
function partOf(context: CommandContext, args: Args, i: number, e: EntryRef, group: GroupRef): Part {
  const { streamGroups, streams: kept } = context.db;
  const idIndex = request.firstKey + i + request.keyCount;
  if (!isOneByte(args, idIndex, greater)) {
    strictIdAt(context, args, idIndex, given);
    // To Redis the highest ID is another way to write `>`.
    if (!given.isMax) return Part.history;
  }
  if (streamGroups.seekNew(e, group, kept.walk)) return Part.newEntries;
  seenConsumer(context, args, group, request.groupIndex + 1);
  return Part.nothing;
}

/** The entries of one stream, as an array. */
function answer(context: CommandContext, args: Args, i: number, e: EntryRef, group: GroupRef, part: Part): void {
  const key = request.firstKey + i;
  const consumerIndex = request.groupIndex + 1;
  let consumer = seenConsumer(context, args, group, consumerIndex);
  const isNew = consumer === 0;
  if (isNew) consumer = newConsumer(context, args, key, group, consumerIndex);
  if (consumer === 0) {
    hasNoMemory = true;
    return context.reply.array(0);
  }
  const isToTell = isNew && (part === Part.history || request.isNoack);
  if (isToTell) propagateConsumer(context, args, key, request.groupIndex, consumerIndex);
  context.countChanges(1);
  if (part === Part.history) return replyHistory(context, e, group, consumer);
  const count = replyNew(context, args, key, e, group, consumer);
  if (isNew && !isToTell && count === 0) {
    propagateConsumer(context, args, key, request.groupIndex, consumerIndex);
  }
}

/** Gives the consumer what nobody has got yet; returns how many entries. */
function replyNew(
  context: CommandContext,
  args: Args,
  key: number,
  e: EntryRef,
  group: GroupRef,
  consumer: ConsumerRef,
): number {
  const { db, nowMs, reply } = context;
  const { streamGroups } = db;
  const { walk } = db.streams;
  const { countMax, groupIndex, isNoack } = request;
  const bodyStart = reply.position;
  let count = 0;
  do {
    if (!isNoack && streamGroups.pending.deliver(group, consumer, walk.id, nowMs) === 0) {
      hasNoMemory = true;
      break;
    }
    streamGroups.advance(e, group, walk);
    if (!isNoack) propagatePending(context, args, key, groupIndex, group, walk.id);
    replyEntry(reply, walk);
    count++;
  } while (count < countMax && walk.next());
  if (count > 0) {
    if (!isNoack) streamGroups.setActiveMs(consumer, nowMs);
    propagateGroup(context, args, key, groupIndex, group);
    delivered += count;
  }
  const headStart = reply.position;
  reply.array(count);
  putHeadFirst(reply, bodyStart, headStart);
  return count;
}

/** What the consumer has got behind the ID `given` and has not acknowledged, each time once more. */
function replyHistory(context: CommandContext, e: EntryRef, group: GroupRef, consumer: ConsumerRef): void {
  const { db, nowMs, reply } = context;
  const { pending } = db.streamGroups;
  const { walk } = db.streams;
  const root = db.streams.root(e);
  const bodyStart = reply.position;
  let count = 0;
  given.increment();
  for (let has = pending.seek(consumer, given); has && count < request.countMax; has = pending.next()) {
    count++;
    walk.seek(root, pending.id, pending.id, false);
    if (walk.next()) {
      replyEntry(reply, walk);
      pending.setDelivery(group, pending.id, pending.entry, nowMs, pending.deliveries(pending.entry) + 1);
      continue;
    }
    reply.array(2);
    replyId(reply, pending.id);
    reply.nullArray();
  }
  const headStart = reply.position;
  reply.array(count);
  putHeadFirst(reply, bodyStart, headStart);
}
