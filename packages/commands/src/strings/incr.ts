import { KEEP_TTL, Encoding } from '@kvartz/engine';
import { parseInt64 } from '@kvartz/base';
import type { Args } from '@kvartz/resp';
import { bigIntegerAt, INT64_MAX, INT64_MIN, integerAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { DECREMENT_OVERFLOW, INCREMENT_OVERFLOW, NOT_INTEGER } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, stringToWrite } from '../lookup.ts';
import { replyOutOfMemory } from './store.ts';

export function incr(context: CommandContext, args: Args): void {
  add(context, args, 1);
}

export function decr(context: CommandContext, args: Args): void {
  add(context, args, -1);
}

export function incrby(context: CommandContext, args: Args): void {
  const amount = integerAt(args, 2);
  if (Number.isSafeInteger(amount)) add(context, args, amount);
  else if (Number.isNaN(amount)) context.reply.error(NOT_INTEGER);
  else addExactly(context, args, bigIntegerAt(args, 2)!);
}

export function decrby(context: CommandContext, args: Args): void {
  const amount = integerAt(args, 2);
  if (Number.isSafeInteger(amount)) return add(context, args, -amount);
  if (Number.isNaN(amount)) return context.reply.error(NOT_INTEGER);
  const exact = bigIntegerAt(args, 2)!;
  // The only amount whose negation has no place in 64 bits.
  if (exact === INT64_MIN) return context.reply.error(DECREMENT_OVERFLOW);
  addExactly(context, args, -exact);
}

/** The usual case, in place: an int that stays within 2^53. Everything else is exact over 64 bits. */
function add(context: CommandContext, args: Args, amount: number): void {
  const { db } = context;
  const entry = db.find(args.buffer, args.start[1], args.end[1]);
  // NaN for a key that is no int, and so is the sum.
  const sum = entry === 0 ? amount : db.integerOf(entry) + amount;
  if (!Number.isSafeInteger(sum)) return addExactly(context, args, BigInt(amount));
  if (entry !== 0) db.storeInteger(entry, sum);
  else if (db.setInteger(args.buffer, args.start[1], args.end[1], sum, KEEP_TTL) === 0) {
    return replyOutOfMemory(context);
  }
  context.touch(args, 1, KeyEvents.incrBy);
  context.reply.integer(sum);
}

function addExactly(context: CommandContext, args: Args, amount: bigint): void {
  const { db, reply } = context;
  const entry = stringToWrite(context, args, 1);
  if (entry === REFUSED) return;
  let current: bigint | undefined = 0n;
  if (entry !== 0) {
    if (db.encodingOf(entry) === Encoding.int) current = db.int64Of(entry);
    else {
      const text = db.stringOf(entry);
      current = parseInt64(text.buffer.u8, text.start, text.end);
    }
  }
  if (current === undefined) return reply.error(NOT_INTEGER);
  const sum = current + amount;
  if (sum > INT64_MAX || sum < INT64_MIN) return reply.error(INCREMENT_OVERFLOW);
  if (db.setInteger(args.buffer, args.start[1], args.end[1], sum, KEEP_TTL) === 0) return replyOutOfMemory(context);
  context.touch(args, 1, KeyEvents.incrBy);
  reply.bigInteger(sum);
}
