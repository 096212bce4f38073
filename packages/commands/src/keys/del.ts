import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { KeyEvents } from '../key-events.ts';

/** DEL key [key ...], and UNLINK: what is large is freed in slices afterwards by either. */
export function del(context: CommandContext, args: Args): void {
  const { db } = context;
  const { buffer, start, end } = args;
  let count = 0;
  for (let i = 1; i < args.count; i++) {
    if (!db.remove(buffer, start[i], end[i])) continue;
    count++;
    context.touch(args, i, KeyEvents.del);
  }
  context.reply.integer(count);
}
