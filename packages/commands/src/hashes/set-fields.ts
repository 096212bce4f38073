import { type EntryRef, FieldResult, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext, EffectPart } from '../context.ts';
import { wrongArity } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { withoutExpired } from './one-field.ts';

/** HSET key field value [field value ...]: the number of new fields. */
export function hset(context: CommandContext, args: Args): void {
  if (args.count % 2 !== 0) return context.reply.error(wrongArity('hset'));
  const added = setFields(context, args);
  if (added >= 0) context.reply.integer(added);
}

export function hmset(context: CommandContext, args: Args): void {
  if (args.count % 2 !== 0) return context.reply.error(wrongArity('hmset'));
  if (setFields(context, args) >= 0) context.reply.ok();
}

/** HSETNX key field value. */
export function hsetnx(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const found = typedToWrite(context, args, 1, ValueType.hash);
  if (found === REFUSED) return;
  const entry = withoutExpired(context, args, found, 2);
  if (entry !== 0 && db.hashes.has(entry, args.buffer, args.start[2], args.end[2])) return reply.integer(0);
  if (setInto(context, args, entry) >= 0) reply.integer(1);
}

/** Returns the number of new fields; -1 when an error was answered. */
function setFields(context: CommandContext, args: Args): number {
  const entry = typedToWrite(context, args, 1, ValueType.hash);
  return entry === REFUSED ? -1 : setInto(context, args, entry);
}

/** Sets the pairs from argument 2 on. `entry` 0: there is no hash yet. */
function setInto(context: CommandContext, args: Args, entry: EntryRef): number {
  const { hashes } = context.db;
  const { buffer, start, end } = args;
  const e = entry === 0 ? hashes.create(buffer, start[1], end[1]) : entry;
  let added = 0;
  let i = 2;
  for (; e !== 0 && i < args.count; i += 2) {
    const result = hashes.set(e, buffer, start[i], end[i], buffer, start[i + 1], end[i + 1]);
    if (result === FieldResult.noMemory) break;
    if (result === FieldResult.added) added++;
  }
  if (i < args.count) {
    setHalfDone(context, args, e, i);
    return -1;
  }
  context.touch(args, 1, KeyEvents.hashSet);
  return added;
}

/** Memory ran out: the pairs before argument `endIndex` are the whole effect. */
function setHalfDone(context: CommandContext, args: Args, e: EntryRef, endIndex: number): void {
  if (endIndex > 2) {
    context.touch(args, 1, KeyEvents.hashSet);
    if (context.isPropagating) {
      const parts = Array.from({ length: endIndex - 1 }, (_, i): EffectPart => ({ args, index: i + 1 }));
      context.propagate('HSET', ...parts);
    }
  } else if (e !== 0 && context.db.countOf(e) === 0) context.db.removeEntry(e);
  replyOutOfMemory(context);
}
