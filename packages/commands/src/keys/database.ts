import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { DB_OUT_OF_RANGE, INVALID_FIRST_DB, INVALID_SECOND_DB, SWAPDB_IN_CLUSTER, SYNTAX_ERROR } from '../errors.ts';
import { isInt32 } from './database-index.ts';

export function dbsize(context: CommandContext): void {
  context.reply.integer(context.db.keyCount);
}

export function flushdb(context: CommandContext, args: Args): void {
  if (!isFlushMode(args)) return context.reply.error(SYNTAX_ERROR);
  context.touchDatabase(context.dbIndex);
  context.db.clear();
  context.reply.ok();
}

export function flushall(context: CommandContext, args: Args): void {
  if (!isFlushMode(args)) return context.reply.error(SYNTAX_ERROR);
  context.touchAllDatabases();
  for (const database of context.databases) database.clear();
  context.reply.ok();
}

/** ASYNC and SYNC mean the same here: keys are gone at once, their memory is freed in slices. */
function isFlushMode(args: Args): boolean {
  return args.count === 1 || (args.count === 2 && (isKeyword(args, 1, 'async') || isKeyword(args, 1, 'sync')));
}

export function swapdb(context: CommandContext, args: Args): void {
  const { databases, reply } = context;
  if (context.isClusterEnabled) return reply.error(SWAPDB_IN_CLUSTER);
  if (!isInt32(args, 1)) return reply.error(INVALID_FIRST_DB);
  if (!isInt32(args, 2)) return reply.error(INVALID_SECOND_DB);
  const first = integerAt(args, 1);
  const second = integerAt(args, 2);
  if (!isDatabase(context, first) || !isDatabase(context, second)) return reply.error(DB_OUT_OF_RANGE);
  if (first === second) return reply.ok();
  context.touchDatabase(first, second);
  [databases[first], databases[second]] = [databases[second], databases[first]];
  reply.ok();
}

function isDatabase(context: CommandContext, index: number): boolean {
  return index >= 0 && index < context.databases.length;
}
