import { type EntryRef, type Span, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt } from '../arguments.ts';
import type { CommandContext, EffectPart } from '../context.ts';
import { NOT_POSITIVE, SYNTAX_ERROR } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { removeIfEmpty, replyMembers } from './members.ts';

/** Members that one effect names at most. */
const effectMembersMax = 1024;

/** SPOP key [count]. */
export function spop(context: CommandContext, args: Args): void {
  const { reply } = context;
  if (args.count > 3) return reply.error(SYNTAX_ERROR);
  if (args.count === 3) return spopSeveral(context, args);
  const entry = typedToWrite(context, args, 1, ValueType.set);
  if (entry === REFUSED) return;
  if (entry === 0) return reply.null();
  const { sets } = context.db;
  const { buffer, start, end } = sets.pick(entry, context.random);
  reply.bulk(buffer, start, end);
  if (context.isPropagating) context.propagate('SREM', { args, index: 1 }, buffer.u8.slice(start, end));
  sets.removePicked(entry);
  context.touch(args, 1, KeyEvents.setPop);
  removeIfEmpty(context, args, 1, entry);
}

function spopSeveral(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const count = integerAt(args, 2);
  if (!(count >= 0)) return reply.error(NOT_POSITIVE);
  const entry = typedToWrite(context, args, 1, ValueType.set);
  if (entry === REFUSED) return;
  if (entry === 0 || count === 0) return reply.set(0);
  if (count >= db.countOf(entry)) return popAll(context, args, entry);
  reply.set(count);
  if (context.isPropagating) popAndPropagate(context, args, entry, count);
  else {
    db.sets.pop(entry, count, context.random, ({ buffer, start, end }) => reply.bulk(buffer, start, end));
  }
  context.touch(args, 1, KeyEvents.setPop);
}

function popAll(context: CommandContext, args: Args, entry: EntryRef): void {
  const { db, reply } = context;
  // Redis makes a union of it, and so a read.
  context.keyspaceHits++;
  reply.set(db.countOf(entry));
  replyMembers(context, entry);
  db.removeEntry(entry);
  context.touch(args, 1, KeyEvents.setPop);
  context.notify(args, 1, KeyEvents.del);
  if (context.isPropagating) context.propagate('DEL', { args, index: 1 });
}

function popAndPropagate(context: CommandContext, args: Args, entry: EntryRef, count: number): void {
  const head: EffectPart[] = ['SREM', { args, index: 1 }];
  let effect = head.slice();
  context.db.sets.pop(entry, count, context.random, ({ buffer, start, end }: Span) => {
    context.reply.bulk(buffer, start, end);
    effect.push(buffer.u8.slice(start, end));
    if (effect.length < effectMembersMax + head.length) return;
    context.propagate(...effect);
    effect = head.slice();
  });
  if (effect.length > head.length) context.propagate(...effect);
}
