import type { EntryRef } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { CORRUPTED_HYPERLOGLOG } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { denseRegister, setDenseRegister } from './dense.ts';
import { indexBits, patternOf, registerCount } from './element-pattern.ts';
import { headerBytes, isDense, markStale } from './layout.ts';
import { sparseRegister } from './sparse.ts';
import { draft, hllToWrite, makeRaw, storeDraft } from './store.ts';

const indexMask = registerCount - 1;

/** PFADD key [element ...]. */
export function pfadd(context: CommandContext, args: Args): void {
  const entry = hllToWrite(context, args, 1);
  if (entry === REFUSED) return;
  if (entry === 0) {
    draft.clear();
    return addToDraft(context, args, 2, true);
  }
  // Where `hllToWrite` has looked at the string.
  const { buffer, start } = context.db.span;
  if (isDense(buffer, start)) return addToDense(context, args);
  makeRaw(context, args, 1, entry);
  addToSparse(context, args, entry);
}

/** In place. Most elements change nothing once there are many. */
function addToDense(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const key = args.buffer;
  let { buffer, start } = db.span;
  let isChanged = false;
  for (let i = 2; i < args.count; i++) {
    const pattern = patternOf(key, args.start[i], args.end[i]);
    const index = pattern & indexMask;
    const run = pattern >>> indexBits;
    if (denseRegister(buffer.u8, start + headerBytes, index) >= run) continue;
    if (!isChanged) {
      const edited = db.editString(key, args.start[1], args.end[1], db.span.end - db.span.start);
      if (edited === 0) return replyOutOfMemory(context);
      ({ buffer, start } = db.stringOf(edited));
      isChanged = true;
    }
    setDenseRegister(buffer.u8, start + headerBytes, index, run);
  }
  if (!isChanged) return reply.integer(0);
  markStale(buffer, start);
  context.touch(args, 1, KeyEvents.pfAdd);
  reply.integer(1);
}

/** Reads in place; from the first element on that changes something, works on a draft. */
function addToSparse(context: CommandContext, args: Args, entry: EntryRef): void {
  const { db, reply } = context;
  const { buffer, start, end } = db.stringOf(entry);
  for (let i = 2; i < args.count; i++) {
    const pattern = patternOf(args.buffer, args.start[i], args.end[i]);
    const value = sparseRegister(buffer.u8, start + headerBytes, end, pattern & indexMask);
    if (value >= pattern >>> indexBits) continue;
    if (value >= 0 && draft.load(buffer, start, end)) return addToDraft(context, args, i, false);
    return reply.error(CORRUPTED_HYPERLOGLOG);
  }
  reply.integer(0);
}

/** Adds the elements from argument `from` on to the draft, and stores it; what comes before one that fails too, as in Redis. */
function addToDraft(context: CommandContext, args: Args, from: number, isNew: boolean): void {
  const { reply } = context;
  let isChanged = isNew;
  let isCorrupted = false;
  for (let i = from; i < args.count && !isCorrupted; i++) {
    const pattern = patternOf(args.buffer, args.start[i], args.end[i]);
    const raised = draft.raise(pattern & indexMask, pattern >>> indexBits, context.hllSparseBytesMax);
    if (raised < 0) isCorrupted = true;
    else if (raised > 0) isChanged = true;
  }
  if (isChanged) {
    markStale(draft.bytes, 0);
    if (!storeDraft(context, args, 1)) return replyOutOfMemory(context);
    context.touch(args, 1, KeyEvents.pfAdd);
  }
  if (isCorrupted) reply.error(CORRUPTED_HYPERLOGLOG);
  else reply.integer(isChanged ? 1 : 0);
}
