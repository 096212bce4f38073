import { NO_EXPIRY } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext, EffectPart } from '../context.ts';
import { wrongArity } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { replyOutOfMemory } from './store.ts';

export function mset(context: CommandContext, args: Args): void {
  if (args.count % 2 === 0) return context.reply.error(wrongArity('mset'));
  if (storePairs(context, args)) context.reply.ok();
}

export function msetnx(context: CommandContext, args: Args): void {
  if (args.count % 2 === 0) return context.reply.error(wrongArity('msetnx'));
  const { buffer, start, end } = args;
  for (let i = 1; i < args.count; i += 2) {
    if (context.db.find(buffer, start[i], end[i]) !== 0) return context.reply.integer(0);
  }
  if (storePairs(context, args)) context.reply.integer(1);
}

function storePairs(context: CommandContext, args: Args): boolean {
  const { db } = context;
  const { buffer, start, end } = args;
  for (let i = 1; i < args.count; i += 2) {
    if (db.setString(buffer, start[i], end[i], buffer, start[i + 1], end[i + 1], NO_EXPIRY) === 0) {
      if (context.isPropagating && i > 1) context.propagate('MSET', ...pairsBefore(args, i));
      replyOutOfMemory(context);
      return false;
    }
    context.touch(args, i, KeyEvents.set);
  }
  return true;
}

/** Memory ran out half-way: the pairs that were stored are the whole effect. */
function pairsBefore(args: Args, end: number): EffectPart[] {
  return Array.from({ length: end - 1 }, (_, i) => ({ args, index: i + 1 }));
}
