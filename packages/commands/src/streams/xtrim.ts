import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { TrimRequest } from './trim-request.ts';

const trim = new TrimRequest();

/** XTRIM key MAXLEN | MINID [= | ~] threshold [LIMIT count]. */
export function xtrim(context: CommandContext, args: Args): void {
  const { reply } = context;
  const error = readOptions(args, context.mustObey);
  if (error !== undefined) return reply.error(error);
  const e = typedToWrite(context, args, 1, ValueType.stream);
  if (e === REFUSED) return;
  const removed = e === 0 ? 0 : trim.trim(context, e);
  reply.integer(removed);
  if (removed === 0) return;
  context.touch(args, 1, KeyEvents.streamTrim);
  if (!context.isPropagating || !trim.isApproximate) return;
  context.propagate('XTRIM', { args, index: 1 }, trim.strategy, '=', trim.exactThreshold(context, e));
}

function readOptions(args: Args, mustObey: boolean): string | undefined {
  trim.reset();
  for (let i = 2; i < args.count;) {
    const next = trim.read(args, i);
    if (typeof next === 'string') return next;
    if (next === i) return SYNTAX_ERROR;
    i = next;
  }
  return trim.conflict(true, mustObey);
}
