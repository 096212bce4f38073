import { type EntryRef, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { COUNT_NOT_POSITIVE, NOT_POSITIVE, NUMKEYS_NOT_POSITIVE, SYNTAX_ERROR } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { replyScore } from './reply-score.ts';
import { removeRanks } from './zrem.ts';

/** How a reply of popped members looks. */
export const PopReply = {
  /** ZPOPMIN: member, score, member, score, ... */
  flat: 0,
  /** ZPOPMIN with a count in RESP3: pairs. */
  pairs: 1,
  /** BZPOPMIN: key, member, score. */
  keyFlat: 2,
  /** ZMPOP: key, then an array of pairs. */
  keyPairs: 3,
} as const;
export type PopReply = (typeof PopReply)[keyof typeof PopReply];

/** ZPOPMIN key [count]. */
export function zpopmin(context: CommandContext, args: Args): void {
  pop(context, args, false);
}

export function zpopmax(context: CommandContext, args: Args): void {
  pop(context, args, true);
}

function pop(context: CommandContext, args: Args, isMax: boolean): void {
  const { reply } = context;
  if (args.count > 3) return reply.error(SYNTAX_ERROR);
  const count = args.count === 3 ? integerAt(args, 2) : 1;
  if (!(count >= 0)) return reply.error(NOT_POSITIVE);
  const e = typedToWrite(context, args, 1, ValueType.zset);
  if (e === REFUSED) return;
  if (e === 0 || count === 0) return reply.array(0);
  const hasPairs = args.count === 3 && reply.protocol === 3;
  popMembers(context, args, 1, e, isMax, count, hasPairs ? PopReply.pairs : PopReply.flat);
}

/**
 * Takes up to `count` members (one at least) out of the sorted set in argument `key`, the lowest or the highest ones first,
 * answers, and tells of the change; what is to be repeated elsewhere is the caller's business. Returns their number.
 */
export function popMembers(
  context: CommandContext,
  args: Args,
  key: number,
  e: EntryRef,
  isMax: boolean,
  count: number,
  form: PopReply,
): number {
  const { db, reply } = context;
  const sets = db.sortedSets;
  const size = db.countOf(e);
  const popped = Math.min(count, size);
  const hasPairs = form === PopReply.pairs || form === PopReply.keyPairs;
  if (form === PopReply.keyFlat) reply.array(popped * 2 + 1);
  else if (form === PopReply.keyPairs) reply.array(2);
  if (form === PopReply.keyFlat || form === PopReply.keyPairs) reply.bulk(args.buffer, args.start[key], args.end[key]);
  if (form !== PopReply.keyFlat) reply.array(hasPairs ? popped : popped * 2);
  sets.seek(e, isMax ? size - 1 : 0);
  const { member } = sets;
  for (let left = popped; left > 0; left--) {
    if (isMax) sets.previous();
    else sets.next();
    if (hasPairs) reply.array(2);
    reply.bulk(member.buffer, member.start, member.end);
    replyScore(reply, sets.score);
  }
  const event = isMax ? KeyEvents.zsetPopMax : KeyEvents.zsetPopMin;
  removeRanks(context, args, key, e, isMax ? size - popped : 0, isMax ? size : popped, event);
  return popped;
}

/** What ZMPOP and BZMPOP are asked for: `numkeys key [key ...] MIN | MAX [COUNT count]`. */
export class PopRequest {
  firstKey = 0;
  keyCount = 0;
  isMax = false;
  count = 1;

  /** `numkeys` is the argument with the number of keys. Undefined, or what is wrong with the request. */
  read(args: Args, numkeys: number): string | undefined {
    this.keyCount = integerAt(args, numkeys);
    if (!(this.keyCount > 0)) return NUMKEYS_NOT_POSITIVE;
    this.firstKey = numkeys + 1;
    const where = this.firstKey + this.keyCount;
    if (where >= args.count) return SYNTAX_ERROR;
    this.isMax = isKeyword(args, where, 'max');
    if (!this.isMax && !isKeyword(args, where, 'min')) return SYNTAX_ERROR;
    this.count = 1;
    if (where + 1 === args.count) return undefined;
    if (!isKeyword(args, where + 1, 'count') || where + 2 === args.count) return SYNTAX_ERROR;
    this.count = integerAt(args, where + 2);
    if (!(this.count > 0)) return COUNT_NOT_POSITIVE;
    return where + 3 === args.count ? undefined : SYNTAX_ERROR;
  }
}

/**
 * Pops from the first key that has a sorted set, as `request` says, answers, and has it repeated as ZPOPMIN or ZPOPMAX. False
 * when there is no such key, and nothing has been answered; a key of another type before it has been.
 */
export function popFromFirst(context: CommandContext, args: Args, request: PopRequest): boolean {
  for (let key = request.firstKey; key < request.firstKey + request.keyCount; key++) {
    const e = typedToWrite(context, args, key, ValueType.zset);
    if (e === REFUSED) return true;
    if (e === 0) continue;
    const popped = popMembers(context, args, key, e, request.isMax, request.count, PopReply.keyPairs);
    if (context.isPropagating) context.propagate(request.isMax ? 'ZPOPMAX' : 'ZPOPMIN', { args, index: key }, popped);
    return true;
  }
  return false;
}

const request = new PopRequest();

/** ZMPOP numkeys key [key ...] MIN | MAX [COUNT count]. */
export function zmpop(context: CommandContext, args: Args): void {
  const error = request.read(args, 1);
  if (error !== undefined) context.reply.error(error);
  else if (!popFromFirst(context, args, request)) context.reply.nullArray();
}
