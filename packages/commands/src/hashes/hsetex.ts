import { type EntryRef, FieldResult, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext, EffectPart } from '../context.ts';
import { isPast } from '../expiry/store-expire-time.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { partsOf } from './field-list.ts';
import { storeFieldTime } from './field-time.ts';
import { type HsetexRequest, readHsetex } from './hsetex-request.ts';
import { withoutExpired } from './one-field.ts';

/** HSETEX: 1 when the fields were set, 0 when the condition was not met. */
export function hsetex(context: CommandContext, args: Args): void {
  const request = readHsetex(context, args);
  if (request === undefined) return;
  const found = typedToWrite(context, args, 1, ValueType.hash);
  if (found === REFUSED) return;
  const entry = request.condition === 'none' ? found : entryIfMet(context, args, found, request);
  if (entry === REFUSED) return context.reply.integer(0);
  if (isPast(context, request.atMs)) removePast(context, args, entry, request.first);
  else if (!setPairs(context, args, entry, request)) return;
  context.reply.integer(1);
}

/** The hash without those of the fields that have expired, 0 for none; REFUSED when the condition is not met. */
function entryIfMet(context: CommandContext, args: Args, found: EntryRef, request: HsetexRequest): EntryRef {
  const mustBeThere = request.condition === 'fxx';
  let entry = found;
  for (let i = request.first; i < args.count; i += 2) {
    entry = withoutExpired(context, args, entry, i);
    const isThere = entry !== 0 && context.db.hashes.has(entry, args.buffer, args.start[i], args.end[i]);
    if (isThere !== mustBeThere) return REFUSED;
  }
  return entry;
}

/** Sets the pairs. `found` 0: there is no hash yet. False: memory ran out, which has been answered. */
function setPairs(context: CommandContext, args: Args, found: EntryRef, request: HsetexRequest): boolean {
  const { hashes } = context.db;
  const { buffer, start, end } = args;
  const { atMs, first, isTimeKept } = request;
  const hasTime = atMs !== Infinity;
  const entry = found === 0 ? hashes.create(buffer, start[1], end[1]) : found;
  let i = first;
  let isHalfSet = false;
  for (; entry !== 0 && i < args.count; i += 2) {
    const isKept = hasTime || isTimeKept;
    const result = hashes.set(entry, buffer, start[i], end[i], buffer, start[i + 1], end[i + 1], isKept);
    isHalfSet = result !== FieldResult.noMemory;
    if (!isHalfSet || (hasTime && !storeFieldTime(context, args, entry, i, atMs))) break;
  }
  const isDone = i === args.count && entry !== 0;
  if (i > first || isHalfSet) {
    context.touch(args, 1, KeyEvents.hashSet);
    if (hasTime && i > first) context.notify(args, 1, KeyEvents.hashExpire);
    if (context.isPropagating) {
      if (i > first) propagatePairs(context, args, first, i, timeParts(request));
      // Of the pair at which memory ran out the value has been set, and the time has not.
      if (!isDone && isHalfSet) propagatePairs(context, args, i, i + 2, ['KEEPTTL']);
    }
  } else if (entry !== 0 && context.db.countOf(entry) === 0) context.db.removeEntry(entry);
  if (!isDone) replyOutOfMemory(context);
  return isDone;
}

function timeParts({ atMs, isTimeKept }: HsetexRequest): EffectPart[] {
  if (isTimeKept) return ['KEEPTTL'];
  return atMs === Infinity ? [] : ['PXAT', atMs];
}

/** The pairs from argument `from` to before `to`. Conditions have been judged here, once for all. */
function propagatePairs(
  context: CommandContext,
  args: Args,
  from: number,
  to: number,
  time: readonly EffectPart[],
): void {
  const indexes = Array.from({ length: to - from }, (_, n) => from + n);
  const list = ['FIELDS', (to - from) / 2, ...partsOf(args, indexes)];
  context.propagate('HSETEX', { args, index: 1 }, ...time, ...list);
}

/** The time is past: what would be set is gone at once. Told as in Redis, which sets the fields and then removes them. */
function removePast(context: CommandContext, args: Args, entry: EntryRef, first: number): void {
  const { db } = context;
  const removed: number[] = [];
  for (let i = first; entry !== 0 && i < args.count; i += 2) {
    if (db.hashes.remove(entry, args.buffer, args.start[i], args.end[i])) removed.push(i);
  }
  context.expiredFields += (args.count - first) / 2;
  context.touch(args, 1, KeyEvents.hashSet);
  context.notify(args, 1, KeyEvents.hashDelete);
  if (entry === 0 || db.countOf(entry) === 0) {
    if (entry !== 0) db.removeEntry(entry);
    context.notify(args, 1, KeyEvents.del);
  }
  if (removed.length === 0) context.propagateNothing();
  else if (context.isPropagating) context.propagate('HDEL', { args, index: 1 }, ...partsOf(args, removed));
}
