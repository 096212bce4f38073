import { type EntryRef, NO_EXPIRY } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { OUT_OF_MEMORY } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';

export function replyString(context: CommandContext, entry: EntryRef): void {
  const value = context.db.stringOf(entry);
  context.reply.bulk(value.buffer, value.start, value.end);
}

/**
 * Sets the key in argument `key` to argument `value`. False when memory has run out, which has then been answered in
 * place of whatever the command had written from `replyStart` on.
 */
export function storeString(
  context: CommandContext,
  args: Args,
  key: number,
  value: number,
  expireAtMs: number = NO_EXPIRY,
  replyStart: number = context.reply.position,
): boolean {
  const { buffer, start, end } = args;
  const entry = context.db.setString(buffer, start[key], end[key], buffer, start[value], end[value], expireAtMs);
  if (entry === 0) {
    replyOutOfMemory(context, replyStart);
    return false;
  }
  context.touch(args, key, KeyEvents.set);
  return true;
}

export function replyOutOfMemory(context: CommandContext, replyStart: number = context.reply.position): void {
  context.reply.position = replyStart;
  context.reply.error(OUT_OF_MEMORY);
}
