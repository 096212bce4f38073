import { type EntryRef, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { bigIntegerAt, INT64_MIN, integerAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { NOT_INTEGER, NOT_NEGATABLE, SYNTAX_ERROR } from '../errors.ts';
import { REFUSED, typedToRead } from '../lookup.ts';
import { replyMembers } from './members.ts';

/** The empty string: `$0`, and two ends of lines. */
const bulkBytesMin = 6;
const reservedMin = 2 ** 20;

/** SRANDMEMBER key [count]; a negative count: so many, with repetitions. */
export function srandmember(context: CommandContext, args: Args): void {
  const { reply } = context;
  if (args.count > 3) return reply.error(SYNTAX_ERROR);
  if (args.count === 3) return srandmembers(context, args);
  const entry = typedToRead(context, args, 1, ValueType.set);
  if (entry === REFUSED) return;
  if (entry === 0) reply.null();
  else replyRandom(context, entry);
}

function srandmembers(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const count = integerAt(args, 2);
  if (Number.isNaN(count)) return reply.error(NOT_INTEGER);
  if (count === -Infinity && bigIntegerAt(args, 2) === INT64_MIN) return reply.error(NOT_NEGATABLE);
  const entry = typedToRead(context, args, 1, ValueType.set);
  if (entry === REFUSED) return;
  if (entry === 0 || count === 0) return reply.array(0);
  if (count < 0) {
    // A reply that will be longer than any can be is given up now rather than in some seconds.
    if (-count > reservedMin) reply.reserve(-count * bulkBytesMin);
    reply.array(-count);
    for (let left = -count; left > 0; left--) replyRandom(context, entry);
    return;
  }
  const size = db.countOf(entry);
  reply.array(Math.min(count, size));
  if (count >= size) return replyMembers(context, entry);
  const sample = db.sets.sample(entry, count, context.random);
  while (sample.next()) {
    const { buffer, start, end } = sample.text();
    reply.bulk(buffer, start, end);
  }
}

function replyRandom(context: CommandContext, entry: EntryRef): void {
  const { buffer, start, end } = context.db.sets.pick(entry, context.random);
  context.reply.bulk(buffer, start, end);
}
