import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { NOT_INTEGER } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, typedToRead, typedToWrite } from '../lookup.ts';
import { tellOfRemoval } from './pop.ts';
import { replyRange } from './reply-range.ts';

/** LRANGE key start stop: both ends belong to the range, and negative ones count from the end. */
export function lrange(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const start = integerAt(args, 2);
  const stop = integerAt(args, 3);
  if (Number.isNaN(start) || Number.isNaN(stop)) return reply.error(NOT_INTEGER);
  const e = typedToRead(context, args, 1, ValueType.list);
  if (e === REFUSED) return;
  if (e === 0) return reply.array(0);
  const size = db.countOf(e);
  const from = startOf(start, size);
  const count = stopOf(stop, size) + 1 - from;
  if (count <= 0) reply.array(0);
  else replyRange(context, e, from, count);
}

/** LTRIM key start stop: what lies outside the range goes. */
export function ltrim(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const start = integerAt(args, 2);
  const stop = integerAt(args, 3);
  if (Number.isNaN(start) || Number.isNaN(stop)) return reply.error(NOT_INTEGER);
  const e = typedToWrite(context, args, 1, ValueType.list);
  if (e === REFUSED) return;
  if (e === 0) return reply.ok();
  const size = db.countOf(e);
  let from = startOf(start, size);
  let to = stopOf(stop, size) + 1;
  if (from >= to) from = to = size;
  if (to - from === size) context.propagateNothing();
  else db.lists.trim(e, from, to);
  // Redis tells of it even when nothing goes.
  tellOfRemoval(context, args, 1, e, KeyEvents.listTrim);
  reply.ok();
}

function startOf(index: number, size: number): number {
  return index < 0 ? Math.max(size + index, 0) : index;
}

function stopOf(index: number, size: number): number {
  return index < 0 ? size + index : Math.min(index, size - 1);
}
