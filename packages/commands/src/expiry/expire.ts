import { type EntryRef, NO_EXPIRY } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { isKeyword, textAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import {
  GT_WITH_LT,
  invalidExpireTime,
  NOT_INTEGER,
  NX_WITH_OTHERS,
  OUT_OF_MEMORY,
  unsupportedOption,
} from '../errors.ts';
import { expireTimeAt, TIME_OVERFLOW } from './expire-time.ts';
import { isPast, removeExpired, storeExpireTime } from './store-expire-time.ts';

export function expire(context: CommandContext, args: Args): void {
  giveTime(context, args, 1000, context.nowMs, 'expire');
}

export function pexpire(context: CommandContext, args: Args): void {
  giveTime(context, args, 1, context.nowMs, 'pexpire');
}

export function expireat(context: CommandContext, args: Args): void {
  giveTime(context, args, 1000, 0, 'expireat');
}

export function pexpireat(context: CommandContext, args: Args): void {
  giveTime(context, args, 1, 0, 'pexpireat');
}

/** Bits: any number of conditions may stand together, but for those that contradict each other. */
const Condition = { nx: 1, xx: 2, gt: 4, lt: 8 } as const;
const REFUSED = -1;

/** EXPIRE key time [NX | XX | GT | LT]. Negative times are past. */
function giveTime(context: CommandContext, args: Args, unitMs: number, baseMs: number, command: string): void {
  const { db, reply } = context;
  const conditions = args.count === 3 ? 0 : readConditions(context, args);
  if (conditions === REFUSED) return;
  const atMs = expireTimeAt(args, 2, unitMs, baseMs);
  if (Number.isNaN(atMs)) return reply.error(NOT_INTEGER);
  if (atMs === TIME_OVERFLOW) return reply.error(invalidExpireTime(command));
  const entry = db.find(args.buffer, args.start[1], args.end[1]);
  if (entry === 0 || (conditions !== 0 && !isAllowed(context, entry, conditions, atMs))) return reply.integer(0);
  if (isPast(context, atMs)) removeExpired(context, args, 1, entry);
  else if (!storeExpireTime(context, args, 1, entry, atMs)) return reply.error(OUT_OF_MEMORY);
  reply.integer(1);
}

function readConditions(context: CommandContext, args: Args): number {
  let conditions = 0;
  for (let i = 3; i < args.count; i++) {
    if (isKeyword(args, i, 'nx')) conditions |= Condition.nx;
    else if (isKeyword(args, i, 'xx')) conditions |= Condition.xx;
    else if (isKeyword(args, i, 'gt')) conditions |= Condition.gt;
    else if (isKeyword(args, i, 'lt')) conditions |= Condition.lt;
    else {
      context.reply.error(unsupportedOption(textAt(args, i)));
      return REFUSED;
    }
  }
  if (conditions & Condition.nx && conditions !== Condition.nx) {
    context.reply.error(NX_WITH_OTHERS);
    return REFUSED;
  }
  if (conditions & Condition.gt && conditions & Condition.lt) {
    context.reply.error(GT_WITH_LT);
    return REFUSED;
  }
  return conditions;
}

/** A key without a time counts as one that expires later than any other. */
function isAllowed(context: CommandContext, entry: EntryRef, conditions: number, atMs: number): boolean {
  const currentMs = context.db.expireAtMs(entry);
  const hasTime = currentMs !== NO_EXPIRY;
  if (conditions & Condition.nx && hasTime) return false;
  if (conditions & Condition.xx && !hasTime) return false;
  if (conditions & Condition.gt && (!hasTime || atMs <= currentMs)) return false;
  return !(conditions & Condition.lt && hasTime && atMs >= currentMs);
}
