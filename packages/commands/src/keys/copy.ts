import type { Args } from '@kvartz/resp';
import { isKeyword } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { COPY_IN_CLUSTER, SAME_OBJECT, SYNTAX_ERROR } from '../errors.ts';
import { KeyEvents } from '../key-events.ts';
import { keyToRead } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';
import { readDatabaseIndex } from './database-index.ts';
import { isSameKey } from './rename.ts';

/** COPY source destination [DB index] [REPLACE]. */
export function copy(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  let targetIndex = context.dbIndex;
  let isReplace = false;
  for (let i = 3; i < args.count; i++) {
    if (isKeyword(args, i, 'replace')) isReplace = true;
    else if (isKeyword(args, i, 'db') && i + 1 < args.count) {
      targetIndex = readDatabaseIndex(context, args, ++i);
      if (targetIndex < 0) return;
    } else return reply.error(SYNTAX_ERROR);
  }
  if (context.isClusterEnabled && (context.dbIndex !== 0 || targetIndex !== 0)) return reply.error(COPY_IN_CLUSTER);
  if (targetIndex === context.dbIndex && isSameKey(args, 1, 2)) return reply.error(SAME_OBJECT);

  if (keyToRead(context, args, 1) === 0) return reply.integer(0);
  const { buffer, start, end } = args;
  const target = context.databases[targetIndex];
  if (!isReplace && target.find(buffer, start[2], end[2]) !== 0) return reply.integer(0);
  // Found again: the look at the target may have removed what had expired there, and with it moved the source.
  const source = db.peek(buffer, start[1], end[1]);
  if (db.copyTo(source, target, buffer, start[2], end[2]) === 0) return replyOutOfMemory(context);
  context.touchKey(targetIndex, buffer, start[2], end[2], KeyEvents.copyTo);
  reply.integer(1);
}
