import { copyBytes } from '@kvartz/base';
import { NO_EXPIRY } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt, isAfter, lengthAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { NOT_INTEGER, OFFSET_OUT_OF_RANGE, STRING_TOO_LONG } from '../errors.ts';
import { type KeyEvent, KeyEvents } from '../key-events.ts';
import { REFUSED, stringToRead, stringToWrite } from '../lookup.ts';
import { replyOutOfMemory } from './store.ts';

const noBytes = new Uint8Array(0);

/** GETRANGE key start end, and SUBSTR, its old name: both ends belong to the range, and negative ones count from the end. */
export function getrange(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  let start = integerAt(args, 2);
  let end = integerAt(args, 3);
  if (Number.isNaN(start) || Number.isNaN(end)) return reply.error(NOT_INTEGER);
  const entry = stringToRead(context, args, 1);
  if (entry === REFUSED) return;
  if (entry === 0) return reply.bulkBytes(noBytes);
  if (start < 0 && end < 0 && isAfter(args, 2, start, 3, end)) return reply.bulkBytes(noBytes);
  const length = db.stringLength(entry);
  if (start < 0) start = Math.max(start + length, 0);
  if (end < 0) end = Math.max(end + length, 0);
  end = Math.min(end, length - 1);
  if (start > end) return reply.bulkBytes(noBytes);
  const value = db.stringOf(entry);
  reply.bulk(value.buffer, value.start + start, value.start + end + 1);
}

export function append(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const { buffer, start, end } = args;
  const entry = stringToWrite(context, args, 1);
  if (entry === REFUSED) return;
  if (entry !== 0) return writeAt(context, args, db.stringLength(entry), 2, KeyEvents.append);
  // A new key is an int when it looks like one; what has been appended to is raw.
  if (db.setString(buffer, start[1], end[1], buffer, start[2], end[2], NO_EXPIRY) === 0) {
    return replyOutOfMemory(context);
  }
  context.touch(args, 1, KeyEvents.append);
  reply.integer(lengthAt(args, 2));
}

/** SETRANGE key offset value. */
export function setrange(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const offset = integerAt(args, 2);
  if (Number.isNaN(offset)) return reply.error(NOT_INTEGER);
  if (offset < 0) return reply.error(OFFSET_OUT_OF_RANGE);
  const entry = stringToWrite(context, args, 1);
  if (entry === REFUSED) return;
  // Writing nothing neither creates nor pads.
  if (lengthAt(args, 3) === 0) return reply.integer(entry === 0 ? 0 : db.stringLength(entry));
  writeAt(context, args, offset, 3, KeyEvents.setRange);
}

/** Writes argument `value` into the string at `offset`, padding with zeros, and replies with the new length. */
function writeAt(context: CommandContext, args: Args, offset: number, value: number, event: KeyEvent): void {
  const { db, reply } = context;
  const { buffer, start, end } = args;
  const writeEnd = offset + lengthAt(args, value);
  if (writeEnd > context.bulkBytesMax) return reply.error(STRING_TOO_LONG);
  const edited = db.editString(buffer, start[1], end[1], writeEnd);
  if (edited === 0) return replyOutOfMemory(context);
  const content = db.stringOf(edited);
  copyBytes(buffer, start[value], end[value], content.buffer, content.start + offset);
  const length = content.end - content.start;
  context.touch(args, 1, event);
  reply.integer(length);
}
