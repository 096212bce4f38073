import { type EntryRef, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';

/** Replies with `count` elements, which must be there, from one end of the list, and takes them out. */
export function takeElements(
  context: CommandContext,
  args: Args,
  keyIndex: number,
  e: EntryRef,
  isTail: boolean,
  count: number,
): void {
  const { db, reply } = context;
  const { lists } = db;
  const total = lists.count(e);
  const { walk } = lists;
  walk.seek(e, total, isTail ? total - 1 : 0, isTail);
  for (let i = 0; i < count; i++) {
    walk.next();
    const { buffer, end, start } = walk.read();
    reply.bulk(buffer, start, end);
  }
  dropElements(context, args, keyIndex, e, isTail, count);
}

function dropElements(
  context: CommandContext,
  args: Args,
  keyIndex: number,
  e: EntryRef,
  isTail: boolean,
  count: number,
): void {
  const isLast = count === context.db.lists.count(e);
  if (isLast) context.db.removeEntry(e);
  else context.db.lists.drop(e, isTail, count);
  context.touch(args, keyIndex, isTail ? KeyEvents.listPopTail : KeyEvents.listPopHead);
  if (isLast) context.notify(args, keyIndex, KeyEvents.del);
}

/**
 * Takes one element from an end of list `e`, under argument 1, to an end of the list under argument 2, and replies with it.
 * False when nothing was moved, which has been answered.
 */
export function moveElement(
  context: CommandContext,
  args: Args,
  e: EntryRef,
  fromTail: boolean,
  toTail: boolean,
): boolean {
  const { db, reply } = context;
  const { buffer: keys, end: keyEnd, start: keyStart } = args;
  const { lists } = db;
  const target = typedToWrite(context, args, 2, ValueType.list);
  if (target === REFUSED) return false;
  const replyStart = reply.position;
  const { buffer, end, start } = lists.peek(e, fromTail);
  reply.bulk(buffer, start, end);
  const pushed = toTail ? KeyEvents.listPushTail : KeyEvents.listPushHead;
  if (target === e) {
    if (fromTail !== toTail && !lists.rotate(e, fromTail)) return outOfMemory(context, replyStart);
    context.touch(args, 2, pushed);
    context.touch(args, 1, fromTail ? KeyEvents.listPopTail : KeyEvents.listPopHead);
    return true;
  }
  const isStored =
    target === 0
      ? lists.create(keys, keyStart[2], keyEnd[2], buffer, start, end) !== 0
      : lists.push(target, toTail, buffer, start, end);
  if (!isStored) return outOfMemory(context, replyStart);
  context.touch(args, 2, pushed);
  dropElements(context, args, 1, e, fromTail, 1);
  return true;
}

function outOfMemory(context: CommandContext, replyStart: number): false {
  replyOutOfMemory(context, replyStart);
  return false;
}
