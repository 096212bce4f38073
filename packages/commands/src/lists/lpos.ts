import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { bigIntegerAt, INT64_MIN, integerAt, isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { COUNT_NEGATIVE, MAXLEN_NEGATIVE, NOT_INTEGER, RANK_ZERO, SYNTAX_ERROR } from '../errors.ts';
import { REFUSED, typedToRead } from '../lookup.ts';
import { putHeadFirst } from '../reply-head.ts';

/** LPOS key element [RANK rank] [COUNT count] [MAXLEN comparisons]. */
export function lpos(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  let rank = 1;
  let count = -1;
  let comparisonsMax = 0;
  let isLowest = false;
  for (let i = 3; i < args.count; i++) {
    const hasMore = i + 1 < args.count;
    if (hasMore && isKeyword(args, i, 'rank')) {
      rank = integerAt(args, ++i);
      if (Number.isNaN(rank)) return reply.error(NOT_INTEGER);
      if (rank === 0) return reply.error(RANK_ZERO);
      isLowest = rank === -Infinity && bigIntegerAt(args, i) === INT64_MIN;
    } else if (hasMore && isKeyword(args, i, 'count')) {
      count = integerAt(args, ++i);
      if (!(count >= 0)) return reply.error(COUNT_NEGATIVE);
    } else if (hasMore && isKeyword(args, i, 'maxlen')) {
      comparisonsMax = integerAt(args, ++i);
      if (!(comparisonsMax >= 0)) return reply.error(MAXLEN_NEGATIVE);
    } else return reply.error(SYNTAX_ERROR);
  }
  if (isLowest) {
    // In C its negative is itself: every match is beyond it, and none reaches the count.
    rank = -1;
    if (count > 0) count = 0;
  }
  const e = typedToRead(context, args, 1, ValueType.list);
  if (e === REFUSED) return;
  if (e === 0) return count < 0 ? reply.null() : reply.array(0);
  const size = db.countOf(e);
  const isBackward = rank < 0;
  db.lists.walk.seek(e, size, isBackward ? size - 1 : 0, isBackward);
  const comparisons = comparisonsMax === 0 ? size : Math.min(comparisonsMax, size);
  replyMatches(context, args, Math.abs(rank), count, comparisons);
}

/** `count` -1: one index or null; 0: an array of all; else of so many. */
function replyMatches(context: CommandContext, args: Args, rank: number, count: number, comparisons: number): void {
  const { db, reply } = context;
  const { walk } = db.lists;
  const { buffer } = args;
  const start = args.start[2];
  const end = args.end[2];
  const bodyStart = reply.position;
  const max = count < 0 ? 1 : count === 0 ? Infinity : count;
  let toSkip = rank - 1;
  let found = 0;
  walk.lookFor(buffer, start, end);
  for (let left = comparisons; left > 0 && found < max && walk.next(); left--) {
    if (!walk.isEqual(buffer, start, end)) continue;
    if (toSkip > 0) toSkip--;
    else {
      reply.integer(walk.index);
      found++;
    }
  }
  if (count >= 0) {
    const headStart = reply.position;
    reply.array(found);
    putHeadFirst(reply, bodyStart, headStart);
  } else if (found === 0) reply.null();
}
