import { type EntryRef, type GroupRef, NEVER_ACTIVE, StreamId, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { textAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { NO_SUCH_KEY, noSuchGroupForKey } from '../errors.ts';
import { REFUSED, typedToRead } from '../lookup.ts';
import { groupAt } from './groups-of-key.ts';
import { replyId } from './reply-entries.ts';

const id = new StreamId();

/** XINFO GROUPS key. */
export function xinfoGroups(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const { streamGroups } = db;
  const e = existingStream(context, args);
  if (e === REFUSED) return;
  const count = streamGroups.count(e);
  reply.array(count);
  for (let i = 0; i < count; i++) {
    const group = streamGroups.at(e, i);
    reply.map(6);
    reply.bulkText('name');
    replyGroupName(context, group);
    reply.bulkText('consumers');
    reply.integer(streamGroups.consumerCount(group));
    reply.bulkText('pending');
    reply.integer(streamGroups.pending.count(group));
    replyProgress(context, e, group);
  }
}

export function replyGroupName({ db, reply }: CommandContext, group: GroupRef): void {
  const { buffer, end, start } = db.streamGroups.nameOf(group);
  reply.bulk(buffer, start, end);
}

/** How far the group is: three pairs. */
export function replyProgress({ db, reply }: CommandContext, e: EntryRef, group: GroupRef): void {
  const { streamGroups } = db;
  reply.bulkText('last-delivered-id');
  replyId(reply, streamGroups.lastId(group, id));
  reply.bulkText('entries-read');
  const read = streamGroups.entriesRead(group);
  if (read === -1n) reply.null();
  else reply.bigInteger(read);
  reply.bulkText('lag');
  const lag = streamGroups.lagOf(e, group);
  if (lag === undefined) reply.null();
  else reply.bigInteger(lag);
}

/** XINFO CONSUMERS key group. */
export function xinfoConsumers(context: CommandContext, args: Args): void {
  const { db, nowMs, reply } = context;
  const { streamGroups } = db;
  const e = existingStream(context, args);
  if (e === REFUSED) return;
  const group = groupAt(context, args, e, 3);
  if (group === 0) return reply.error(noSuchGroupForKey(textAt(args, 3), textAt(args, 2)));
  const count = streamGroups.consumerCount(group);
  reply.array(count);
  for (let i = 0; i < count; i++) {
    const consumer = streamGroups.consumerAt(group, i);
    const activeMs = streamGroups.activeMs(consumer);
    const { buffer, end, start } = streamGroups.consumerName(consumer);
    reply.map(4);
    reply.bulkText('name');
    reply.bulk(buffer, start, end);
    reply.bulkText('pending');
    reply.integer(streamGroups.pending.count(consumer));
    reply.bulkText('idle');
    reply.integer(Math.max(0, nowMs - streamGroups.seenMs(consumer)));
    reply.bulkText('inactive');
    reply.integer(activeMs === NEVER_ACTIVE ? NEVER_ACTIVE : Math.max(0, nowMs - activeMs));
  }
}

/** The stream in argument 2; REFUSED: there is none, which has been answered. */
function existingStream(context: CommandContext, args: Args): EntryRef {
  const e = typedToRead(context, args, 2, ValueType.stream);
  if (e !== 0) return e;
  context.reply.error(NO_SUCH_KEY);
  return REFUSED;
}
