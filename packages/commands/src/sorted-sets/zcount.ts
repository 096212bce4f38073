import { LexRange, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { MIN_OR_MAX_NOT_FLOAT, MIN_OR_MAX_NOT_LEX } from '../errors.ts';
import { REFUSED, typedToRead } from '../lookup.ts';
import { readLexRange, ScoreRange } from './bounds.ts';

const scoreRange = new ScoreRange();
const lexRange = new LexRange();

/** ZCOUNT key min max. */
export function zcount(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  if (!scoreRange.read(args, 2, 3)) return reply.error(MIN_OR_MAX_NOT_FLOAT);
  const e = typedToRead(context, args, 1, ValueType.zset);
  if (e === REFUSED) return;
  if (e === 0) return reply.integer(0);
  scoreRange.locate(db, e);
  reply.integer(scoreRange.to - scoreRange.from);
}

/** ZLEXCOUNT key min max. */
export function zlexcount(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  if (!readLexRange(lexRange, args, 2, 3)) return reply.error(MIN_OR_MAX_NOT_LEX);
  const e = typedToRead(context, args, 1, ValueType.zset);
  if (e === REFUSED) return;
  if (e === 0) return reply.integer(0);
  db.sortedSets.locateLex(e, lexRange);
  reply.integer(lexRange.to - lexRange.from);
}
