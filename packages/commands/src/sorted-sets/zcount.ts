import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { MIN_OR_MAX_NOT_FLOAT, MIN_OR_MAX_NOT_LEX } from '../errors.ts';
import { REFUSED, typedToRead } from '../lookup.ts';
import { LexRange, ScoreRange } from './bounds.ts';

const scoreRange = new ScoreRange();
const lexRange = new LexRange();

/** ZCOUNT key min max. */
export function zcount(context: CommandContext, args: Args): void {
  if (!scoreRange.read(args, 2, 3)) return context.reply.error(MIN_OR_MAX_NOT_FLOAT);
  replyCount(context, args, scoreRange);
}

/** ZLEXCOUNT key min max. */
export function zlexcount(context: CommandContext, args: Args): void {
  if (!lexRange.read(args, 2, 3)) return context.reply.error(MIN_OR_MAX_NOT_LEX);
  replyCount(context, args, lexRange);
}

function replyCount(context: CommandContext, args: Args, range: ScoreRange | LexRange): void {
  const e = typedToRead(context, args, 1, ValueType.zset);
  if (e === REFUSED) return;
  if (e === 0) return context.reply.integer(0);
  range.locate(context.db, e);
  context.reply.integer(range.to - range.from);
}
