import { type EntryRef, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { NUMFIELDS_NOT_POSITIVE } from '../errors.ts';
import { isPast } from '../expiry/store-expire-time.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { fieldListAt, partsOf, REFUSED_LIST } from './field-list.ts';
import { fieldTime, fieldTimeAt, storeFieldTime } from './field-time.ts';
import { withoutExpired } from './one-field.ts';
import { tellRemoved } from './tell-removed.ts';

export function hexpire(context: CommandContext, args: Args): void {
  giveTimes(context, args, 1000, context.nowMs, 'hexpire');
}

export function hpexpire(context: CommandContext, args: Args): void {
  giveTimes(context, args, 1, context.nowMs, 'hpexpire');
}

export function hexpireat(context: CommandContext, args: Args): void {
  giveTimes(context, args, 1000, 0, 'hexpireat');
}

export function hpexpireat(context: CommandContext, args: Args): void {
  giveTimes(context, args, 1, 0, 'hpexpireat');
}

/** What is said of each field. */
const Outcome = { noField: -2, notAllowed: 0, set: 1, removed: 2 } as const;

const conditions = ['nx', 'xx', 'gt', 'lt'] as const;
type Condition = (typeof conditions)[number];

/** HEXPIRE key time [NX | XX | GT | LT] FIELDS count field [field ...]. */
function giveTimes(context: CommandContext, args: Args, unitMs: number, baseMs: number, command: string): void {
  const found = typedToWrite(context, args, 1, ValueType.hash);
  if (found === REFUSED) return;
  const atMs = fieldTimeAt(context, args, 2, unitMs, baseMs, command);
  if (Number.isNaN(atMs)) return;
  const condition = conditions.find((name) => isKeyword(args, 3, name));
  const first = fieldListAt(context, args, condition === undefined ? 3 : 4, NUMFIELDS_NOT_POSITIVE);
  if (first === REFUSED_LIST) return;
  const { reply } = context;
  const replyStart = reply.position;
  const isRemoval = isPast(context, atMs);
  const done: number[] = [];
  let entry = found;
  let isFull = false;
  reply.array(args.count - first);
  for (let i = first; i < args.count && !isFull; i++) {
    entry = withoutExpired(context, args, entry, i);
    const outcome = outcomeFor(context, args, entry, i, atMs, condition);
    if (outcome !== Outcome.set) reply.integer(outcome);
    else if (isRemoval) {
      context.db.hashes.remove(entry, args.buffer, args.start[i], args.end[i]);
      done.push(i);
      reply.integer(Outcome.removed);
    } else if (storeFieldTime(context, args, entry, i, atMs)) {
      done.push(i);
      reply.integer(Outcome.set);
    } else isFull = true;
  }
  if (done.length > 0) {
    if (isRemoval) tellRemoved(context, args, entry, done, true);
    else tellTimes(context, args, done, atMs);
  }
  if (isFull) replyOutOfMemory(context, replyStart);
}

/** Fields have been given a time. Repeated elsewhere as HPEXPIREAT. */
export function tellTimes(context: CommandContext, args: Args, fields: readonly number[], atMs: number): void {
  context.touch(args, 1, KeyEvents.hashExpire);
  if (!context.isPropagating) return;
  const list = ['FIELDS', fields.length, ...partsOf(args, fields)];
  context.propagate('HPEXPIREAT', { args, index: 1 }, atMs, ...list);
}

/** `set`: the field may have the time. One without a time counts as one that expires later than any other. */
function outcomeFor(
  context: CommandContext,
  args: Args,
  entry: EntryRef,
  i: number,
  atMs: number,
  condition: Condition | undefined,
): number {
  const currentMs = entry === 0 ? NaN : fieldTime(context, args, entry, i);
  if (Number.isNaN(currentMs)) return Outcome.noField;
  const isAllowed =
    condition === undefined ||
    (condition === 'nx' && currentMs === Infinity) ||
    (condition === 'xx' && currentMs !== Infinity) ||
    (condition === 'gt' && atMs > currentMs) ||
    (condition === 'lt' && atMs < currentMs);
  return isAllowed ? Outcome.set : Outcome.notAllowed;
}
