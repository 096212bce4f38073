import { type EntryRef, type GroupRef, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { noSuchGroup, WRONGTYPE } from '../errors.ts';
import { keyToRead } from '../lookup.ts';
import { textAt } from '../arguments.ts';

/** What `findGroup` has found. */
export const found: { stream: EntryRef; group: GroupRef } = { stream: 0, group: 0 };

/** Finds the stream in argument `key` and its group in argument `group`. False: one is not there, which has been answered. */
export function findGroup(context: CommandContext, args: Args, key: number, group: number): boolean {
  return findGroupOf(context, args, keyToRead(context, args, key), key, group);
}

/** The same when the key has been looked up: its value, of any type, or 0. */
export function findGroupOf(context: CommandContext, args: Args, e: EntryRef, key: number, group: number): boolean {
  if (e !== 0 && context.db.typeOf(e) !== ValueType.stream) {
    context.reply.error(WRONGTYPE);
    return false;
  }
  const ref = e === 0 ? 0 : groupAt(context, args, e, group);
  if (ref === 0) {
    context.reply.error(noSuchGroup(textAt(args, key), textAt(args, group)));
    return false;
  }
  found.stream = e;
  found.group = ref;
  return true;
}

/** The group of stream `e` that argument `i` names; 0: there is none. */
export function groupAt(context: CommandContext, args: Args, e: EntryRef, i: number): GroupRef {
  return context.db.streamGroups.find(e, args.buffer, args.start[i], args.end[i]);
}
