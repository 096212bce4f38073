import { type EntryRef, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { NOT_POSITIVE, wrongArity } from '../errors.ts';
import { type KeyEvent, KeyEvents } from '../key-events.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { replyRange, replyRangeBackward } from './reply-range.ts';

/** LPOP key [count]. */
export function lpop(context: CommandContext, args: Args): void {
  pop(context, args, false);
}

export function rpop(context: CommandContext, args: Args): void {
  pop(context, args, true);
}

function pop(context: CommandContext, args: Args, isTail: boolean): void {
  const { reply } = context;
  if (args.count > 3) return reply.error(wrongArity(isTail ? 'rpop' : 'lpop'));
  const hasCount = args.count === 3;
  const count = hasCount ? integerAt(args, 2) : 1;
  if (!(count >= 0)) return reply.error(NOT_POSITIVE);
  const e = typedToWrite(context, args, 1, ValueType.list);
  if (e === REFUSED) return;
  if (!hasCount) {
    if (e === 0) reply.null();
    else popOne(context, args, 1, e, isTail);
  } else if (e === 0) reply.nullArray();
  else if (count === 0) reply.array(0);
  else popSeveral(context, args, 1, e, isTail, count);
}

/**
 * Takes the first or last element of the list in argument `key`, writes it as a bulk, and tells of the change; what is to be
 * repeated elsewhere (LPOP or RPOP) is the caller's business, unless the request is to be repeated as it came.
 */
export function popOne(context: CommandContext, args: Args, key: number, e: EntryRef, isTail: boolean): void {
  const { lists } = context.db;
  const { buffer, start, end } = lists.peek(e, isTail);
  context.reply.bulk(buffer, start, end);
  lists.drop(e, isTail, 1);
  tellOfRemoval(context, args, key, e, popEvent(isTail));
}

/** The same for up to `count` elements, one at least, as an array. Returns how many there were. */
export function popSeveral(
  context: CommandContext,
  args: Args,
  key: number,
  e: EntryRef,
  isTail: boolean,
  count: number,
): number {
  const { lists } = context.db;
  const size = lists.count(e);
  const popped = Math.min(count, size);
  if (isTail) replyRangeBackward(context, e, size - 1, popped);
  else replyRange(context, e, 0, popped);
  lists.drop(e, isTail, popped);
  tellOfRemoval(context, args, key, e, popEvent(isTail));
  return popped;
}

export function popEvent(isTail: boolean): KeyEvent {
  return isTail ? KeyEvents.listPopTail : KeyEvents.listPopHead;
}

/** Elements have been removed from the list in argument `key`, which goes if none is left. */
export function tellOfRemoval(context: CommandContext, args: Args, key: number, e: EntryRef, event: KeyEvent): void {
  const { db } = context;
  const isEmpty = db.countOf(e) === 0;
  if (isEmpty) db.removeEntry(e);
  context.touch(args, key, event);
  if (isEmpty) context.notify(args, key, KeyEvents.del);
}
