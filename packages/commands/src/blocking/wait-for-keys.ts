import type { ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';

/** Waits until there is something under one of the arguments [first, last]. */
export function waitForKeys(
  context: CommandContext,
  args: Args,
  first: number,
  last: number,
  type: ValueType,
  timeoutMs: number,
): void {
  const keys = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  context.block(args, keys, type, timeoutMs, 'nullArray');
}
