import type { BlockRef } from '../arena.ts';
import { Encoding } from '../entry.ts';

/** A set as it stands in an entry, or will: its blocks belong to whoever has the value. */
export class SetValue {
  encoding: Encoding = Encoding.intset;
  root: BlockRef = 0;
  count = 0;
}

/** What became of a member that was to be added. */
export const Addition = { noMemory: 0, added: 1, present: 2 } as const;
export type Addition = (typeof Addition)[keyof typeof Addition];
