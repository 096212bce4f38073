import type { EntryRef } from '@kvartz/engine';
import type { Args, ReplyWriter } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { CORRUPTED_HYPERLOGLOG } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED } from '../lookup.ts';
import { countDense } from './dense.ts';
import { estimateCardinality } from './estimate.ts';
import { cacheCardinality, cachedCardinality, headerBytes, isDense, isStale } from './layout.ts';
import { merge, merged } from './merged-registers.ts';
import { countSparse } from './sparse.ts';
import { hllToRead, makeRaw } from './store.ts';

/** How many registers there are of each value. */
const counts = new Int32Array(64);

/** PFCOUNT key [key ...]: of several keys the cardinality of their union. */
export function pfcount(context: CommandContext, args: Args): void {
  if (args.count > 2) return countUnion(context, args);
  const entry = hllToRead(context, args, 1);
  if (entry === REFUSED) return;
  if (entry === 0) return context.reply.integer(0);
  const { buffer, start } = context.db.stringOf(entry);
  if (isStale(buffer, start)) countAnew(context, args);
  else replyCardinality(context.reply, cachedCardinality(buffer, start));
  makeRaw(context, args, 1, entry);
}

/** Counts what is in the keyspace's span, and keeps the result with it. */
function countAnew(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const { buffer, start, end } = db.span;
  counts.fill(0);
  if (isDense(buffer, start)) countDense(buffer.u8, start + headerBytes, counts);
  else if (!countSparse(buffer.u8, start + headerBytes, end, counts)) return reply.error(CORRUPTED_HYPERLOGLOG);
  const cardinality = estimateCardinality(counts);
  const edited: EntryRef = db.editString(args.buffer, args.start[1], args.end[1], end - start);
  if (edited !== 0) {
    const string = db.stringOf(edited);
    cacheCardinality(string.buffer, string.start, cardinality);
    context.touch(args, 1, KeyEvents.none);
  }
  replyCardinality(reply, cardinality);
}

function countUnion(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  merged.fill(0);
  for (let i = 1; i < args.count; i++) {
    const entry = hllToRead(context, args, i);
    if (entry === REFUSED) return;
    if (entry === 0) continue;
    const { buffer, start, end } = db.stringOf(entry);
    if (!merge(buffer, start, end)) return reply.error(CORRUPTED_HYPERLOGLOG);
  }
  counts.fill(0);
  for (let i = 0; i < merged.length; i++) counts[merged[i]]++;
  replyCardinality(reply, estimateCardinality(counts));
}

function replyCardinality(reply: ReplyWriter, cardinality: number): void {
  if (Number.isSafeInteger(cardinality)) reply.integer(cardinality);
  // Redis prints all 64 bits as a signed number.
  else reply.bigInteger(BigInt.asIntN(64, BigInt(cardinality)));
}
