import { type EntryRef, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from './context.ts';
import { WRONGTYPE } from './errors.ts';

/** What the functions below return for a key of another type, after they have answered. */
export const REFUSED = -1;

/** The value of this type that argument `i` names, for a read: 0 when there is none (counted as a miss), or REFUSED. */
export function typedToRead(context: CommandContext, args: Args, i: number, type: ValueType): EntryRef {
  const entry = context.db.findTyped(args.buffer, args.start[i], args.end[i], type);
  if (entry === 0) {
    context.missed(args, i);
    return 0;
  }
  context.keyspaceHits++;
  return entry > 0 ? entry : refuse(context);
}

/** The same for a command that writes: hits and misses do not count. */
export function typedToWrite(context: CommandContext, args: Args, i: number, type: ValueType): EntryRef {
  const entry = context.db.findTyped(args.buffer, args.start[i], args.end[i], type);
  return entry >= 0 ? entry : refuse(context);
}

function refuse(context: CommandContext): number {
  context.reply.error(WRONGTYPE);
  return REFUSED;
}

/** The string that argument `i` names, for a read: 0 when there is none (counted as a miss), REFUSED for another type. */
export function stringToRead(context: CommandContext, args: Args, i: number): EntryRef {
  return typedToRead(context, args, i, ValueType.string);
}

/** The same for a command that writes: hits and misses do not count. */
export function stringToWrite(context: CommandContext, args: Args, i: number): EntryRef {
  return typedToWrite(context, args, i, ValueType.string);
}

/** The key of any type that argument `i` names; 0 when there is none. */
export function keyToRead(context: CommandContext, args: Args, i: number): EntryRef {
  const entry = context.db.find(args.buffer, args.start[i], args.end[i]);
  if (entry === 0) context.missed(args, i);
  else context.keyspaceHits++;
  return entry;
}

/** As `keyToRead`, without touching the key's LRU or LFU clock: for commands that ask about a key, not for its value. */
export function keyToInspect(context: CommandContext, args: Args, i: number): EntryRef {
  const entry = context.db.peek(args.buffer, args.start[i], args.end[i]);
  if (entry === 0) context.missed(args, i);
  else context.keyspaceHits++;
  return entry;
}
