import { type EntryRef, LexRange, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { MIN_OR_MAX_NOT_FLOAT, MIN_OR_MAX_NOT_LEX, NOT_INTEGER } from '../errors.ts';
import { type KeyEvent, KeyEvents } from '../key-events.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { readLexRange, ScoreRange } from './bounds.ts';
import { RankRange } from './rank-range.ts';

const rankRange = new RankRange();
const scoreRange = new ScoreRange();
const lexRange = new LexRange();

/** ZREM key member [member ...]. */
export function zrem(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const e = typedToWrite(context, args, 1, ValueType.zset);
  if (e === REFUSED) return;
  let removed = 0;
  const count = e === 0 ? 0 : db.countOf(e);
  for (let i = 2; i < args.count && removed < count; i++) {
    if (db.sortedSets.remove(e, args.buffer, args.start[i], args.end[i])) removed++;
  }
  if (removed > 0) context.touch(args, 1, KeyEvents.zsetRemove);
  if (removed > 0 && removed === count) {
    db.removeEntry(e);
    context.notify(args, 1, KeyEvents.del);
  }
  reply.integer(removed);
}

/** ZREMRANGEBYRANK key start stop. */
export function zremrangebyrank(context: CommandContext, args: Args): void {
  if (!rankRange.read(args, 2, 3)) return context.reply.error(NOT_INTEGER);
  removeRange(context, args, rankRange, KeyEvents.zsetRemoveRangeByRank);
}

/** ZREMRANGEBYSCORE key min max. */
export function zremrangebyscore(context: CommandContext, args: Args): void {
  if (!scoreRange.read(args, 2, 3)) return context.reply.error(MIN_OR_MAX_NOT_FLOAT);
  removeRange(context, args, scoreRange, KeyEvents.zsetRemoveRangeByScore);
}

/** ZREMRANGEBYLEX key min max. */
export function zremrangebylex(context: CommandContext, args: Args): void {
  if (!readLexRange(lexRange, args, 2, 3)) return context.reply.error(MIN_OR_MAX_NOT_LEX);
  removeRange(context, args, lexRange, KeyEvents.zsetRemoveRangeByLex);
}

function removeRange(
  context: CommandContext,
  args: Args,
  range: RankRange | ScoreRange | LexRange,
  event: KeyEvent,
): void {
  const { db, reply } = context;
  const e = typedToWrite(context, args, 1, ValueType.zset);
  if (e === REFUSED) return;
  if (e === 0) return reply.integer(0);
  if (range instanceof LexRange) db.sortedSets.locateLex(e, range);
  else range.locate(db, e);
  removeRanks(context, args, 1, e, range.from, range.to, event);
  reply.integer(range.to - range.from);
}

/** Removes the members of ranks [from, to) of the key in argument `key`, and the key with the last of them; tells of it. */
export function removeRanks(
  context: CommandContext,
  args: Args,
  key: number,
  e: EntryRef,
  from: number,
  to: number,
  event: KeyEvent,
): void {
  const { db } = context;
  if (from === to) return;
  const isAll = to - from === db.countOf(e);
  if (isAll) db.removeEntry(e);
  else db.sortedSets.removeRanks(e, from, to);
  context.touch(args, key, event);
  if (isAll) context.notify(args, key, KeyEvents.del);
}
