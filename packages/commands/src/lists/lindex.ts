import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { INDEX_OUT_OF_RANGE, NO_SUCH_KEY, NOT_INTEGER } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, typedToRead, typedToWrite } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';

export function llen(context: CommandContext, args: Args): void {
  const e = typedToRead(context, args, 1, ValueType.list);
  if (e !== REFUSED) context.reply.integer(e === 0 ? 0 : context.db.countOf(e));
}

/** LINDEX key index: negative ones count from the end. */
export function lindex(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const e = typedToRead(context, args, 1, ValueType.list);
  if (e === REFUSED) return;
  if (e === 0) return reply.null();
  const given = integerAt(args, 2);
  if (Number.isNaN(given)) return reply.error(NOT_INTEGER);
  const size = db.countOf(e);
  const index = given < 0 ? size + given : given;
  if (index < 0 || index >= size) return reply.null();
  const { buffer, start, end } = db.lists.at(e, index);
  reply.bulk(buffer, start, end);
}

/** LSET key index element. */
export function lset(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const e = typedToWrite(context, args, 1, ValueType.list);
  if (e === REFUSED) return;
  if (e === 0) return reply.error(NO_SUCH_KEY);
  const given = integerAt(args, 2);
  if (Number.isNaN(given)) return reply.error(NOT_INTEGER);
  const size = db.countOf(e);
  const index = given < 0 ? size + given : given;
  if (index < 0 || index >= size) return reply.error(INDEX_OUT_OF_RANGE);
  if (!db.lists.set(e, index, args.buffer, args.start[3], args.end[3])) return replyOutOfMemory(context);
  context.touch(args, 1, KeyEvents.listSet);
  reply.ok();
}
