import type { Arena } from '../arena.ts';
import type { EntryRef } from '../entry.ts';
import type { CutMember } from './cut-registry.ts';
import { TableWalk } from './table-walk.ts';

/** Gives all entries the bits of new ones, in pieces: what changes or is made in between bears them as it is. */
export class MarkSweep {
  /** Of the clock word of an entry. */
  readonly bits: number;
  readonly #walks: TableWalk[];
  readonly #visit: (e: EntryRef) => void;
  #left = 0;

  constructor(arena: Arena, members: readonly CutMember[], bits: number) {
    this.bits = bits;
    this.#walks = members.map(({ tables }) => new TableWalk(tables));
    this.#visit = (e) => {
      const words = arena.segments[e >>> arena.refShift].u32;
      const at = ((e & arena.refMask) << 1) + 1;
      const differing = (words[at] ^ arena.cutMark) & bits;
      if (differing !== 0) words[at] ^= differing;
      this.#left--;
    };
  }

  /** Looks at about so many entries. False: all have been looked at. */
  step(units: number): boolean {
    this.#left = units;
    while (this.#left > 0 && this.#walks.length > 0) {
      if (!this.#walks[this.#walks.length - 1].step(this.#visit)) this.#walks.pop();
    }
    return this.#walks.length > 0;
  }
}
