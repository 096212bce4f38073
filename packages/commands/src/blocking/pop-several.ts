import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { COUNT_NOT_POSITIVE, NUMKEYS_NOT_POSITIVE, SYNTAX_ERROR } from '../errors.ts';
import { REFUSED } from '../lookup.ts';
import { popMembers, PopReply } from '../sorted-sets/pop.ts';
import { chosen, firstKey, waitForKeys } from './first-key.ts';
import { takeElements } from './take-from-list.ts';
import { timeoutMsAt } from './timeout.ts';

/** timeout numkeys key [key ...] side [COUNT count]: the keys are arguments [3, last]. */
class Request {
  last = 0;
  isFarEnd = false;
  countMax = 1;
  timeoutMs = 0;

  /** False when it has been refused. */
  read(context: CommandContext, args: Args, near: string, far: string): boolean {
    const error = this.#readOptions(args, near, far);
    if (error !== undefined) {
      context.reply.error(error);
      return false;
    }
    this.timeoutMs = timeoutMsAt(context, args, 1);
    return this.timeoutMs >= 0;
  }

  #readOptions(args: Args, near: string, far: string): string | undefined {
    const keyCount = integerAt(args, 2);
    if (!(keyCount > 0)) return NUMKEYS_NOT_POSITIVE;
    const side = 3 + keyCount;
    if (side >= args.count) return SYNTAX_ERROR;
    this.last = side - 1;
    this.isFarEnd = isKeyword(args, side, far);
    if (!this.isFarEnd && !isKeyword(args, side, near)) return SYNTAX_ERROR;
    this.countMax = 1;
    if (args.count === side + 1) return undefined;
    if (!isKeyword(args, side + 1, 'count') || args.count === side + 2) return SYNTAX_ERROR;
    const count = integerAt(args, side + 2);
    if (!(count > 0)) return COUNT_NOT_POSITIVE;
    if (args.count > side + 3) return SYNTAX_ERROR;
    this.countMax = count;
    return undefined;
  }
}

const request = new Request();

/** BLMPOP timeout numkeys key [key ...] LEFT|RIGHT [COUNT count]: key and elements. */
export function blmpop(context: CommandContext, args: Args): void {
  const e = takeOrWait(context, args, 'left', 'right', ValueType.list);
  if (e === 0) return;
  const { index } = chosen;
  const { isFarEnd } = request;
  const count = Math.min(request.countMax, context.db.countOf(e));
  context.reply.array(2);
  context.reply.bulk(args.buffer, args.start[index], args.end[index]);
  context.reply.array(count);
  takeElements(context, args, index, e, isFarEnd, count);
  if (context.isPropagating) context.propagate(isFarEnd ? 'RPOP' : 'LPOP', { args, index }, count);
}

/** BZMPOP timeout numkeys key [key ...] MIN|MAX [COUNT count]: key and pairs of member and score. */
export function bzmpop(context: CommandContext, args: Args): void {
  const e = takeOrWait(context, args, 'min', 'max', ValueType.zset);
  if (e === 0) return;
  const { index } = chosen;
  const { isFarEnd } = request;
  const count = popMembers(context, args, index, e, isFarEnd, request.countMax, PopReply.keyPairs);
  if (context.isPropagating) context.propagate(isFarEnd ? 'ZPOPMAX' : 'ZPOPMIN', { args, index }, count);
}

/** 0: the request has been answered, or waits. */
function takeOrWait(context: CommandContext, args: Args, near: string, far: string, type: ValueType): number {
  if (!request.read(context, args, near, far)) return 0;
  const e = firstKey(context, args, 3, request.last, type);
  if (e === REFUSED) return 0;
  if (e === 0) waitForKeys(context, args, 3, request.last, type, request.timeoutMs);
  return e;
}
