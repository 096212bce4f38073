import { AddResult, type EntryRef, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext, EffectPart } from '../context.ts';
import { SCORE_NOT_A_NUMBER } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { replyScore } from './reply-score.ts';

export const AddFlag = { nx: 1, xx: 2, gt: 4, lt: 8, ch: 16, incr: 32 } as const;

let scores = new Float64Array(64);

/** Where a command puts the scores that `addMembers` will read. */
export function scoreBuffer(count: number): Float64Array {
  if (scores.length < count) scores = new Float64Array(count * 2);
  return scores;
}

/**
 * Adds `count` members, the first in argument `firstMember` and each `step` arguments further, with the scores in
 * `scoreBuffer`, under the conditions of `flags` (bits of AddFlag), and answers. What ZADD, ZINCRBY and GEOADD have in common.
 * Everything before the first member but its score must be options: where memory runs out, the request up to there is what is
 * repeated elsewhere.
 */
export function addMembers(
  context: CommandContext,
  args: Args,
  key: number,
  flags: number,
  count: number,
  firstMember: number,
  step: number,
): void {
  const { db, reply } = context;
  const { buffer, start, end } = args;
  const sets = db.sortedSets;
  let e: EntryRef = typedToWrite(context, args, key, ValueType.zset);
  if (e === REFUSED) return;
  let added = 0;
  let changed = 0;
  let isSkipped = false;
  let hasMemory = true;
  let i = 0;
  for (; i < count && hasMemory; i++) {
    const member = firstMember + i * step;
    if (e === 0) {
      if ((flags & AddFlag.xx) !== 0) {
        isSkipped = true;
        break;
      }
      e = sets.create(buffer, start[key], end[key], buffer, start[member], end[member], scores[i]);
      hasMemory = e !== 0;
      if (hasMemory) added++;
      continue;
    }
    if ((flags & ~AddFlag.ch) !== 0) {
      const old = sets.scoreOf(e, buffer, start[member], end[member]);
      if ((flags & AddFlag.incr) !== 0 && !Number.isNaN(old)) {
        scores[i] += old;
        if (Number.isNaN(scores[i]) && (flags & AddFlag.nx) === 0) return reply.error(SCORE_NOT_A_NUMBER);
      }
      isSkipped = !isWanted(flags, old, scores[i]);
      if (isSkipped) continue;
    }
    const result = sets.add(e, buffer, start[member], end[member], scores[i]);
    if (result === AddResult.added) added++;
    else if (result === AddResult.changed) changed++;
    hasMemory = result !== AddResult.noMemory;
  }
  const isIncr = (flags & AddFlag.incr) !== 0;
  if (added + changed > 0) context.touch(args, key, isIncr ? KeyEvents.zsetIncr : KeyEvents.zsetAdd);
  if (!hasMemory) {
    // The last one that was tried is not in.
    if (context.isPropagating && added + changed > 0) {
      context.propagate(...argumentsBefore(args, firstMember + (i - 1) * step - (step - 1)));
    }
    return replyOutOfMemory(context);
  }
  if (!isIncr) reply.integer((flags & AddFlag.ch) !== 0 ? added + changed : added);
  else if (isSkipped) reply.null();
  else replyScore(reply, scores[0]);
}

/** `old` is NaN where the member is not there. */
function isWanted(flags: number, old: number, score: number): boolean {
  if (Number.isNaN(old)) return (flags & AddFlag.xx) === 0;
  if ((flags & AddFlag.nx) !== 0) return false;
  if ((flags & AddFlag.lt) !== 0 && score >= old) return false;
  return (flags & AddFlag.gt) === 0 || score > old;
}

function argumentsBefore(args: Args, end: number): EffectPart[] {
  return Array.from({ length: end }, (_, index) => ({ args, index }));
}
