import type { EntryRef, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from './context.ts';
import { typedToWrite } from './lookup.ts';

/** Which of several keys a command takes from: set by `firstKey`. */
export const chosen = { index: 0 };

/**
 * The value of the first of the arguments [first, last] under whose key there is one, with its index in `chosen`; 0: there
 * is none; REFUSED: it is of another type, which has been answered. A command that has waited asks only for the key that
 * ended it.
 */
export function firstKey(context: CommandContext, args: Args, first: number, last: number, type: ValueType): EntryRef {
  const { readyKey } = context;
  const to = readyKey === 0 ? last : readyKey;
  for (let i = readyKey === 0 ? first : readyKey; i <= to; i++) {
    const e = typedToWrite(context, args, i, type);
    if (e === 0) continue;
    chosen.index = i;
    return e;
  }
  return 0;
}
