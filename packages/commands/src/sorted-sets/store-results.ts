import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { type KeyEvent, KeyEvents } from '../key-events.ts';
import { replyOutOfMemory } from '../strings/store.ts';

/**
 * Sets the key in argument `key` to the results, whatever it held; removes it where there are none. Tells of it and answers with
 * their number. The results are free afterwards.
 */
export function storeResults(context: CommandContext, args: Args, key: number, event: KeyEvent): void {
  const { db, reply } = context;
  const { buffer, start, end } = args;
  const { results } = db.sortedSets;
  const { count } = results;
  if (count === 0) {
    results.free();
    if (db.remove(buffer, start[key], end[key])) context.touch(args, key, KeyEvents.del);
    return reply.integer(0);
  }
  if (!results.order() || results.store(buffer, start[key], end[key]) === 0) {
    results.free();
    return replyOutOfMemory(context);
  }
  context.touch(args, key, event);
  reply.integer(count);
}
