import { NO_EXPIRY } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR } from '../errors.ts';
import { ExpireOption, expireOptionAt, readExpireOption } from '../expiry/expire-option.ts';
import { isPast, removeExpired, storeExpireTime } from '../expiry/store-expire-time.ts';
import { KeyEvents } from '../key-events.ts';
import { stringToRead } from '../lookup.ts';
import { replyOutOfMemory, replyString } from './store.ts';

/** GETEX key [EX s | PX ms | EXAT s | PXAT ms | PERSIST]. */
export function getex(context: CommandContext, args: Args): void {
  let isPersist = false;
  let option: ExpireOption = ExpireOption.none;
  let optionIndex = 0;
  for (let i = 2; i < args.count; i++) {
    if (option === ExpireOption.none && isKeyword(args, i, 'persist')) isPersist = true;
    else {
      const next = expireOptionAt(args, i);
      const isConflict = isPersist || (option !== ExpireOption.none && option !== next);
      if (next === ExpireOption.none || isConflict || i + 1 === args.count) return context.reply.error(SYNTAX_ERROR);
      option = next;
      optionIndex = ++i;
    }
  }

  const entry = stringToRead(context, args, 1);
  if (entry < 0) return;
  if (entry === 0) return context.reply.null();
  let expireAtMs: number = NO_EXPIRY;
  if (option !== ExpireOption.none) {
    expireAtMs = readExpireOption(context, args, option, optionIndex, 'getex');
    if (Number.isNaN(expireAtMs)) return;
  }

  const replyStart = context.reply.position;
  replyString(context, entry);
  const isMoment = option === ExpireOption.exat || option === ExpireOption.pxat;
  if (isMoment && isPast(context, expireAtMs)) removeExpired(context, args, 1, entry);
  else if (option !== ExpireOption.none) {
    if (!storeExpireTime(context, args, 1, entry, expireAtMs)) replyOutOfMemory(context, replyStart);
  } else if (isPersist && context.db.expireAtMs(entry) !== NO_EXPIRY) {
    context.db.setExpireAtMs(entry, NO_EXPIRY);
    context.touch(args, 1, KeyEvents.persist);
    if (context.isPropagating) context.propagate('PERSIST', { args, index: 1 });
  }
}
