import type { EntryRef } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { KeyEvents } from '../key-events.ts';

/**
 * Whether a key that is given this time has to go at once. Never on a replica or while loading: there the master (or
 * the rest of the file) says when a key goes.
 */
export function isPast(context: CommandContext, atMs: number): boolean {
  return atMs <= context.nowMs && context.db.expiryMode === 'delete';
}

/** Removes a key whose new time is past; repeated elsewhere as DEL. */
export function removeExpired(context: CommandContext, args: Args, key: number, entry: EntryRef): void {
  context.db.removeEntry(entry);
  context.touch(args, key, KeyEvents.del);
  if (context.isPropagating) context.propagate('DEL', { args, index: key });
}

/** False when memory has run out and nothing has changed. Repeated elsewhere as PEXPIREAT. */
export function storeExpireTime(
  context: CommandContext,
  args: Args,
  key: number,
  entry: EntryRef,
  atMs: number,
): boolean {
  if (context.db.setExpireAtMs(entry, atMs) === 0) return false;
  context.touch(args, key, KeyEvents.expire);
  if (context.isPropagating) context.propagate('PEXPIREAT', { args, index: key }, atMs);
  return true;
}
