import { asciiBytes, ByteBuffer, parseInt64 } from '@kvartz/base';
import { type EntryRef, FieldResult, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { bigIntegerAt, INT64_MAX, INT64_MIN, integerAt } from '../arguments.ts';
import type { CommandContext, EffectPart } from '../context.ts';
import {
  HASH_VALUE_NOT_FLOAT,
  HASH_VALUE_NOT_INTEGER,
  INCREMENT_INFINITE,
  INCREMENT_OVERFLOW,
  NAN_OR_INFINITY,
  NOT_FLOAT,
  NOT_INTEGER,
} from '../errors.ts';
import { type KeyEvent, KeyEvents } from '../key-events.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { decimalSum, NoSum } from '../strings/decimal-sum.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { withoutExpired } from './one-field.ts';

const zero = ByteBuffer.from(asciiBytes('0'));

/** HINCRBY key field increment. */
export function hincrby(context: CommandContext, args: Args): void {
  const { reply } = context;
  if (Number.isNaN(integerAt(args, 3))) return reply.error(NOT_INTEGER);
  const found = typedToWrite(context, args, 1, ValueType.hash);
  if (found === REFUSED) return;
  const entry = withoutExpired(context, args, found, 2);
  const { buffer, start, end } = valueOf(context, args, entry);
  const current = parseInt64(buffer.u8, start, end);
  if (current === undefined) return reply.error(HASH_VALUE_NOT_INTEGER);
  const sum = current + bigIntegerAt(args, 3)!;
  if (sum > INT64_MAX || sum < INT64_MIN) return reply.error(INCREMENT_OVERFLOW);
  if (store(context, args, entry, sum.toString(), KeyEvents.hashIncrBy)) reply.bigInteger(sum);
}

/** HINCRBYFLOAT key field increment. */
export function hincrbyfloat(context: CommandContext, args: Args): void {
  const { reply } = context;
  // The increment is judged before the hash.
  const alone = decimalSum(zero, 0, 1, args.buffer, args.start[3], args.end[3]);
  if (alone === NoSum.badAmount) return reply.error(NOT_FLOAT);
  if (alone === NoSum.infiniteAmount) return reply.error(INCREMENT_INFINITE);
  const found = typedToWrite(context, args, 1, ValueType.hash);
  if (found === REFUSED) return;
  const entry = withoutExpired(context, args, found, 2);
  const { buffer, start, end } = valueOf(context, args, entry);
  const sum = decimalSum(buffer, start, end, args.buffer, args.start[3], args.end[3]);
  if (typeof sum !== 'string') return reply.error(sum === NoSum.badValue ? HASH_VALUE_NOT_FLOAT : NAN_OR_INFINITY);
  if (!store(context, args, entry, sum, KeyEvents.hashIncrByFloat)) return;
  reply.bulkText(sum);
  // Other machines may round otherwise: the result is repeated, not the addition.
  if (!context.isPropagating) return;
  const key: EffectPart = { args, index: 1 };
  const field: EffectPart = { args, index: 2 };
  if (hasTime(context, args, entry)) context.propagate('HSETEX', key, 'KEEPTTL', 'FIELDS', 1, field, sum);
  else context.propagate('HSET', key, field, sum);
}

/** `entry`: as it was found, 0 for none. A field that gets a value by an increment keeps its time. */
function hasTime({ db }: CommandContext, args: Args, entry: EntryRef): boolean {
  return entry !== 0 && Number.isFinite(db.hashes.timed.timeOf(entry, args.buffer, args.start[2], args.end[2]));
}

/** The field's value, or 0. */
function valueOf(
  { db }: CommandContext,
  args: Args,
  entry: EntryRef,
): { readonly buffer: ByteBuffer; readonly start: number; readonly end: number } {
  if (entry !== 0 && db.hashes.get(entry, args.buffer, args.start[2], args.end[2])) return db.hashes.value;
  return { buffer: zero, start: 0, end: 1 };
}

/** False: no memory, which has been answered. */
function store(context: CommandContext, args: Args, entry: EntryRef, text: string, event: KeyEvent): boolean {
  const { db } = context;
  const { buffer, start, end } = args;
  const e = entry === 0 ? db.hashes.create(buffer, start[1], end[1]) : entry;
  const value = ByteBuffer.from(asciiBytes(text));
  const result =
    e === 0 ? FieldResult.noMemory : db.hashes.set(e, buffer, start[2], end[2], value, 0, value.sizeBytes, true);
  if (result === FieldResult.noMemory) {
    if (e !== 0 && db.countOf(e) === 0) db.removeEntry(e);
    replyOutOfMemory(context);
    return false;
  }
  context.touch(args, 1, event);
  return true;
}
