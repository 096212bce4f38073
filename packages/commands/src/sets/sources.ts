import { type EntryRef, type SetWalk, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { REFUSED, typedToRead } from '../lookup.ts';

/** Room that is kept between commands. */
const entriesKept = 1024;

/** The sets that one command reads, in the order of its arguments until they are sorted. */
export class Sources {
  count = 0;
  /** Keys that do not exist have no place here. */
  missing = 0;
  /** The first key exists, and stands in place 0. */
  hasFirst = false;
  #entries = new Uint32Array(16);

  /** Looks all keys from argument `first` on up. False: one has another type, which has been answered. */
  find(context: CommandContext, args: Args, first: number, keyCount: number): boolean {
    if (this.#entries.length < keyCount || this.#entries.length > entriesKept) {
      this.#entries = new Uint32Array(Math.max(16, keyCount));
    }
    this.count = 0;
    this.missing = 0;
    this.hasFirst = false;
    for (let i = first; i < first + keyCount; i++) {
      const entry = typedToRead(context, args, i, ValueType.set);
      if (entry === REFUSED) return false;
      if (entry === 0) this.missing++;
      else {
        if (i === first) this.hasFirst = true;
        this.#entries[this.count++] = entry;
      }
    }
    return true;
  }

  at(i: number): EntryRef {
    return this.#entries[i];
  }

  /** The smallest first. */
  sortByRising({ db }: CommandContext): void {
    this.#entries.subarray(0, this.count).sort((a, b) => db.countOf(a) - db.countOf(b));
  }

  /** The largest first, from place `from` on. */
  sortByFalling({ db }: CommandContext, from: number): void {
    this.#entries.subarray(from, this.count).sort((a, b) => db.countOf(b) - db.countOf(a));
  }

  /** Members of all sets from place `from` on, those that are in several as often. */
  sizes({ db }: CommandContext, from: number): number {
    let sum = 0;
    for (let i = from; i < this.count; i++) sum += db.countOf(this.#entries[i]);
    return sum;
  }

  /** Builds the union of all sets from place `from` on in `scratch`, for the caller to free. False: no memory. */
  unite({ db }: CommandContext, from: number): boolean {
    const { scratch } = db.sets;
    for (let i = from; i < this.count; i++) {
      const walk = db.sets.walk(this.#entries[i]);
      while (walk.next()) if (!scratch.add(walk)) return false;
    }
    return true;
  }

  /** Whether the member at which the walk stands is in every set from place `from` to `to`. */
  areAllWith({ db }: CommandContext, walk: SetWalk, from: number, to: number): boolean {
    for (let i = from; i < to; i++) if (!db.sets.hasWalked(this.#entries[i], walk)) return false;
    return true;
  }

  /** Whether it is in none of them. */
  isNoneWith({ db }: CommandContext, walk: SetWalk, from: number, to: number): boolean {
    for (let i = from; i < to; i++) if (db.sets.hasWalked(this.#entries[i], walk)) return false;
    return true;
  }
}

/** One is enough: a command ends before the next begins. */
export const sources = new Sources();
