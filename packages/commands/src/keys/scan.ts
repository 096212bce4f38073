import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { INVALID_CURSOR, NOT_INTEGER, SYNTAX_ERROR } from '../errors.ts';
import { isCursor, readCursor } from './cursor.ts';
import { KeyCollector } from './key-collector.ts';
import { typeName } from './names.ts';

const collector = new KeyCollector();
const countDefault = 10;

/** SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]. */
export function scan(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  if (!isCursor(args, 1)) return reply.error(INVALID_CURSOR);
  let count = countDefault;
  let pattern = 0;
  let typeIndex = 0;
  for (let i = 2; i < args.count; i += 2) {
    if (i + 1 === args.count) return reply.error(SYNTAX_ERROR);
    if (isKeyword(args, i, 'count')) {
      count = integerAt(args, i + 1);
      if (Number.isNaN(count)) return reply.error(NOT_INTEGER);
      if (count < 1) return reply.error(SYNTAX_ERROR);
    } else if (isKeyword(args, i, 'match')) pattern = i + 1;
    else if (isKeyword(args, i, 'type')) typeIndex = i + 1;
    else return reply.error(SYNTAX_ERROR);
  }
  const type = typeIndex === 0 ? undefined : typeAt(args, typeIndex);
  const cursor = readCursor(args, 1);
  collector.begin(db, args, pattern, type);
  const next = cursor === undefined ? 0 : db.scan(cursor, Math.min(count, Number.MAX_SAFE_INTEGER), collector.visit);
  // There are no keys of a type that there is not, but a walk over them all the same.
  if (typeIndex !== 0 && type === undefined) collector.clear();
  reply.array(2);
  reply.bulkInteger(next);
  collector.write(reply);
}

function typeAt(args: Args, i: number): ValueType | undefined {
  return Object.values(ValueType).find((type) => isKeyword(args, i, typeName(type)));
}
