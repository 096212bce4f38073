import type { EntryRef } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { KeyEvents } from '../key-events.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import type { SortRequest } from './sort-request.ts';
import type { Sorted } from './sorted.ts';

/** Puts the result, a list, under the key of STORE; an empty one deletes it. */
export function storeSorted(context: CommandContext, args: Args, request: SortRequest, sorted: Sorted): void {
  const { db, reply } = context;
  const { buffer, start, end } = args;
  const key = request.storeKey;
  const count = (sorted.end - sorted.first) * Math.max(1, request.gets.length);
  if (count === 0) {
    if (db.remove(buffer, start[key], end[key])) context.touch(args, key, KeyEvents.del);
    return reply.integer(0);
  }
  const { lists } = db;
  const list = lists.detached();
  if (list !== 0 && fill(context, request, sorted, list)) {
    if (lists.attach(list, buffer, start[key], end[key]) !== 0) {
      context.touch(args, key, KeyEvents.sortStore);
      return reply.integer(count);
    }
  }
  if (list !== 0) lists.free(list);
  replyOutOfMemory(context);
}

/** False when there is no memory. */
function fill(context: CommandContext, request: SortRequest, sorted: Sorted, list: EntryRef): boolean {
  const { lists } = context.db;
  const { elements, order } = sorted;
  const { bytes } = elements;
  for (let i = sorted.first; i < sorted.end; i++) {
    const start = elements.startOf(order[i]);
    const end = elements.ends[order[i]];
    if (request.gets.length === 0 && !lists.push(list, true, bytes, start, end)) return false;
    for (const pattern of request.gets) {
      const value = pattern.isElement ? undefined : pattern.valueFor(context, bytes, start, end);
      let isDone: boolean;
      if (pattern.isElement) isDone = lists.push(list, true, bytes, start, end);
      else if (value === undefined) isDone = lists.push(list, true, bytes, 0, 0);
      else isDone = lists.push(list, true, value.buffer, value.start, value.end);
      if (!isDone) return false;
    }
  }
  return true;
}
