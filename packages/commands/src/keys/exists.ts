import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { keyToInspect } from '../lookup.ts';
import { typeName } from './names.ts';

/** EXISTS key [key ...]: a key that is named twice counts twice. */
export function exists(context: CommandContext, args: Args): void {
  let count = 0;
  for (let i = 1; i < args.count; i++) if (keyToInspect(context, args, i) !== 0) count++;
  context.reply.integer(count);
}

/** The same, as a use of the keys: their LRU or LFU clock is set. */
export function touch(context: CommandContext, args: Args): void {
  let count = 0;
  for (let i = 1; i < args.count; i++) {
    const entry = keyToInspect(context, args, i);
    if (entry === 0) continue;
    // Also for a client that has said CLIENT NO-TOUCH: this is what it calls TOUCH for.
    context.db.touch(entry);
    count++;
  }
  context.reply.integer(count);
}

export function type(context: CommandContext, args: Args): void {
  const entry = keyToInspect(context, args, 1);
  context.reply.simple(entry === 0 ? 'none' : typeName(context.db.typeOf(entry)));
}
