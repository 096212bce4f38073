import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { ExpireOption, readExpireOption } from '../expiry/expire-option.ts';
import { KeyEvents } from '../key-events.ts';
import { propagateSet } from './set.ts';
import { storeString } from './store.ts';

export function setex(context: CommandContext, args: Args): void {
  setWithDuration(context, args, ExpireOption.ex, 'setex');
}

export function psetex(context: CommandContext, args: Args): void {
  setWithDuration(context, args, ExpireOption.px, 'psetex');
}

/** SETEX key duration value. */
function setWithDuration(context: CommandContext, args: Args, option: ExpireOption, command: string): void {
  const expireAtMs = readExpireOption(context, args, option, 2, command);
  if (Number.isNaN(expireAtMs) || !storeString(context, args, 1, 3, expireAtMs)) return;
  context.notify(args, 1, KeyEvents.expire);
  context.reply.ok();
  if (context.isPropagating) propagateSet(context, args, 3, expireAtMs);
}

export function setnx(context: CommandContext, args: Args): void {
  if (context.db.find(args.buffer, args.start[1], args.end[1]) !== 0) context.reply.integer(0);
  else if (storeString(context, args, 1, 2)) context.reply.integer(1);
}
