import type { Args } from '@kvartz/resp';
import { integerAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { DB_OUT_OF_RANGE, NOT_INT32, NOT_INTEGER } from '../errors.ts';

const INT32_MAX = 2 ** 31 - 1;
const INT32_MIN = -(2 ** 31);

/**
 * The index of a database in argument `i`; -1 when there is none of that number, which has then been answered. In a cluster,
 * which has one, others pass: that they may not be used is the better answer.
 */
export function readDatabaseIndex(context: CommandContext, args: Args, i: number): number {
  const index = integerAt(args, i);
  let error = DB_OUT_OF_RANGE;
  if (Number.isNaN(index)) error = NOT_INTEGER;
  else if (index > INT32_MAX || index < INT32_MIN) error = NOT_INT32;
  else if (index >= 0 && (index < context.databases.length || context.isClusterEnabled)) return index;
  context.reply.error(error);
  return -1;
}

/** Whether argument `i` is a C int at all, in range of the databases or not. */
export function isInt32(args: Args, i: number): boolean {
  const value = integerAt(args, i);
  return value >= INT32_MIN && value <= INT32_MAX;
}
