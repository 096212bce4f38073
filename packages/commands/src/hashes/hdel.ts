import { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';

/** HDEL key field [field ...]. */
export function hdel(context: CommandContext, args: Args): void {
  const { db } = context;
  const entry = typedToWrite(context, args, 1, ValueType.hash);
  if (entry === REFUSED) return;
  let removed = 0;
  const count = entry === 0 ? 0 : db.countOf(entry);
  for (let i = 2; i < args.count && removed < count; i++) {
    if (db.hashes.remove(entry, args.buffer, args.start[i], args.end[i])) removed++;
  }
  if (removed > 0) {
    context.touch(args, 1, KeyEvents.hashDelete);
    if (removed === count) {
      db.removeEntry(entry);
      context.notify(args, 1, KeyEvents.del);
    }
  }
  context.reply.integer(removed);
}
