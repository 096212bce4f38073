import type { Args } from '@kvartz/resp';
import { isKeyword, textAt } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { CORRUPTED_HYPERLOGLOG, HYPERLOGLOG_NOT_SPARSE, PFDEBUG_NO_KEY, unknownPfdebug } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { denseRegister } from './dense.ts';
import { registerCount } from './element-pattern.ts';
import { headerBytes, isDense } from './layout.ts';
import { isValue, isXzero, lengthAt, opcodeBytes, valueOf } from './sparse.ts';
import { draft, hllToWrite, makeRaw, storeDraft } from './store.ts';

/** PFDEBUG GETREG | DECODE | ENCODING | TODENSE key. */
export function pfdebug(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const entry = hllToWrite(context, args, 2);
  if (entry === REFUSED) return;
  if (entry === 0) return reply.error(PFDEBUG_NO_KEY);
  makeRaw(context, args, 2, entry);
  const { buffer, start, end } = db.stringOf(entry);
  const wasDense = isDense(buffer, start);
  if (isKeyword(args, 1, 'getreg')) {
    if (makeDense(context, args)) replyRegisters(context, args);
  } else if (isKeyword(args, 1, 'decode')) {
    if (wasDense) reply.error(HYPERLOGLOG_NOT_SPARSE);
    else reply.bulkText(decode(buffer.u8, start + headerBytes, end));
  } else if (isKeyword(args, 1, 'encoding')) reply.simple(wasDense ? 'dense' : 'sparse');
  else if (isKeyword(args, 1, 'todense')) {
    if (makeDense(context, args)) reply.integer(wasDense ? 0 : 1);
  } else reply.error(unknownPfdebug(textAt(args, 1)));
}

/** Makes the key in argument 2, which the keyspace's span shows, dense. False when that failed, which has been answered. */
function makeDense(context: CommandContext, args: Args): boolean {
  const { buffer, start, end } = context.db.span;
  if (isDense(buffer, start)) return true;
  if (!draft.load(buffer, start, end) || !draft.toDense()) {
    context.reply.error(CORRUPTED_HYPERLOGLOG);
    return false;
  }
  if (!storeDraft(context, args, 2)) {
    replyOutOfMemory(context);
    return false;
  }
  context.touch(args, 2, KeyEvents.none);
  return true;
}

function replyRegisters({ db, reply }: CommandContext, args: Args): void {
  const { buffer, start } = db.stringOf(db.find(args.buffer, args.start[2], args.end[2]));
  reply.array(registerCount);
  for (let i = 0; i < registerCount; i++) reply.integer(denseRegister(buffer.u8, start + headerBytes, i));
}

/** `Z:16383 v:1,1`: runs of zeros (`Z` where they are XZEROs), values with how often they stand there. */
function decode(u8: Uint8Array, start: number, end: number): string {
  const runs: string[] = [];
  for (let at = start; at < end; at += opcodeBytes(u8[at])) {
    const length = lengthAt(u8, at);
    if (isValue(u8[at])) runs.push(`v:${valueOf(u8[at])},${length}`);
    else runs.push(`${isXzero(u8[at]) ? 'Z' : 'z'}:${length}`);
  }
  return runs.join(' ');
}
