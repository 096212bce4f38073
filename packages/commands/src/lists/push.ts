import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { lengthAt } from '../arguments.ts';
import type { CommandContext, EffectPart } from '../context.ts';
import { type KeyEvent, KeyEvents } from '../key-events.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';

/** LPUSH key element [element ...]. */
export function lpush(context: CommandContext, args: Args): void {
  push(context, args, false, false);
}

export function rpush(context: CommandContext, args: Args): void {
  push(context, args, true, false);
}

/** LPUSHX key element [element ...]: only if there is a list. */
export function lpushx(context: CommandContext, args: Args): void {
  push(context, args, false, true);
}

export function rpushx(context: CommandContext, args: Args): void {
  push(context, args, true, true);
}

export function pushEvent(isTail: boolean): KeyEvent {
  return isTail ? KeyEvents.listPushTail : KeyEvents.listPushHead;
}

function push(context: CommandContext, args: Args, isTail: boolean, mustExist: boolean): void {
  const { db, reply } = context;
  const { lists } = db;
  const { buffer, start, end, count } = args;
  let e = typedToWrite(context, args, 1, ValueType.list);
  if (e === REFUSED) return;
  if (e === 0 && mustExist) return reply.integer(0);
  let i = 2;
  // Elements that come together decide together whether the list stays small.
  const bytes = count > 3 ? bytesAfter(args, 2) : 0;
  if (e === 0) {
    e = lists.create(buffer, start[1], end[1], buffer, start[2], end[2], bytes, count - 3);
    if (e === 0) return replyOutOfMemory(context);
    i = 3;
  } else if (count > 3 && !lists.grow(e, bytes + lengthAt(args, 2), count - 2, isTail))
    return replyOutOfMemory(context);
  while (i < count && lists.push(e, isTail, buffer, start[i], end[i])) i++;
  const size = db.countOf(e);
  if (i > 2) context.touch(args, 1, pushEvent(isTail));
  if (i === count) return reply.integer(size);
  if (i > 2 && context.isPropagating) context.propagate(isTail ? 'RPUSH' : 'LPUSH', ...partsBefore(args, i));
  replyOutOfMemory(context);
}

/** Bytes of the arguments behind argument `i`. */
function bytesAfter(args: Args, i: number): number {
  let bytes = 0;
  for (let j = i + 1; j < args.count; j++) bytes += lengthAt(args, j);
  return bytes;
}

/** Memory ran out half-way: the elements that were pushed are the whole effect. */
function partsBefore(args: Args, end: number): EffectPart[] {
  return Array.from({ length: end - 1 }, (_, i) => ({ args, index: i + 1 }));
}
