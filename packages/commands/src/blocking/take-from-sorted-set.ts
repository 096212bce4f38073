import type { EntryRef } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { KeyEvents } from '../key-events.ts';

/** Replies with `count` members, which must be there, and their scores (as pairs if `isNested`), and takes them out. */
export function takeMembers(
  context: CommandContext,
  args: Args,
  keyIndex: number,
  e: EntryRef,
  isMax: boolean,
  count: number,
  isNested: boolean,
): void {
  const { db, reply } = context;
  const sets = db.sortedSets;
  const total = db.countOf(e);
  sets.seek(e, isMax ? total - 1 : 0);
  for (let i = 0; i < count; i++) {
    if (isMax) sets.previous();
    else sets.next();
    const { buffer, end, start } = sets.member;
    if (isNested) reply.array(2);
    reply.bulk(buffer, start, end);
    reply.double(sets.score);
  }
  const isLast = count === total;
  if (isLast) db.removeEntry(e);
  else if (isMax) sets.removeRanks(e, total - count, total);
  else sets.removeRanks(e, 0, count);
  context.touch(args, keyIndex, isMax ? KeyEvents.zsetPopMax : KeyEvents.zsetPopMin);
  if (isLast) context.notify(args, keyIndex, KeyEvents.del);
}
