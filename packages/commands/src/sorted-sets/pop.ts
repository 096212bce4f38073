import { type EntryRef, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { NOT_POSITIVE, SYNTAX_ERROR } from '../errors.ts';
import { chosen, firstKey } from '../first-key.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { PopRequest } from '../pop-request.ts';
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

/** What ZMPOP and BZMPOP are asked for: one is enough, since a command ends before the next begins. */
export const memberPopRequest = new PopRequest('min', 'max');

/** ZMPOP numkeys key [key ...] MIN | MAX [COUNT count]. */
export function zmpop(context: CommandContext, args: Args): void {
  const request = memberPopRequest;
  const error = request.read(args, 1);
  if (error !== undefined) return context.reply.error(error);
  const e = firstKey(context, args, request.firstKey, request.lastKey, ValueType.zset);
  if (e === 0) context.reply.nullArray();
  else if (e !== REFUSED) popFromChosen(context, args, e);
}

/** Pops from the sorted set under the chosen key as `memberPopRequest` says, answers, and has it repeated as ZPOPMIN or ZPOPMAX. */
export function popFromChosen(context: CommandContext, args: Args, e: EntryRef): void {
  const { index } = chosen;
  const { count, isFarEnd } = memberPopRequest;
  const popped = popMembers(context, args, index, e, isFarEnd, count, PopReply.keyPairs);
  if (context.isPropagating) context.propagate(isFarEnd ? 'ZPOPMAX' : 'ZPOPMIN', { args, index }, popped);
}
