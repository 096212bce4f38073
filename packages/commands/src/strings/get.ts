import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { KeyEvents } from '../key-events.ts';
import { keyToRead, stringToRead } from '../lookup.ts';
import { replyString, storeString } from './store.ts';

export function get(context: CommandContext, args: Args): void {
  const entry = stringToRead(context, args, 1);
  if (entry > 0) replyString(context, entry);
  else if (entry === 0) context.reply.null();
}

export function mget(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  reply.array(args.count - 1);
  for (let i = 1; i < args.count; i++) {
    const entry = keyToRead(context, args, i);
    if (entry !== 0 && db.typeOf(entry) === ValueType.string) replyString(context, entry);
    else reply.null();
  }
}

export function strlen(context: CommandContext, args: Args): void {
  const entry = stringToRead(context, args, 1);
  if (entry > 0) context.reply.integer(context.db.stringLength(entry));
  else if (entry === 0) context.reply.integer(0);
}

export function getdel(context: CommandContext, args: Args): void {
  const entry = stringToRead(context, args, 1);
  if (entry < 0) return;
  if (entry === 0) return context.reply.null();
  replyString(context, entry);
  context.db.removeEntry(entry);
  context.touch(args, 1, KeyEvents.del);
  if (context.isPropagating) context.propagate('DEL', { args, index: 1 });
}

export function getset(context: CommandContext, args: Args): void {
  const entry = stringToRead(context, args, 1);
  if (entry < 0) return;
  const replyStart = context.reply.position;
  if (entry === 0) context.reply.null();
  else replyString(context, entry);
  if (!storeString(context, args, 1, 2, undefined, replyStart)) return;
  if (context.isPropagating) context.propagate('SET', { args, index: 1 }, { args, index: 2 });
}
