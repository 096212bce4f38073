import { type EntryRef, type HashWalk, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { bigIntegerAt, integerAt, isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { NOT_INTEGER, NOT_NEGATABLE, OUT_OF_RANGE, SYNTAX_ERROR } from '../errors.ts';
import { REFUSED, typedToRead } from '../lookup.ts';

const countMin = -(2n ** 63n) + 1n;
/** An empty field: `$0` and two ends of lines. */
const bulkBytesMin = 6;
const reservedMin = 2 ** 20;

/** HRANDFIELD key [count [WITHVALUES]]; a negative count: so many, with repetitions. */
export function hrandfield(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  if (args.count > 2) return hrandfields(context, args);
  const entry = hashToPick(context, args);
  if (entry === REFUSED) return;
  if (entry === 0) return reply.null();
  const { field } = db.hashes.pick(entry, context.random);
  reply.bulk(field.buffer, field.start, field.end);
}

/** Of the fields that have expired so many are removed first; they are not picked in any case. */
const expiredMax = 1000;

/** The hash, 0 when there is no field to be picked, or REFUSED. */
function hashToPick(context: CommandContext, args: Args): EntryRef {
  const { db } = context;
  const found = typedToRead(context, args, 1, ValueType.hash);
  if (found === REFUSED || found === 0) return found;
  const entry = db.expireFields(found, expiredMax);
  return entry === 0 || db.hashes.visibleCount(entry) === 0 ? 0 : entry;
}

function hrandfields(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const count = integerAt(args, 2);
  if (Number.isNaN(count)) return reply.error(NOT_INTEGER);
  if (count === -Infinity && bigIntegerAt(args, 2)! < countMin) return reply.error(NOT_NEGATABLE);
  if (args.count > 4 || (args.count === 4 && !isKeyword(args, 3, 'withvalues'))) return reply.error(SYNTAX_ERROR);
  const withValues = args.count === 4;
  if (withValues && (count < -(2 ** 62) || count > 2 ** 62)) return reply.error(OUT_OF_RANGE);
  const entry = hashToPick(context, args);
  if (entry === REFUSED) return;
  if (entry === 0 || count === 0) return reply.array(0);
  const size = db.hashes.visibleCount(entry);
  const length = count < 0 ? -count : Math.min(count, size);
  // A reply that will be longer than any can be is given up now rather than in some seconds.
  if (length > reservedMin) reply.reserve(length * bulkBytesMin * (withValues ? 2 : 1));
  reply.array(withValues && reply.protocol === 2 ? length * 2 : length);
  if (count < 0) {
    for (let left = length; left > 0; left--) replyField(context, db.hashes.pick(entry, context.random), withValues);
  } else if (length * sparseRatio < size) replyPicked(context, entry, length, withValues);
  else replySampled(context, entry, length, size, withValues);
}

/** Of a hash so many times larger than what is asked for, fields are picked until enough different ones have come. */
const sparseRatio = 8;

function replyPicked(context: CommandContext, entry: EntryRef, length: number, withValues: boolean): void {
  const { db, random } = context;
  const seen = new Set<string>();
  while (seen.size < length) {
    const at = db.hashes.pick(entry, random);
    const { buffer, start, end } = at.field;
    let name = '';
    for (let i = start; i < end; i++) name += String.fromCharCode(buffer.u8[i]);
    if (seen.has(name)) continue;
    seen.add(name);
    replyField(context, at, withValues);
  }
}

/** One walk: each field is taken with the probability that as many of the rest are as still have to be (Knuth, 3.4.2, S). */
function replySampled(
  context: CommandContext,
  entry: EntryRef,
  length: number,
  size: number,
  withValues: boolean,
): void {
  const { db, random } = context;
  const walk = db.hashes.walk(entry);
  let wanted = length;
  for (let left = size; wanted > 0 && walk.next(); left--) {
    if ((random.uint32() / 2 ** 32) * left >= wanted) continue;
    wanted--;
    replyField(context, walk, withValues);
  }
}

function replyField({ reply }: CommandContext, { field, value }: HashWalk, withValues: boolean): void {
  if (withValues && reply.protocol === 3) reply.array(2);
  reply.bulk(field.buffer, field.start, field.end);
  if (withValues) reply.bulk(value.buffer, value.start, value.end);
}
