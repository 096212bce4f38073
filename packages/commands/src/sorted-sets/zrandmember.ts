import { type EntryRef, randomBelow, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { bigIntegerAt, INT64_MAX, INT64_MIN, integerAt, isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { NOT_INTEGER, NOT_NEGATABLE, OUT_OF_RANGE, SYNTAX_ERROR } from '../errors.ts';
import { REFUSED, typedToRead } from '../lookup.ts';
import { beginMembers, replyMember, replyRange } from './reply-members.ts';

/** So many times fewer members than there are: drawing them and drawing again what is there already is quicker than a walk. */
const sparseFactor = 3;

/** ZRANDMEMBER key [count [WITHSCORES]]. */
export function zrandmember(context: CommandContext, args: Args): void {
  const { db, random, reply } = context;
  if (args.count === 2) {
    const e = typedToRead(context, args, 1, ValueType.zset);
    if (e === REFUSED) return;
    if (e === 0) return reply.null();
    comeToRank(context, e, randomBelow(random, db.countOf(e)));
    return replyMember(context, false);
  }
  const wanted = integerAt(args, 2);
  if (Number.isNaN(wanted)) return reply.error(NOT_INTEGER);
  if (wanted === -Infinity && bigIntegerAt(args, 2) === INT64_MIN) return reply.error(NOT_NEGATABLE);
  const isWithScores = args.count > 3;
  if (args.count > 4 || (isWithScores && !isKeyword(args, 3, 'withscores'))) return reply.error(SYNTAX_ERROR);
  if (isWithScores && !Number.isFinite(wanted) && isBeyondHalf(args)) return reply.error(OUT_OF_RANGE);
  const e = typedToRead(context, args, 1, ValueType.zset);
  if (e === REFUSED) return;
  if (e === 0 || wanted === 0) return reply.array(0);
  if (wanted < 0) replyWithRepetition(context, e, -wanted, isWithScores);
  else replyDistinct(context, e, Math.min(wanted, db.countOf(e)), isWithScores);
}

/** The reply has twice as many elements, which must be a number of 64 bits, too. */
function isBeyondHalf(args: Args): boolean {
  const wanted = bigIntegerAt(args, 2)!;
  return wanted > INT64_MAX / 2n || wanted < -(INT64_MAX / 2n);
}

function comeToRank({ db }: CommandContext, e: EntryRef, rank: number): void {
  db.sortedSets.seek(e, rank);
  db.sortedSets.next();
}

function replyWithRepetition(context: CommandContext, e: EntryRef, count: number, isWithScores: boolean): void {
  const size = context.db.countOf(e);
  beginMembers(context, count, isWithScores);
  for (let left = count; left > 0; left--) {
    comeToRank(context, e, randomBelow(context.random, size));
    replyMember(context, isWithScores);
  }
}

function replyDistinct(context: CommandContext, e: EntryRef, count: number, isWithScores: boolean): void {
  const { db, random } = context;
  const size = db.countOf(e);
  if (count === size) return replyRange(context, e, 0, count, false, isWithScores);
  beginMembers(context, count, isWithScores);
  if (count * sparseFactor < size) {
    const drawn = new Set<number>();
    while (drawn.size < count) {
      const rank = randomBelow(random, size);
      if (drawn.has(rank)) continue;
      drawn.add(rank);
      comeToRank(context, e, rank);
      replyMember(context, isWithScores);
    }
    return;
  }
  // Each member that the walk comes to is taken with the probability that leaves all selections equally likely.
  db.sortedSets.seek(e, 0);
  for (let left = size, missing = count; missing > 0; left--) {
    db.sortedSets.next();
    if (randomBelow(random, left) >= missing) continue;
    replyMember(context, isWithScores);
    missing--;
  }
}
