import { type EntryRef, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { FIELD_COUNT_NOT_POSITIVE } from '../errors.ts';
import { ExpireOption, expireOptionAt } from '../expiry/expire-option.ts';
import { isPast } from '../expiry/store-expire-time.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { fieldListAt, REFUSED_LIST } from './field-list.ts';
import { fieldTime, optionFieldTime, storeFieldTime } from './field-time.ts';
import { tellTimes } from './hexpire.ts';
import { tellPersisted } from './httl.ts';
import { replyField } from './one-field.ts';
import { tellRemoved } from './tell-removed.ts';

/** What becomes of the times of the fields. */
type Change = 'none' | 'persist' | 'remove' | 'set';

/** HGETEX key [EX s | PX ms | EXAT s | PXAT ms | PERSIST] FIELDS count field [field ...]. */
export function hgetex(context: CommandContext, args: Args): void {
  const { reply } = context;
  const found = typedToWrite(context, args, 1, ValueType.hash);
  if (found === REFUSED) return;
  const option = expireOptionAt(args, 2);
  const isPersist = isKeyword(args, 2, 'persist');
  const atMs = option === ExpireOption.none ? Infinity : optionFieldTime(context, args, option, 3, 'hgetex');
  if (Number.isNaN(atMs)) return;
  const listAt = isPersist ? 3 : option === ExpireOption.none ? 2 : 4;
  const first = fieldListAt(context, args, listAt, FIELD_COUNT_NOT_POSITIVE);
  if (first === REFUSED_LIST) return;
  const change: Change = isPersist
    ? 'persist'
    : option === ExpireOption.none
      ? 'none'
      : isPast(context, atMs)
        ? 'remove'
        : 'set';
  const replyStart = reply.position;
  const done: number[] = [];
  let entry = found;
  let isFull = false;
  reply.array(args.count - first);
  for (let i = first; i < args.count && !isFull; i++) {
    entry = replyField(context, args, entry, i);
    if (entry === 0 || change === 'none') continue;
    const currentMs = fieldTime(context, args, entry, i);
    if (Number.isNaN(currentMs) || (change === 'persist' && currentMs === Infinity)) continue;
    if (applyChange(context, args, entry, i, change, atMs)) done.push(i);
    else isFull = true;
  }
  if (done.length > 0) tell(context, args, entry, done, change, atMs);
  if (isFull) replyOutOfMemory(context, replyStart);
}

/** False: no memory, and nothing has changed. */
function applyChange(
  context: CommandContext,
  args: Args,
  entry: EntryRef,
  i: number,
  change: Change,
  atMs: number,
): boolean {
  if (change !== 'remove') return storeFieldTime(context, args, entry, i, atMs);
  return context.db.hashes.remove(entry, args.buffer, args.start[i], args.end[i]);
}

function tell(
  context: CommandContext,
  args: Args,
  entry: EntryRef,
  fields: readonly number[],
  change: Change,
  atMs: number,
): void {
  if (change === 'set') tellTimes(context, args, fields, atMs);
  else if (change === 'persist') tellPersisted(context, args, fields);
  else tellRemoved(context, args, entry, fields, true);
}
