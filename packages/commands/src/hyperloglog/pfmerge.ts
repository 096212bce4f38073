import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { CORRUPTED_HYPERLOGLOG } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { isDense, markStale } from './layout.ts';
import { merge, merged } from './merged-registers.ts';
import { draft, hllToRead, storeDraft } from './store.ts';

/** PFMERGE destination [source ...]: the destination is one of those that are united. */
export function pfmerge(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  let isAnyDense = false;
  merged.fill(0);
  draft.clear();
  for (let i = 1; i < args.count; i++) {
    const entry = hllToRead(context, args, i);
    if (entry === REFUSED) return;
    if (entry === 0) continue;
    const { buffer, start, end } = db.stringOf(entry);
    if (isDense(buffer, start)) isAnyDense = true;
    const isValid = merge(buffer, start, end) && (i > 1 || draft.load(buffer, start, end));
    if (!isValid) return reply.error(CORRUPTED_HYPERLOGLOG);
  }
  if (isAnyDense) draft.setDense(merged);
  else {
    for (let index = 0; index < merged.length; index++) {
      if (merged[index] > 0) draft.raise(index, merged[index], context.hllSparseBytesMax);
    }
  }
  markStale(draft.bytes, 0);
  if (!storeDraft(context, args, 1)) return replyOutOfMemory(context);
  context.touch(args, 1, KeyEvents.pfAdd);
  reply.ok();
}
