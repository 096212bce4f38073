import { equalBytes } from '@kvartz/base';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { NO_SUCH_KEY } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { replyOutOfMemory } from '../strings/store.ts';

export function rename(context: CommandContext, args: Args): void {
  if (!isThere(context, args, 1)) return context.reply.error(NO_SUCH_KEY);
  if (isSameKey(args, 1, 2) || moveKey(context, args)) context.reply.ok();
}

/** RENAMENX key newkey: 0 when the new key exists. */
export function renamenx(context: CommandContext, args: Args): void {
  const { reply } = context;
  if (!isThere(context, args, 1)) return reply.error(NO_SUCH_KEY);
  if (isThere(context, args, 2)) return reply.integer(0);
  if (moveKey(context, args)) reply.integer(1);
}

/** False when memory has run out, which has then been answered. */
function moveKey(context: CommandContext, args: Args): boolean {
  const { buffer, start, end } = args;
  if (context.db.rename(buffer, start[1], end[1], buffer, start[2], end[2]) === 'oom') {
    replyOutOfMemory(context);
    return false;
  }
  context.touch(args, 1, KeyEvents.renameFrom);
  context.touch(args, 2, KeyEvents.renameTo);
  return true;
}

function isThere(context: CommandContext, args: Args, i: number): boolean {
  return context.db.find(args.buffer, args.start[i], args.end[i]) !== 0;
}

export function isSameKey(args: Args, i: number, j: number): boolean {
  const { buffer, start, end } = args;
  return equalBytes(buffer, start[i], end[i], buffer, start[j], end[j]);
}
