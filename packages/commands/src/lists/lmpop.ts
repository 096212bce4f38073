import { type EntryRef, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { chosen, firstKey } from '../first-key.ts';
import { REFUSED } from '../lookup.ts';
import { PopRequest } from '../pop-request.ts';
import { popSeveral } from './pop.ts';

/** What LMPOP and BLMPOP are asked for: one is enough, since a command ends before the next begins. */
export const listPopRequest = new PopRequest('left', 'right');

/** LMPOP numkeys key [key ...] LEFT | RIGHT [COUNT count]. */
export function lmpop(context: CommandContext, args: Args): void {
  const request = listPopRequest;
  const error = request.read(args, 1);
  if (error !== undefined) return context.reply.error(error);
  const e = firstKey(context, args, request.firstKey, request.lastKey, ValueType.list);
  if (e === 0) context.reply.nullArray();
  else if (e !== REFUSED) popFromChosen(context, args, e);
}

/** Pops from the list under the chosen key as `listPopRequest` says, answers, and has it repeated as LPOP or RPOP. */
export function popFromChosen(context: CommandContext, args: Args, e: EntryRef): void {
  const { reply } = context;
  const { index } = chosen;
  const { count, isFarEnd } = listPopRequest;
  reply.array(2);
  reply.bulk(args.buffer, args.start[index], args.end[index]);
  const popped = popSeveral(context, args, index, e, isFarEnd, count);
  if (context.isPropagating) context.propagate(isFarEnd ? 'RPOP' : 'LPOP', { args, index }, popped);
}
