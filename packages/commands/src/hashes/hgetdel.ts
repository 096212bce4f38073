import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { FIELD_COUNT_NOT_POSITIVE } from '../errors.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { fieldListAt, REFUSED_LIST } from './field-list.ts';
import { replyField } from './one-field.ts';
import { tellRemoved } from './tell-removed.ts';

/** HGETDEL key FIELDS count field [field ...]: the values of the fields, which are then removed. */
export function hgetdel(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const found = typedToWrite(context, args, 1, ValueType.hash);
  if (found === REFUSED) return;
  const first = fieldListAt(context, args, 2, FIELD_COUNT_NOT_POSITIVE);
  if (first === REFUSED_LIST) return;
  const removed: number[] = [];
  let entry = found;
  reply.array(args.count - first);
  for (let i = first; i < args.count; i++) {
    entry = replyField(context, args, entry, i);
    if (entry !== 0 && db.hashes.remove(entry, args.buffer, args.start[i], args.end[i])) removed.push(i);
  }
  if (removed.length > 0) tellRemoved(context, args, entry, removed, false);
}
