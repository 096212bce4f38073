import { type EntryRef, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { firstKey } from '../first-key.ts';
import { listPopRequest, popFromChosen as popElements } from '../lists/lmpop.ts';
import { REFUSED } from '../lookup.ts';
import type { PopRequest } from '../pop-request.ts';
import { memberPopRequest, popFromChosen as popMembers } from '../sorted-sets/pop.ts';
import { timeoutMsAt } from './timeout.ts';
import { waitForKeys } from './wait-for-keys.ts';

/** BLMPOP timeout numkeys key [key ...] LEFT|RIGHT [COUNT count]: key and elements. */
export function blmpop(context: CommandContext, args: Args): void {
  const e = takeOrWait(context, args, listPopRequest, ValueType.list);
  if (e !== 0) popElements(context, args, e);
}

/** BZMPOP timeout numkeys key [key ...] MIN|MAX [COUNT count]: key and pairs of member and score. */
export function bzmpop(context: CommandContext, args: Args): void {
  const e = takeOrWait(context, args, memberPopRequest, ValueType.zset);
  if (e !== 0) popMembers(context, args, e);
}

/** 0: the request has been answered, or waits. */
function takeOrWait(context: CommandContext, args: Args, request: PopRequest, type: ValueType): EntryRef {
  const error = request.read(args, 2);
  if (error !== undefined) {
    context.reply.error(error);
    return 0;
  }
  const timeoutMs = timeoutMsAt(context, args, 1);
  if (timeoutMs < 0) return 0;
  const e = firstKey(context, args, request.firstKey, request.lastKey, type);
  if (e === REFUSED) return 0;
  if (e === 0) waitForKeys(context, args, request.firstKey, request.lastKey, type, timeoutMs);
  return e;
}
