import { type EntryRef, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, typedToRead } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { Direction, RangeBy, RangeRequest } from './range-request.ts';
import { replyRange } from './reply-members.ts';
import { storeResults } from './store-results.ts';

const request = new RangeRequest();

/** ZRANGE key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]. */
export function zrange(context: CommandContext, args: Args): void {
  range(context, args, RangeBy.auto, Direction.auto);
}

export function zrevrange(context: CommandContext, args: Args): void {
  range(context, args, RangeBy.rank, Direction.reverse);
}

export function zrangebyscore(context: CommandContext, args: Args): void {
  range(context, args, RangeBy.score, Direction.forward);
}

export function zrevrangebyscore(context: CommandContext, args: Args): void {
  range(context, args, RangeBy.score, Direction.reverse);
}

export function zrangebylex(context: CommandContext, args: Args): void {
  range(context, args, RangeBy.lex, Direction.forward);
}

export function zrevrangebylex(context: CommandContext, args: Args): void {
  range(context, args, RangeBy.lex, Direction.reverse);
}

function range(context: CommandContext, args: Args, by: RangeBy, direction: Direction): void {
  const error = request.read(args, 2, by, direction, false);
  if (error !== undefined) return context.reply.error(error);
  const e = typedToRead(context, args, 1, ValueType.zset);
  if (e === REFUSED) return;
  if (e === 0) return context.reply.array(0);
  request.locate(context.db, e);
  replyRange(context, e, request.first, request.count, request.isReverse, request.isWithScores);
}

/** ZRANGESTORE destination source start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count]. */
export function zrangestore(context: CommandContext, args: Args): void {
  const error = request.read(args, 3, RangeBy.auto, Direction.auto, true);
  if (error !== undefined) return context.reply.error(error);
  const e = typedToRead(context, args, 2, ValueType.zset);
  if (e === REFUSED) return;
  const { results } = context.db.sortedSets;
  results.clear();
  if (e !== 0) request.locate(context.db, e);
  if (e !== 0 && !collect(context, e)) {
    results.free();
    return replyOutOfMemory(context);
  }
  storeResults(context, args, 1, KeyEvents.zsetRangeStore);
}

/** Copies the range to the results, always upwards: then they are sorted. */
function collect({ db }: CommandContext, e: EntryRef): boolean {
  const sets = db.sortedSets;
  const { member, results } = sets;
  const { count, first, isReverse } = request;
  if (count === 0) return true;
  sets.seek(e, isReverse ? first - count + 1 : first);
  for (let left = count; left > 0; left--) {
    sets.next();
    if (!results.add(member.buffer, member.start, member.end, sets.score)) return false;
  }
  return true;
}
