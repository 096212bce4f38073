import type { ConsumerRef, EntryRef, GroupRef } from '@kvartz/engine';
import type { CommandContext } from '../context.ts';
import { replyId } from './reply-entries.ts';
import { replyGroupName, replyProgress } from './xinfo-groups.ts';

/** The groups of XINFO STREAM ... FULL, with at most `countMax` pending entries of each group and of each consumer. */
export function replyFullGroups(context: CommandContext, e: EntryRef, countMax: number): void {
  const { db, reply } = context;
  const { streamGroups } = db;
  const count = streamGroups.count(e);
  reply.array(count);
  for (let i = 0; i < count; i++) {
    const group = streamGroups.at(e, i);
    reply.map(7);
    reply.bulkText('name');
    replyGroupName(context, group);
    replyProgress(context, e, group);
    reply.bulkText('pel-count');
    reply.integer(streamGroups.pending.count(group));
    reply.bulkText('pending');
    replyPending(context, group, countMax, true);
    reply.bulkText('consumers');
    replyConsumers(context, group, countMax);
  }
}

function replyConsumers(context: CommandContext, group: GroupRef, countMax: number): void {
  const { db, reply } = context;
  const { streamGroups } = db;
  const count = streamGroups.consumerCount(group);
  reply.array(count);
  for (let i = 0; i < count; i++) {
    const consumer = streamGroups.consumerAt(group, i);
    const { buffer, end, start } = streamGroups.consumerName(consumer);
    reply.map(5);
    reply.bulkText('name');
    reply.bulk(buffer, start, end);
    reply.bulkText('seen-time');
    reply.integer(streamGroups.seenMs(consumer));
    reply.bulkText('active-time');
    reply.integer(streamGroups.activeMs(consumer));
    reply.bulkText('pel-count');
    reply.integer(streamGroups.pending.count(consumer));
    reply.bulkText('pending');
    replyPending(context, consumer, countMax, false);
  }
}

/** ID, consumer if `hasOwner`, time of the last delivery, deliveries. */
function replyPending(
  context: CommandContext,
  holder: GroupRef | ConsumerRef,
  countMax: number,
  hasOwner: boolean,
): void {
  const { db, reply } = context;
  const { streamGroups } = db;
  const { pending } = streamGroups;
  const count = Math.min(pending.count(holder), countMax);
  reply.array(count);
  if (count > 0) pending.seekFirst(holder);
  for (let left = count; left > 0; left--) {
    const { entry } = pending;
    reply.array(hasOwner ? 4 : 3);
    replyId(reply, pending.id);
    if (hasOwner) {
      const { buffer, end, start } = streamGroups.consumerName(pending.ownerOf(entry));
      reply.bulk(buffer, start, end);
    }
    reply.integer(pending.deliveredMs(entry));
    reply.integer(pending.deliveries(entry));
    pending.next();
  }
}
