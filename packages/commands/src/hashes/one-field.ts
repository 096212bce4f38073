import type { EntryRef } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';

/** The hash, 0 for none, after field `i` has been removed from it if its time has come; 0 when that was its last field. */
export function withoutExpired({ db }: CommandContext, args: Args, entry: EntryRef, i: number): EntryRef {
  return entry === 0 ? 0 : db.expireField(entry, args.buffer, args.start[i], args.end[i]);
}

/** Answers with the value of field `i`, or null, and returns the hash as `withoutExpired` does. */
export function replyField(context: CommandContext, args: Args, found: EntryRef, i: number): EntryRef {
  const { db, reply } = context;
  const entry = withoutExpired(context, args, found, i);
  if (entry !== 0 && db.hashes.get(entry, args.buffer, args.start[i], args.end[i])) {
    const { buffer, start, end } = db.hashes.value;
    reply.bulk(buffer, start, end);
  } else reply.null();
  return entry;
}
