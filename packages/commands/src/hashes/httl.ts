import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { FIELD_COUNT_NOT_POSITIVE } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, typedToRead, typedToWrite } from '../lookup.ts';
import { fieldListAt, partsOf, REFUSED_LIST } from './field-list.ts';
import { fieldTime, storeFieldTime } from './field-time.ts';

/** What is said in place of a time. */
const NO_TIME = -1;
const NO_FIELD = -2;
/** What HPERSIST says of a field whose time it has taken away. */
const PERSISTED = 1;

export function httl(context: CommandContext, args: Args): void {
  replyTimes(context, args, 1000, context.nowMs);
}

export function hpttl(context: CommandContext, args: Args): void {
  replyTimes(context, args, 1, context.nowMs);
}

export function hexpiretime(context: CommandContext, args: Args): void {
  replyTimes(context, args, 1000, 0);
}

export function hpexpiretime(context: CommandContext, args: Args): void {
  replyTimes(context, args, 1, 0);
}

/** HTTL key FIELDS count field [field ...]. Seconds are rounded up. */
function replyTimes(context: CommandContext, args: Args, unitMs: number, sinceMs: number): void {
  const { reply } = context;
  const entry = typedToRead(context, args, 1, ValueType.hash);
  if (entry === REFUSED) return;
  const first = fieldListAt(context, args, 2, FIELD_COUNT_NOT_POSITIVE);
  if (first === REFUSED_LIST) return;
  reply.array(args.count - first);
  for (let i = first; i < args.count; i++) {
    const atMs = entry === 0 ? NaN : fieldTime(context, args, entry, i);
    if (Number.isNaN(atMs)) reply.integer(NO_FIELD);
    else reply.integer(atMs === Infinity ? NO_TIME : Math.ceil((atMs - sinceMs) / unitMs));
  }
}

/** HPERSIST key FIELDS count field [field ...]. */
export function hpersist(context: CommandContext, args: Args): void {
  const { reply } = context;
  const entry = typedToWrite(context, args, 1, ValueType.hash);
  if (entry === REFUSED) return;
  const first = fieldListAt(context, args, 2, FIELD_COUNT_NOT_POSITIVE);
  if (first === REFUSED_LIST) return;
  const persisted: number[] = [];
  reply.array(args.count - first);
  for (let i = first; i < args.count; i++) {
    const atMs = entry === 0 ? NaN : fieldTime(context, args, entry, i);
    if (Number.isNaN(atMs)) reply.integer(NO_FIELD);
    else if (atMs === Infinity) reply.integer(NO_TIME);
    else {
      storeFieldTime(context, args, entry, i, Infinity);
      persisted.push(i);
      reply.integer(PERSISTED);
    }
  }
  if (persisted.length > 0) tellPersisted(context, args, persisted);
}

/** The times of fields have been taken away. */
export function tellPersisted(context: CommandContext, args: Args, fields: readonly number[]): void {
  context.touch(args, 1, KeyEvents.hashPersist);
  if (!context.isPropagating) return;
  context.propagate('HPERSIST', { args, index: 1 }, 'FIELDS', fields.length, ...partsOf(args, fields));
}
