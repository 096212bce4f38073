import { StreamId, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { NOT_INTEGER, SYNTAX_ERROR } from '../errors.ts';
import { REFUSED, typedToRead } from '../lookup.ts';
import { endIdAt, startIdAt } from './id-argument.ts';
import { replyRange } from './reply-entries.ts';

const start = new StreamId();
const end = new StreamId();

/** XRANGE key start end [COUNT count]. */
export function xrange(context: CommandContext, args: Args): void {
  replyBetween(context, args, 2, 3, false);
}

/** XREVRANGE key end start [COUNT count]. */
export function xrevrange(context: CommandContext, args: Args): void {
  replyBetween(context, args, 3, 2, true);
}

function replyBetween(
  context: CommandContext,
  args: Args,
  startIndex: number,
  endIndex: number,
  isBackward: boolean,
): void {
  const { reply } = context;
  if (!startIdAt(context, args, startIndex, start) || !endIdAt(context, args, endIndex, end)) return;
  let max = Infinity;
  for (let i = 4; i < args.count; i += 2) {
    if (i + 1 === args.count || !isKeyword(args, i, 'count')) return reply.error(SYNTAX_ERROR);
    max = integerAt(args, i + 1);
    if (Number.isNaN(max)) return reply.error(NOT_INTEGER);
  }
  const e = typedToRead(context, args, 1, ValueType.stream);
  if (e === REFUSED) return;
  if (e === 0) reply.array(0);
  else if (max <= 0) reply.nullArray();
  else replyRange(context, e, start, end, isBackward, max);
}
