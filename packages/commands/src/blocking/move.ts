import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR } from '../errors.ts';
import { moveOne, sideAt } from '../lists/lmove.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { timeoutMsAt } from './timeout.ts';

const source = [1];

/** BLMOVE source destination LEFT|RIGHT LEFT|RIGHT timeout. */
export function blmove(context: CommandContext, args: Args): void {
  const from = sideAt(args, 3);
  const to = sideAt(args, 4);
  if (from === undefined || to === undefined) return context.reply.error(SYNTAX_ERROR);
  if (!moveOrWait(context, args, 5, from === 'tail', to === 'tail') || !context.isPropagating) return;
  const [fromWord, toWord] = [from, to].map((side) => (side === 'tail' ? 'RIGHT' : 'LEFT'));
  context.propagate('LMOVE', { args, index: 1 }, { args, index: 2 }, fromWord, toWord);
}

/** BRPOPLPUSH source destination timeout. */
export function brpoplpush(context: CommandContext, args: Args): void {
  if (!moveOrWait(context, args, 3, true, false) || !context.isPropagating) return;
  context.propagate('RPOPLPUSH', { args, index: 1 }, { args, index: 2 });
}

/** True: an element has moved. */
function moveOrWait(
  context: CommandContext,
  args: Args,
  timeoutIndex: number,
  fromTail: boolean,
  toTail: boolean,
): boolean {
  const timeoutMs = timeoutMsAt(context, args, timeoutIndex);
  if (timeoutMs < 0) return false;
  const e = typedToWrite(context, args, 1, ValueType.list);
  if (e === REFUSED) return false;
  if (e !== 0) return moveOne(context, args, 1, 2, e, fromTail, toTail);
  context.block(args, source, ValueType.list, timeoutMs, 'null');
  return false;
}
