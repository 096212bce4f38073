import { Addition, type EntryRef, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { KeyEvents } from '../key-events.ts';
import { isSameKey } from '../keys/rename.ts';
import { REFUSED, typedToWrite } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { removeIfEmpty } from './members.ts';

/** SMOVE source destination member. */
export function smove(context: CommandContext, args: Args): void {
  const { reply } = context;
  const { sets } = context.db;
  const { buffer, start, end } = args;
  const source = typedToWrite(context, args, 1, ValueType.set);
  if (source === REFUSED) return;
  if (source === 0) return reply.integer(0);
  const target = typedToWrite(context, args, 2, ValueType.set);
  if (target === REFUSED) return;
  const isThere = sets.has(source, buffer, start[3], end[3]);
  if (!isThere || isSameKey(args, 1, 2)) return reply.integer(isThere ? 1 : 0);
  // First what may fail.
  const addition = addTo(context, args, target);
  if (addition === Addition.noMemory) return replyOutOfMemory(context);
  sets.remove(source, buffer, start[3], end[3]);
  context.touch(args, 1, KeyEvents.setRemove);
  removeIfEmpty(context, args, 1, source);
  if (target === 0) context.notify(args, 2, KeyEvents.newKey);
  if (addition === Addition.added) context.touch(args, 2, KeyEvents.setAdd);
  reply.integer(1);
}

/** Of a new target is told later: it comes into being when the member has left the source. */
function addTo({ db }: CommandContext, { buffer, start, end }: Args, target: EntryRef): Addition {
  if (target !== 0) return db.sets.add(target, buffer, start[3], end[3]);
  const { tellsAdded } = db;
  db.tellsAdded = false;
  const created = db.sets.create(buffer, start[2], end[2], buffer, start[3], end[3]);
  db.tellsAdded = tellsAdded;
  return created === 0 ? Addition.noMemory : Addition.added;
}
