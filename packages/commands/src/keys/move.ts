import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { MOVE_IN_CLUSTER, SAME_OBJECT } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { readDatabaseIndex } from './database-index.ts';

/** MOVE key db: 0 when the key is not here, or is there already. */
export function move(context: CommandContext, args: Args): void {
  const { db, dbIndex, reply } = context;
  if (context.isClusterEnabled) return reply.error(MOVE_IN_CLUSTER);
  const targetIndex = readDatabaseIndex(context, args, 2);
  if (targetIndex < 0) return;
  if (targetIndex === dbIndex) return reply.error(SAME_OBJECT);

  const { buffer, start, end } = args;
  const target = context.databases[targetIndex];
  // The target first: looking may remove what has expired, which would make a ref to the source stale.
  const isTaken = target.find(buffer, start[1], end[1]) !== 0;
  const entry = db.find(buffer, start[1], end[1]);
  if (entry === 0 || isTaken) return reply.integer(0);
  if (db.moveTo(entry, target) === 0) return replyOutOfMemory(context);
  context.touchKey(dbIndex, buffer, start[1], end[1], KeyEvents.moveFrom);
  context.touchKey(targetIndex, buffer, start[1], end[1], KeyEvents.moveTo);
  reply.integer(1);
}
