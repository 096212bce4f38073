import { ByteBuffer } from '@kvartz/base';
import { type EntryRef, NO_EXPIRY } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { BITOP_NOT_TAKES_ONE_KEY, SYNTAX_ERROR } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, stringToRead } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { tryAllocate } from '../transient-memory.ts';
import { BitOperation, combineBytes } from './combine-bytes.ts';

/** BITOP AND | OR | XOR | NOT destination key [key ...]. Shorter sources count as followed by zeros. */
export function bitop(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const operation = operationAt(args, 1);
  if (operation === undefined) return reply.error(SYNTAX_ERROR);
  if (operation === BitOperation.not && args.count !== 4) return reply.error(BITOP_NOT_TAKES_ONE_KEY);

  const sources: EntryRef[] = [];
  let length = 0;
  for (let i = 3; i < args.count; i++) {
    const entry = stringToRead(context, args, i);
    if (entry === REFUSED) return;
    sources.push(entry);
    if (entry !== 0) length = Math.max(length, db.stringLength(entry));
  }

  const { buffer, start, end } = args;
  if (length === 0) {
    if (db.remove(buffer, start[2], end[2])) context.touch(args, 2, KeyEvents.del);
    return reply.integer(0);
  }
  const result = tryAllocate(() => new ByteBuffer(length));
  if (result === undefined) return replyOutOfMemory(context);
  for (const [index, entry] of sources.entries()) {
    const source = entry === 0 ? undefined : db.stringOf(entry);
    combineBytes(result, index === 0 ? firstOperation(operation) : operation, source);
  }
  if (db.setString(buffer, start[2], end[2], result, 0, length, NO_EXPIRY) === 0) return replyOutOfMemory(context);
  // The result is raw even where it is short or looks like an integer. Without memory for that it stays as it is.
  if (length <= shortBytesMax) db.editString(buffer, start[2], end[2], length);
  context.touch(args, 2, KeyEvents.set);
  reply.integer(length);
}

/** Longer values are raw as they are. */
const shortBytesMax = 44;

function operationAt(args: Args, i: number): BitOperation | undefined {
  if (isKeyword(args, i, 'and')) return BitOperation.and;
  if (isKeyword(args, i, 'or')) return BitOperation.or;
  if (isKeyword(args, i, 'xor')) return BitOperation.xor;
  if (isKeyword(args, i, 'not')) return BitOperation.not;
  return undefined;
}

/** The result begins as zeros, so the first source is taken over by OR. */
function firstOperation(operation: BitOperation): BitOperation {
  return operation === BitOperation.not ? BitOperation.not : BitOperation.or;
}
