import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { chosen, firstKey } from '../first-key.ts';
import { popOne } from '../lists/pop.ts';
import { REFUSED } from '../lookup.ts';
import { popMembers, PopReply } from '../sorted-sets/pop.ts';
import { timeoutMsAt } from './timeout.ts';
import { waitForKeys } from './wait-for-keys.ts';

/** BLPOP key [key ...] timeout. */
export function blpop(context: CommandContext, args: Args): void {
  popElement(context, args, false);
}

export function brpop(context: CommandContext, args: Args): void {
  popElement(context, args, true);
}

function popElement(context: CommandContext, args: Args, isTail: boolean): void {
  const last = args.count - 2;
  const timeoutMs = timeoutMsAt(context, args, args.count - 1);
  if (timeoutMs < 0) return;
  const e = firstKey(context, args, 1, last, ValueType.list);
  if (e === REFUSED) return;
  if (e === 0) return waitForKeys(context, args, 1, last, ValueType.list, timeoutMs);
  const { index } = chosen;
  context.reply.array(2);
  context.reply.bulk(args.buffer, args.start[index], args.end[index]);
  popOne(context, args, index, e, isTail);
  if (context.isPropagating) context.propagate(isTail ? 'RPOP' : 'LPOP', { args, index });
}

/** BZPOPMIN key [key ...] timeout: key, member, score. */
export function bzpopmin(context: CommandContext, args: Args): void {
  popMember(context, args, false);
}

export function bzpopmax(context: CommandContext, args: Args): void {
  popMember(context, args, true);
}

function popMember(context: CommandContext, args: Args, isMax: boolean): void {
  const last = args.count - 2;
  const timeoutMs = timeoutMsAt(context, args, args.count - 1);
  if (timeoutMs < 0) return;
  const e = firstKey(context, args, 1, last, ValueType.zset);
  if (e === REFUSED) return;
  if (e === 0) return waitForKeys(context, args, 1, last, ValueType.zset, timeoutMs);
  const { index } = chosen;
  popMembers(context, args, index, e, isMax, 1, PopReply.keyFlat);
  if (context.isPropagating) context.propagate(isMax ? 'ZPOPMAX' : 'ZPOPMIN', { args, index });
}
