import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { keyToInspect, keyToRead } from '../lookup.ts';
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
  for (let i = 1; i < args.count; i++) if (keyToRead(context, args, i) !== 0) count++;
  context.reply.integer(count);
}

export function type(context: CommandContext, args: Args): void {
  const entry = keyToInspect(context, args, 1);
  context.reply.simple(entry === 0 ? 'none' : typeName(context.db.typeOf(entry)));
}
