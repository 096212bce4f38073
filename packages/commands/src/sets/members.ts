import { Addition, type EntryRef, type SetWalk, ValueType } from '@kvartz/engine';
import type { Args, ReplyWriter } from '@kvartz/resp';
import type { CommandContext, EffectPart } from '../context.ts';
import { KeyEvents } from '../key-events.ts';
import { writeElements } from '../lists/element-bulks.ts';
import { REFUSED, typedToRead, typedToWrite } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';

/** SADD key member [member ...]. */
export function sadd(context: CommandContext, args: Args): void {
  const { db } = context;
  const { buffer, start, end } = args;
  let entry = typedToWrite(context, args, 1, ValueType.set);
  if (entry === REFUSED) return;
  let added = 0;
  let i = 2;
  if (entry === 0) {
    entry = db.sets.create(buffer, start[1], end[1], buffer, start[2], end[2]);
    if (entry === 0) return replyOutOfMemory(context);
    added = 1;
    i = 3;
  }
  for (; i < args.count; i++) {
    const addition = db.sets.add(entry, buffer, start[i], end[i]);
    if (addition === Addition.added) added++;
    else if (addition === Addition.noMemory) return saddHalfDone(context, args, i, added);
  }
  if (added > 0) context.touch(args, 1, KeyEvents.setAdd);
  context.reply.integer(added);
}

/** Memory ran out: the members before argument `endIndex` are the whole effect. */
function saddHalfDone(context: CommandContext, args: Args, endIndex: number, added: number): void {
  if (added > 0) {
    context.touch(args, 1, KeyEvents.setAdd);
    if (context.isPropagating) context.propagate('SADD', ...argumentsOf(args, 1, endIndex));
  }
  replyOutOfMemory(context);
}

function argumentsOf(args: Args, from: number, to: number): EffectPart[] {
  return Array.from({ length: to - from }, (_, i) => ({ args, index: from + i }));
}

/** SREM key member [member ...]. */
export function srem(context: CommandContext, args: Args): void {
  const { db } = context;
  const { buffer, start, end } = args;
  const entry = typedToWrite(context, args, 1, ValueType.set);
  if (entry === REFUSED) return;
  let removed = 0;
  if (entry !== 0) {
    for (let left = db.countOf(entry), i = 2; i < args.count && left > removed; i++) {
      if (db.sets.remove(entry, buffer, start[i], end[i])) removed++;
    }
  }
  if (removed > 0) {
    context.touch(args, 1, KeyEvents.setRemove);
    removeIfEmpty(context, args, 1, entry);
  }
  context.reply.integer(removed);
}

/** After the event of what emptied it. */
export function removeIfEmpty(context: CommandContext, args: Args, keyIndex: number, entry: EntryRef): void {
  if (context.db.countOf(entry) > 0) return;
  context.db.removeEntry(entry);
  context.notify(args, keyIndex, KeyEvents.del);
}

export function sismember(context: CommandContext, args: Args): void {
  const entry = typedToRead(context, args, 1, ValueType.set);
  if (entry !== REFUSED) context.reply.integer(isMember(context, entry, args, 2));
}

/** SMISMEMBER key member [member ...]. */
export function smismember(context: CommandContext, args: Args): void {
  const entry = typedToRead(context, args, 1, ValueType.set);
  if (entry === REFUSED) return;
  context.reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) context.reply.integer(isMember(context, entry, args, i));
}

function isMember(context: CommandContext, entry: EntryRef, args: Args, i: number): number {
  return entry !== 0 && context.db.sets.has(entry, args.buffer, args.start[i], args.end[i]) ? 1 : 0;
}

export function scard(context: CommandContext, args: Args): void {
  const entry = typedToRead(context, args, 1, ValueType.set);
  if (entry !== REFUSED) context.reply.integer(entry === 0 ? 0 : context.db.countOf(entry));
}

export function smembers(context: CommandContext, args: Args): void {
  const entry = typedToRead(context, args, 1, ValueType.set);
  if (entry === REFUSED) return;
  context.reply.set(entry === 0 ? 0 : context.db.countOf(entry));
  if (entry !== 0) replyMembers(context, entry);
}

/** Writes all members as bulks. */
export function replyMembers(context: CommandContext, entry: EntryRef): void {
  const { db, reply } = context;
  const elements = db.sets.elements(entry);
  if (elements !== undefined) {
    return writeElements(reply, elements.buffer, elements.start, elements.end, db.countOf(entry));
  }
  const walk = db.sets.walk(entry);
  while (walk.next()) replyMember(reply, walk);
}

function replyMember(reply: ReplyWriter, walk: SetWalk): void {
  const value = walk.number;
  if (value === value) return reply.bulkInteger(value);
  const { buffer, start, end } = walk.text();
  reply.bulk(buffer, start, end);
}
