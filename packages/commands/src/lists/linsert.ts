import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';

/** LINSERT key BEFORE | AFTER pivot element: at the first element that equals the pivot. */
export function linsert(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const { buffer, start, end } = args;
  const isAfter = isKeyword(args, 2, 'after');
  if (!isAfter && !isKeyword(args, 2, 'before')) return reply.error(SYNTAX_ERROR);
  const e = typedToWrite(context, args, 1, ValueType.list);
  if (e === REFUSED) return;
  if (e === 0) return reply.integer(0);
  const { lists } = db;
  const { walk } = lists;
  walk.seek(e, db.countOf(e), 0, false);
  walk.lookFor(buffer, start[3], end[3]);
  let isFound = false;
  while (!isFound && walk.next()) isFound = walk.isEqual(buffer, start[3], end[3]);
  if (!isFound) return reply.integer(-1);
  const index = isAfter ? walk.index + 1 : walk.index;
  if (!lists.insert(e, index, buffer, start[4], end[4])) return replyOutOfMemory(context);
  context.touch(args, 1, KeyEvents.listInsert);
  reply.integer(db.countOf(e));
}
