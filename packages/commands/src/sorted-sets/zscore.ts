import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR, wrongArity } from '../errors.ts';
import { REFUSED, typedToRead } from '../lookup.ts';
import { replyScore } from './reply-score.ts';

export function zcard(context: CommandContext, args: Args): void {
  const e = typedToRead(context, args, 1, ValueType.zset);
  if (e !== REFUSED) context.reply.integer(e === 0 ? 0 : context.db.countOf(e));
}

export function zscore(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const e = typedToRead(context, args, 1, ValueType.zset);
  if (e === REFUSED) return;
  if (e === 0) return reply.null();
  const score = db.sortedSets.scoreOf(e, args.buffer, args.start[2], args.end[2]);
  if (Number.isNaN(score)) reply.null();
  else replyScore(reply, score);
}

/** ZMSCORE key member [member ...]. */
export function zmscore(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const e = typedToRead(context, args, 1, ValueType.zset);
  if (e === REFUSED) return;
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    const score = e === 0 ? NaN : db.sortedSets.scoreOf(e, args.buffer, args.start[i], args.end[i]);
    if (Number.isNaN(score)) reply.null();
    else replyScore(reply, score);
  }
}

/** ZRANK key member [WITHSCORE]. */
export function zrank(context: CommandContext, args: Args): void {
  replyRank(context, args, false, 'zrank');
}

export function zrevrank(context: CommandContext, args: Args): void {
  replyRank(context, args, true, 'zrevrank');
}

function replyRank(context: CommandContext, args: Args, isReverse: boolean, command: string): void {
  const { db, reply } = context;
  if (args.count > 4) return reply.error(wrongArity(command));
  const isWithScore = args.count === 4;
  if (isWithScore && !isKeyword(args, 3, 'withscore')) return reply.error(SYNTAX_ERROR);
  const e = typedToRead(context, args, 1, ValueType.zset);
  if (e === REFUSED) return;
  const sets = db.sortedSets;
  const rank = e === 0 ? -1 : sets.rankOf(e, args.buffer, args.start[2], args.end[2]);
  if (rank < 0) return isWithScore ? reply.nullArray() : reply.null();
  if (isWithScore) reply.array(2);
  reply.integer(isReverse ? db.countOf(e) - 1 - rank : rank);
  if (isWithScore) replyScore(reply, sets.score);
}
