import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { COUNT_NOT_POSITIVE, NUMKEYS_NOT_POSITIVE, SYNTAX_ERROR } from '../errors.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { sideAt } from './lmove.ts';
import { popSeveral } from './pop.ts';

/** What LMPOP and BLMPOP are asked for: `numkeys key [key ...] LEFT | RIGHT [COUNT count]`. */
export class ListPopRequest {
  firstKey = 0;
  keyCount = 0;
  isTail = false;
  count = 1;

  /** `numkeys` is the argument with the number of keys. Undefined, or what is wrong with the request. */
  read(args: Args, numkeys: number): string | undefined {
    this.keyCount = integerAt(args, numkeys);
    if (!(this.keyCount > 0)) return NUMKEYS_NOT_POSITIVE;
    this.firstKey = numkeys + 1;
    const where = this.firstKey + this.keyCount;
    if (where >= args.count) return SYNTAX_ERROR;
    const side = sideAt(args, where);
    if (side === undefined) return SYNTAX_ERROR;
    this.isTail = side === 'tail';
    this.count = 1;
    if (where + 1 === args.count) return undefined;
    if (!isKeyword(args, where + 1, 'count') || where + 2 === args.count) return SYNTAX_ERROR;
    this.count = integerAt(args, where + 2);
    if (!(this.count > 0)) return COUNT_NOT_POSITIVE;
    return where + 3 === args.count ? undefined : SYNTAX_ERROR;
  }
}

/**
 * Pops from the first key that has a list, as `request` says, answers, and has it repeated as LPOP or RPOP. False when there is
 * no such key, and nothing has been answered; a key of another type before it has been.
 */
export function popFromFirstList(context: CommandContext, args: Args, request: ListPopRequest): boolean {
  const { reply } = context;
  for (let key = request.firstKey; key < request.firstKey + request.keyCount; key++) {
    const e = typedToWrite(context, args, key, ValueType.list);
    if (e === REFUSED) return true;
    if (e === 0) continue;
    reply.array(2);
    reply.bulk(args.buffer, args.start[key], args.end[key]);
    const popped = popSeveral(context, args, key, e, request.isTail, request.count);
    if (context.isPropagating) context.propagate(request.isTail ? 'RPOP' : 'LPOP', { args, index: key }, popped);
    return true;
  }
  return false;
}

const request = new ListPopRequest();

/** LMPOP numkeys key [key ...] LEFT | RIGHT [COUNT count]. */
export function lmpop(context: CommandContext, args: Args): void {
  const error = request.read(args, 1);
  if (error !== undefined) context.reply.error(error);
  else if (!popFromFirstList(context, args, request)) context.reply.nullArray();
}
