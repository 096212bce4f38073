import type { Args } from '@kvartz/resp';
import { integerAt, isAfter } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { NOT_INTEGER, SYNTAX_ERROR } from '../errors.ts';
import { REFUSED, stringToRead } from '../lookup.ts';
import { BitRange, unitAt } from './bit-range.ts';
import { countBits } from './count-bits.ts';

const range = new BitRange();

/** BITCOUNT key [start end [BYTE | BIT]]. Arguments are checked in Redis's order, which shows where several are wrong. */
export function bitcount(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const entry = stringToRead(context, args, 1);
  if (entry === REFUSED) return;
  if (entry === 0) return reply.integer(0);
  const length = db.stringLength(entry);
  if (args.count === 2) range.whole(length);
  else {
    if (args.count !== 4 && args.count !== 5) return reply.error(SYNTAX_ERROR);
    const first = integerAt(args, 2);
    const last = integerAt(args, 3);
    if (Number.isNaN(first) || Number.isNaN(last)) return reply.error(NOT_INTEGER);
    if (first < 0 && last < 0 && isAfter(args, 2, first, 3, last)) return reply.integer(0);
    const unit = unitAt(args, 4);
    if (unit === undefined) return reply.error(SYNTAX_ERROR);
    range.between(first, last, unit, length);
  }
  const value = db.stringOf(entry);
  reply.integer(countBits(value.buffer, value.start, range.startBit, range.endBit));
}
