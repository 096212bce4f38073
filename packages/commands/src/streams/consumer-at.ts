import type { ConsumerRef, GroupRef } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { KeyEvents } from '../key-events.ts';

/** The consumer of a group that argument `i` names, seen now. 0: there is none. */
export function seenConsumer(context: CommandContext, args: Args, group: GroupRef, i: number): ConsumerRef {
  const { streamGroups } = context.db;
  const consumer = streamGroups.findConsumer(group, args.buffer, args.start[i], args.end[i]);
  if (consumer !== 0) streamGroups.setSeenMs(consumer, context.nowMs);
  return consumer;
}

/** Makes a consumer of the name in argument `i`, which the group has none of. 0: no memory. */
export function newConsumer(
  context: CommandContext,
  args: Args,
  keyIndex: number,
  group: GroupRef,
  i: number,
): ConsumerRef {
  const { nowMs } = context;
  const { streamGroups } = context.db;
  const consumer = streamGroups.createConsumer(group, args.buffer, args.start[i], args.end[i], nowMs);
  if (consumer === 0) return 0;
  context.countChanges(1);
  context.notify(args, keyIndex, KeyEvents.groupCreateConsumer);
  return consumer;
}
