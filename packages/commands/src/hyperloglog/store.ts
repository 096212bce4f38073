import { Encoding, type EntryRef, KEEP_TTL } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { NOT_HYPERLOGLOG } from '../errors.ts';
import { REFUSED, stringToRead, stringToWrite } from '../lookup.ts';
import { HllDraft } from './draft.ts';
import { isHyperLogLog } from './layout.ts';

/** Used by one command after another. */
export const draft = new HllDraft();

/** The HyperLogLog that argument `i` names: 0 when there is none (a miss), REFUSED for anything else (answered). */
export function hllToRead(context: CommandContext, args: Args, i: number): EntryRef {
  return checked(context, stringToRead(context, args, i));
}

/** The same for a command that writes: hits and misses do not count. */
export function hllToWrite(context: CommandContext, args: Args, i: number): EntryRef {
  return checked(context, stringToWrite(context, args, i));
}

function checked(context: CommandContext, entry: EntryRef): EntryRef {
  if (entry === REFUSED || entry === 0) return entry;
  const { buffer, start, end } = context.db.stringOf(entry);
  if (isHyperLogLog(buffer, start, end)) return entry;
  context.reply.error(NOT_HYPERLOGLOG);
  return REFUSED;
}

/** Puts the draft under the key in argument `key`, which keeps its expiry. False when there is no memory. */
export function storeDraft(context: CommandContext, args: Args, key: number): boolean {
  const { buffer, start, end } = args;
  const { bytes, length } = draft;
  const entry = context.db.setString(buffer, start[key], end[key], bytes, 0, length, KEEP_TTL);
  if (entry === 0) return false;
  makeRaw(context, args, key, entry);
  return true;
}

/** Strings that were edited are raw, however short. */
export function makeRaw(context: CommandContext, args: Args, key: number, entry: EntryRef): void {
  const { db } = context;
  if (db.encodingOf(entry) !== Encoding.embstr) return;
  // Needs no memory: the length stays.
  db.editString(args.buffer, args.start[key], args.end[key], db.stringLength(entry));
}
