import type { EntryRef } from '@kvartz/engine';
import type { CommandContext } from '../context.ts';
import { writeElements } from './element-bulks.ts';

/** An array of `count` elements, which must be there, from the one at `index` on. */
export function replyRange(context: CommandContext, e: EntryRef, index: number, count: number): void {
  const { db, reply } = context;
  const { lists } = db;
  const { walk } = lists;
  reply.array(count);
  walk.seek(e, lists.count(e), index, false);
  for (let left = count; left > 0 && walk.nextRun(); left -= walk.count) {
    if (walk.isPlain) reply.bulk(walk.bytes, walk.p, walk.to);
    else writeElements(reply, walk.bytes, walk.p, walk.to, Math.min(left, walk.count));
  }
}

/** The same, going to lower indexes. */
export function replyRangeBackward(context: CommandContext, e: EntryRef, index: number, count: number): void {
  const { db, reply } = context;
  const { lists } = db;
  const { walk } = lists;
  reply.array(count);
  walk.seek(e, lists.count(e), index, true);
  for (let left = count; left > 0 && walk.next(); left--) {
    const { buffer, start, end } = walk.read();
    reply.bulk(buffer, start, end);
  }
}
