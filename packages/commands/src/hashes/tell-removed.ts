import type { EntryRef } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { KeyEvents } from '../key-events.ts';
import { partsOf } from './field-list.ts';

/**
 * The fields that the arguments `removed` name have been taken out of a hash: tells of it, removes the key if none is left (`entry`
 * 0: it is gone already), and has HDEL repeated elsewhere. `isExpiry`: their time was past.
 */
export function tellRemoved(
  context: CommandContext,
  args: Args,
  entry: EntryRef,
  removed: readonly number[],
  isExpiry: boolean,
): void {
  const { db } = context;
  if (isExpiry) context.expiredFields += removed.length;
  context.touch(args, 1, KeyEvents.hashDelete);
  if (entry !== 0 && db.countOf(entry) === 0) {
    db.removeEntry(entry);
    context.notify(args, 1, KeyEvents.del);
  }
  if (context.isPropagating) context.propagate('HDEL', { args, index: 1 }, ...partsOf(args, removed));
}
