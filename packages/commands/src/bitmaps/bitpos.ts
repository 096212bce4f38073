import type { Args } from '@kvartz/resp';
import { integerAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { BIT_MUST_BE_1_OR_0, NOT_INTEGER, SYNTAX_ERROR } from '../errors.ts';
import { REFUSED, stringToRead } from '../lookup.ts';
import { BitRange, unitAt } from './bit-range.ts';
import { findBit } from './find-bit.ts';

const range = new BitRange();

/** BITPOS key bit [start [end [BYTE | BIT]]]. Arguments are checked in Redis's order. */
export function bitpos(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const bit = integerAt(args, 2);
  if (Number.isNaN(bit)) return reply.error(NOT_INTEGER);
  if (bit !== 0 && bit !== 1) return reply.error(BIT_MUST_BE_1_OR_0);
  const entry = stringToRead(context, args, 1);
  if (entry === REFUSED) return;
  // A key that does not exist is an endless row of zeros.
  if (entry === 0) return reply.integer(bit === 1 ? -1 : 0);
  const length = db.stringLength(entry);
  const hasEnd = args.count > 4;
  if (args.count === 3) range.whole(length);
  else {
    if (args.count > 6) return reply.error(SYNTAX_ERROR);
    const first = integerAt(args, 3);
    if (Number.isNaN(first)) return reply.error(NOT_INTEGER);
    const unit = unitAt(args, 5);
    if (unit === undefined) return reply.error(SYNTAX_ERROR);
    const last = hasEnd ? integerAt(args, 4) : -1;
    if (Number.isNaN(last)) return reply.error(NOT_INTEGER);
    range.between(first, last, unit, length);
  }
  if (range.isEmpty) return reply.integer(-1);
  const value = db.stringOf(entry);
  const position = findBit(value.buffer, value.start, range.startBit, range.endBit, bit);
  // Without an end the string is followed by zeros without end.
  reply.integer(position < 0 && bit === 0 && !hasEnd ? length * 8 : position);
}
