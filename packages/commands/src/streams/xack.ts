import { StreamId, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { REFUSED, typedToRead } from '../lookup.ts';
import { groupAt } from './groups-of-key.ts';
import { strictIdAt } from './id-argument.ts';

const id = new StreamId();

/** XACK key group id [id ...]: how many of the entries were pending, and are no longer. */
export function xack(context: CommandContext, args: Args): void {
  const { db, reply } = context;
  const e = typedToRead(context, args, 1, ValueType.stream);
  if (e === REFUSED) return;
  const group = e === 0 ? 0 : groupAt(context, args, e, 2);
  if (group === 0) return reply.integer(0);
  for (let i = 3; i < args.count; i++) if (!strictIdAt(context, args, i, id)) return;
  const { pending } = db.streamGroups;
  let removed = 0;
  for (let i = 3; i < args.count; i++) {
    if (args.count > 4) strictIdAt(context, args, i, id);
    if (pending.remove(group, id)) removed++;
  }
  if (removed > 0) context.countChanges(removed);
  reply.integer(removed);
}
