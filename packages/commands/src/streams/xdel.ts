import { StreamId, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { KeyEvents } from '../key-events.ts';
import { REFUSED, typedToRead, typedToWrite } from '../lookup.ts';
import { strictIdAt } from './id-argument.ts';

const id = new StreamId();
const highest = new StreamId();

/** XDEL key id [id ...]. */
export function xdel(context: CommandContext, args: Args): void {
  const { reply } = context;
  const { streams } = context.db;
  const e = typedToWrite(context, args, 1, ValueType.stream);
  if (e === REFUSED) return;
  if (e === 0) return reply.integer(0);
  // One ID that is none, and nothing is removed.
  for (let i = 2; i < args.count; i++) if (!strictIdAt(context, args, i, id)) return;
  let removed = 0;
  streams.maxDeletedId(e, highest);
  for (let i = 2; i < args.count; i++) {
    strictIdAt(context, args, i, id);
    if (!streams.remove(e, id)) continue;
    removed++;
    if (id.compare(highest) > 0) highest.copy(id);
  }
  if (removed > 0) {
    streams.setMaxDeletedId(e, highest);
    context.touch(args, 1, KeyEvents.streamDelete);
  }
  reply.integer(removed);
}

/** XLEN key. */
export function xlen(context: CommandContext, args: Args): void {
  const e = typedToRead(context, args, 1, ValueType.stream);
  if (e !== REFUSED) context.reply.integer(e === 0 ? 0 : context.db.streams.count(e));
}
