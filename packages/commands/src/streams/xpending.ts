import { type GroupRef, StreamId } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { NOT_INTEGER, SYNTAX_ERROR } from '../errors.ts';
import { putHeadFirst } from '../reply-head.ts';
import { findGroup, found } from './groups-of-key.ts';
import { endIdAt, startIdAt } from './id-argument.ts';
import { replyId } from './reply-entries.ts';

const first = new StreamId();
const last = new StreamId();

/** XPENDING key group [[IDLE ms] start end count [consumer]]. */
export function xpending(context: CommandContext, args: Args): void {
  if (args.count === 3) {
    if (findGroup(context, args, 1, 2)) replySummary(context, found.group);
    return;
  }
  const { reply } = context;
  if (args.count < 6 || args.count > 9) return reply.error(SYNTAX_ERROR);
  let at = 3;
  let idleMsMin = 0;
  if (isKeyword(args, 3, 'idle')) {
    idleMsMin = integerAt(args, 4);
    if (Number.isNaN(idleMsMin)) return reply.error(NOT_INTEGER);
    if (args.count < 8) return reply.error(SYNTAX_ERROR);
    at = 5;
  }
  const count = integerAt(args, at + 2);
  if (Number.isNaN(count)) return reply.error(NOT_INTEGER);
  if (!startIdAt(context, args, at, first) || !endIdAt(context, args, at + 1, last)) return;
  if (!findGroup(context, args, 1, 2)) return;
  let holder = found.group;
  if (at + 3 < args.count) {
    const i = at + 3;
    holder = context.db.streamGroups.findConsumer(holder, args.buffer, args.start[i], args.end[i]);
    if (holder === 0) return reply.array(0);
  }
  replyRange(context, holder, count, idleMsMin);
}

/** How many, the first and the last ID, and how many each consumer has. */
function replySummary(context: CommandContext, group: GroupRef): void {
  const { db, reply } = context;
  const { streamGroups } = db;
  const { pending } = streamGroups;
  const total = pending.count(group);
  reply.array(4);
  reply.integer(total);
  if (total === 0) {
    reply.null();
    reply.null();
    return reply.nullArray();
  }
  pending.seekFirst(group);
  replyId(reply, pending.id);
  pending.seekLast(group);
  replyId(reply, pending.id);
  const bodyStart = reply.position;
  const count = streamGroups.consumerCount(group);
  let busy = 0;
  for (let i = 0; i < count; i++) {
    const consumer = streamGroups.consumerAt(group, i);
    const own = pending.count(consumer);
    if (own === 0) continue;
    busy++;
    const { buffer, end, start } = streamGroups.consumerName(consumer);
    reply.array(2);
    reply.bulk(buffer, start, end);
    reply.bulkInteger(own);
  }
  const headStart = reply.position;
  reply.array(busy);
  putHeadFirst(reply, bodyStart, headStart);
}

/** Of the group's or consumer's entries in the range: ID, consumer, idle time, deliveries. */
function replyRange(context: CommandContext, holder: GroupRef, count: number, idleMsMin: number): void {
  const { db, nowMs, reply } = context;
  const { streamGroups } = db;
  const { pending } = streamGroups;
  const bodyStart = reply.position;
  let replied = 0;
  for (let has = pending.seek(holder, first); has && replied < count; has = pending.next()) {
    if (pending.id.compare(last) > 0) break;
    const idleMs = nowMs - pending.deliveredMs(pending.entry);
    if (idleMsMin !== 0 && idleMs < idleMsMin) continue;
    replied++;
    reply.array(4);
    replyId(reply, pending.id);
    const { buffer, end, start } = streamGroups.consumerName(pending.ownerOf(pending.entry));
    reply.bulk(buffer, start, end);
    reply.integer(Math.max(0, idleMs));
    reply.integer(pending.deliveries(pending.entry));
  }
  const headStart = reply.position;
  reply.array(replied);
  putHeadFirst(reply, bodyStart, headStart);
}
