import { type EntryRef, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR } from '../errors.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { popEvent, tellOfRemoval } from './pop.ts';
import { pushEvent } from './push.ts';

/** LMOVE source destination LEFT | RIGHT LEFT | RIGHT. */
export function lmove(context: CommandContext, args: Args): void {
  const from = sideAt(args, 3);
  const to = sideAt(args, 4);
  if (from === undefined || to === undefined) return context.reply.error(SYNTAX_ERROR);
  move(context, args, from === 'tail', to === 'tail');
}

/** RPOPLPUSH source destination: LMOVE ... RIGHT LEFT. */
export function rpoplpush(context: CommandContext, args: Args): void {
  move(context, args, true, false);
}

function move(context: CommandContext, args: Args, fromTail: boolean, toTail: boolean): void {
  const source = typedToWrite(context, args, 1, ValueType.list);
  if (source === 0) context.reply.null();
  else if (source !== REFUSED) moveOne(context, args, 1, 2, source, fromTail, toTail);
}

export function sideAt(args: Args, i: number): 'head' | 'tail' | undefined {
  if (isKeyword(args, i, 'left')) return 'head';
  return isKeyword(args, i, 'right') ? 'tail' : undefined;
}

/**
 * Moves one element from the list `source`, in argument `sourceKey`, to the one in argument `targetKey`, writes it as a bulk and
 * tells of the change. False when nothing was moved, which has then been answered: the target is of another type, or no memory.
 */
export function moveOne(
  context: CommandContext,
  args: Args,
  sourceKey: number,
  targetKey: number,
  source: EntryRef,
  fromTail: boolean,
  toTail: boolean,
): boolean {
  const { db, reply } = context;
  const { lists } = db;
  const replyStart = reply.position;
  const target = typedToWrite(context, args, targetKey, ValueType.list);
  if (target === REFUSED) return false;
  const { buffer, start, end } = lists.peek(source, fromTail);
  reply.bulk(buffer, start, end);
  let isMoved: boolean;
  if (target === source) isMoved = fromTail === toTail || lists.rotate(source, fromTail);
  else if (target !== 0) isMoved = lists.push(target, toTail, buffer, start, end);
  else isMoved = lists.create(args.buffer, args.start[targetKey], args.end[targetKey], buffer, start, end) !== 0;
  if (!isMoved) {
    replyOutOfMemory(context, replyStart);
    return false;
  }
  if (target !== source) lists.drop(source, fromTail, 1);
  context.touch(args, targetKey, pushEvent(toTail));
  tellOfRemoval(context, args, sourceKey, source, popEvent(fromTail));
  return true;
}
