import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { NOT_INTEGER } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { tellOfRemoval } from './pop.ts';

/** LREM key count element: the first `count` that are equal; the last ones if negative; all if 0. */
export function lrem(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const count = integerAt(args, 2);
  if (Number.isNaN(count)) return reply.error(NOT_INTEGER);
  const e = typedToWrite(context, args, 1, ValueType.list);
  if (e === REFUSED) return;
  if (e === 0) return reply.integer(0);
  const max = count === 0 ? Infinity : Math.abs(count);
  const removed = db.lists.removeEqual(e, count < 0, max, args.buffer, args.start[3], args.end[3]);
  if (removed > 0) tellOfRemoval(context, args, 1, e, KeyEvents.listRemove);
  reply.integer(removed);
}
