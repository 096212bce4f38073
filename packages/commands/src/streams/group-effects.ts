import { type GroupRef, type Span, StreamId } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';

/*
 * What is repeated elsewhere of what consumer groups do, in Redis's words: who has which entry since when, and how far a group is.
 */

const lastId = new StreamId();

function bytesOf({ buffer, start, end }: Span): Uint8Array {
  return buffer.u8.slice(start, end);
}

/** A pending entry of the group as it is now; that its stream has no such entry deletes it where this is repeated. */
export function propagatePending(
  context: CommandContext,
  args: Args,
  keyIndex: number,
  groupIndex: number,
  group: GroupRef,
  id: StreamId,
): void {
  if (!context.isPropagating) return;
  const { streamGroups } = context.db;
  const { pending } = streamGroups;
  const entry = pending.find(group, id);
  context.propagate(
    'XCLAIM',
    { args, index: keyIndex },
    { args, index: groupIndex },
    bytesOf(streamGroups.consumerName(pending.ownerOf(entry))),
    0,
    String(id),
    'TIME',
    pending.deliveredMs(entry),
    'RETRYCOUNT',
    pending.deliveries(entry),
    'FORCE',
    'JUSTID',
    'LASTID',
    String(streamGroups.lastId(group, lastId)),
  );
}

/** How far the group is. */
export function propagateGroup(
  context: CommandContext,
  args: Args,
  keyIndex: number,
  groupIndex: number,
  group: GroupRef,
): void {
  if (!context.isPropagating) return;
  const { streamGroups } = context.db;
  context.propagate(
    'XGROUP',
    'SETID',
    { args, index: keyIndex },
    { args, index: groupIndex },
    String(streamGroups.lastId(group, lastId)),
    'ENTRIESREAD',
    String(streamGroups.entriesRead(group)),
  );
}

/** A consumer that nothing has been given to. */
export function propagateConsumer(
  context: CommandContext,
  args: Args,
  keyIndex: number,
  groupIndex: number,
  consumerIndex: number,
): void {
  if (!context.isPropagating) return;
  context.propagate(
    'XGROUP',
    'CREATECONSUMER',
    { args, index: keyIndex },
    { args, index: groupIndex },
    { args, index: consumerIndex },
  );
}
