import { NO_EXPIRY } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { OUT_OF_MEMORY } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { keyToInspect } from '../lookup.ts';

/** Replies of the TTL family in place of a time. */
const NO_TIME = -1;
const NO_KEY = -2;

export function ttl(context: CommandContext, args: Args): void {
  replyTime(context, args, 1000, context.nowMs);
}

export function pttl(context: CommandContext, args: Args): void {
  replyTime(context, args, 1, context.nowMs);
}

export function expiretime(context: CommandContext, args: Args): void {
  replyTime(context, args, 1000, 0);
}

export function pexpiretime(context: CommandContext, args: Args): void {
  replyTime(context, args, 1, 0);
}

function replyTime(context: CommandContext, args: Args, unitMs: number, sinceMs: number): void {
  const entry = keyToInspect(context, args, 1);
  if (entry === 0) return context.reply.integer(NO_KEY);
  const atMs = context.db.expireAtMs(entry);
  if (atMs === NO_EXPIRY) return context.reply.integer(NO_TIME);
  const durationMs = Math.max(atMs - sinceMs, 0);
  // Seconds are rounded to the nearest, so that EXPIRE 10 is followed by TTL 10.
  context.reply.integer(unitMs === 1 ? durationMs : Math.floor((durationMs + 500) / 1000));
}

export function persist(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const entry = db.find(args.buffer, args.start[1], args.end[1]);
  if (entry === 0 || db.expireAtMs(entry) === NO_EXPIRY) return reply.integer(0);
  if (db.setExpireAtMs(entry, NO_EXPIRY) === 0) return reply.error(OUT_OF_MEMORY);
  context.touch(args, 1, KeyEvents.persist);
  reply.integer(1);
}
