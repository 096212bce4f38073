import type { EntryRef } from '@kvartz/engine';
import type { CommandContext } from '../context.ts';
import { replyScore } from './reply-score.ts';

/** Begins a reply of `count` members: with scores RESP2 has one flat array, RESP3 an array of pairs. */
export function beginMembers({ reply }: CommandContext, count: number, isWithScores: boolean): void {
  reply.array(isWithScores && reply.protocol === 2 ? count * 2 : count);
}

/** The member that the walk has come to. */
export function replyMember({ db, reply }: CommandContext, isWithScore: boolean): void {
  const { member, score } = db.sortedSets;
  if (isWithScore && reply.protocol === 3) reply.array(2);
  reply.bulk(member.buffer, member.start, member.end);
  if (isWithScore) replyScore(reply, score);
}

/** `count` members from rank `first` on, upwards or downwards; all of them are there. */
export function replyRange(
  context: CommandContext,
  e: EntryRef,
  first: number,
  count: number,
  isReverse: boolean,
  isWithScores: boolean,
): void {
  const { reply } = context;
  const sets = context.db.sortedSets;
  beginMembers(context, count, isWithScores);
  if (count === 0) return;
  sets.seek(e, first);
  const { member } = sets;
  for (let left = count; left > 0; left--) {
    if (isReverse) sets.previous();
    else sets.next();
    if (isWithScores) replyMember(context, true);
    else reply.bulk(member.buffer, member.start, member.end);
  }
}
