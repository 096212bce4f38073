import { type EntryRef, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { REFUSED, typedToRead } from '../lookup.ts';

function hashToRead(context: CommandContext, args: Args): EntryRef {
  return typedToRead(context, args, 1, ValueType.hash);
}

/** HGET key field. */
export function hget(context: CommandContext, args: Args): void {
  const entry = hashToRead(context, args);
  if (entry !== REFUSED) replyField(context, args, entry, 2);
}

/** HMGET key field [field ...]. */
export function hmget(context: CommandContext, args: Args): void {
  const entry = hashToRead(context, args);
  if (entry === REFUSED) return;
  context.reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) replyField(context, args, entry, i);
}

function replyField({ db, reply }: CommandContext, args: Args, entry: EntryRef, i: number): void {
  const { hashes } = db;
  if (entry !== 0 && hashes.get(entry, args.buffer, args.start[i], args.end[i])) {
    const { buffer, start, end } = hashes.value;
    reply.bulk(buffer, start, end);
  } else reply.null();
}

export function hexists(context: CommandContext, args: Args): void {
  const entry = hashToRead(context, args);
  if (entry === REFUSED) return;
  const isThere = entry !== 0 && context.db.hashes.has(entry, args.buffer, args.start[2], args.end[2]);
  context.reply.integer(isThere ? 1 : 0);
}

export function hlen(context: CommandContext, args: Args): void {
  const entry = hashToRead(context, args);
  if (entry !== REFUSED) context.reply.integer(entry === 0 ? 0 : context.db.countOf(entry));
}

export function hstrlen(context: CommandContext, args: Args): void {
  const entry = hashToRead(context, args);
  if (entry === REFUSED) return;
  const length = entry === 0 ? 0 : context.db.hashes.valueLength(entry, args.buffer, args.start[2], args.end[2]);
  context.reply.integer(Math.max(0, length));
}

export function hgetall(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const entry = hashToRead(context, args);
  if (entry === REFUSED) return;
  if (entry === 0) return reply.map(0);
  reply.map(db.countOf(entry));
  const walk = db.hashes.walk(entry);
  while (walk.next()) {
    reply.bulk(walk.field.buffer, walk.field.start, walk.field.end);
    reply.bulk(walk.value.buffer, walk.value.start, walk.value.end);
  }
}

export function hkeys(context: CommandContext, args: Args): void {
  const entry = hashToRead(context, args);
  if (entry === REFUSED) return;
  const { db, reply } = context;
  reply.array(entry === 0 ? 0 : db.countOf(entry));
  if (entry === 0) return;
  const walk = db.hashes.walk(entry);
  while (walk.next()) reply.bulk(walk.field.buffer, walk.field.start, walk.field.end);
}

export function hvals(context: CommandContext, args: Args): void {
  const entry = hashToRead(context, args);
  if (entry === REFUSED) return;
  const { db, reply } = context;
  reply.array(entry === 0 ? 0 : db.countOf(entry));
  if (entry === 0) return;
  const walk = db.hashes.walk(entry);
  while (walk.next()) reply.bulk(walk.value.buffer, walk.value.start, walk.value.end);
}
