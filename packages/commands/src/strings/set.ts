import { KEEP_TTL, NO_EXPIRY } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { SYNTAX_ERROR } from '../errors.ts';
import { ExpireOption, expireOptionAt, readExpireOption } from '../expiry/expire-option.ts';
import { KeyEvents } from '../key-events.ts';
import { stringToRead } from '../lookup.ts';
import { replyString, storeString } from './store.ts';

export function set(context: CommandContext, args: Args): void {
  if (args.count !== 3) return setWithOptions(context, args);
  if (storeString(context, args, 1, 2)) context.reply.ok();
}

const Condition = { none: 0, absent: 1, present: 2 } as const;
type Condition = (typeof Condition)[keyof typeof Condition];

/** SET key value [NX | XX] [GET] [EX s | PX ms | EXAT s | PXAT ms | KEEPTTL], in any order. */
function setWithOptions(context: CommandContext, args: Args): void {
  let condition: Condition = Condition.none;
  let isGet = false;
  let isKeepTtl = false;
  let expireOption: ExpireOption = ExpireOption.none;
  let expireIndex = 0;
  for (let i = 3; i < args.count; i++) {
    if (condition !== Condition.present && isKeyword(args, i, 'nx')) condition = Condition.absent;
    else if (condition !== Condition.absent && isKeyword(args, i, 'xx')) condition = Condition.present;
    else if (isKeyword(args, i, 'get')) isGet = true;
    else if (expireOption === ExpireOption.none && isKeyword(args, i, 'keepttl')) isKeepTtl = true;
    else {
      const option = expireOptionAt(args, i);
      // The same option twice is allowed, and the last one counts.
      const isConflict = isKeepTtl || (expireOption !== ExpireOption.none && expireOption !== option);
      if (option === ExpireOption.none || isConflict || i + 1 === args.count) return context.reply.error(SYNTAX_ERROR);
      expireOption = option;
      expireIndex = ++i;
    }
  }

  let expireAtMs: number = isKeepTtl ? KEEP_TTL : NO_EXPIRY;
  if (expireOption !== ExpireOption.none) {
    expireAtMs = readExpireOption(context, args, expireOption, expireIndex, 'set');
    if (Number.isNaN(expireAtMs)) return;
  }

  const { reply } = context;
  const replyStart = reply.position;
  if (isGet) {
    const entry = stringToRead(context, args, 1);
    if (entry < 0) return;
    if (entry === 0) reply.null();
    else replyString(context, entry);
  }
  if (condition !== Condition.none) {
    const isPresent = context.db.find(args.buffer, args.start[1], args.end[1]) !== 0;
    if (isPresent !== (condition === Condition.present)) {
      if (!isGet) reply.null();
      return;
    }
  }
  if (!storeString(context, args, 1, 2, expireAtMs, replyStart)) return;
  if (expireOption !== ExpireOption.none) context.notify(args, 1, KeyEvents.expire);
  if (!isGet) reply.ok();
  if (context.isPropagating) propagateSet(context, args, 2, expireAtMs);
}

/** What is left of a SET that happened: no condition, an absolute time. */
export function propagateSet(context: CommandContext, args: Args, value: number, expireAtMs: number): void {
  const key = { args, index: 1 };
  const content = { args, index: value };
  if (expireAtMs === NO_EXPIRY) context.propagate('SET', key, content);
  else if (expireAtMs === KEEP_TTL) context.propagate('SET', key, content, 'KEEPTTL');
  else context.propagate('SET', key, content, 'PXAT', expireAtMs);
}

/** SET ... GET reads the key as well, to COMMAND GETKEYSANDFLAGS and to ACLs. */
export function setKeyFlags(args: Args): readonly string[] {
  for (let i = 3; i < args.count; i++) if (isKeyword(args, i, 'get')) return ['RW', 'ACCESS', 'UPDATE'];
  return ['OW', 'UPDATE'];
}
