import type { Span } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { REFUSED, stringToWrite } from '../lookup.ts';
import { replyOutOfMemory } from '../strings/store.ts';

/** A string that is long enough for the bits a command writes. */
export interface WritableBits {
  /** Valid until the next call of the keyspace. */
  readonly bytes: Span;
  /** Making room has already changed the key. */
  readonly hasGrown: boolean;
}

/** Creates or grows the string of argument 1 to hold bit `offset`. Undefined when that failed, which has been answered. */
export function bitsToWrite(context: CommandContext, args: Args, offset: number): WritableBits | undefined {
  const { db } = context;
  const entry = stringToWrite(context, args, 1);
  if (entry === REFUSED) return undefined;
  const length = Math.floor(offset / 8) + 1;
  const hasGrown = entry === 0 || db.stringLength(entry) < length;
  const edited = db.editString(args.buffer, args.start[1], args.end[1], length);
  if (edited !== 0) return { bytes: db.stringOf(edited), hasGrown };
  replyOutOfMemory(context);
  return undefined;
}
