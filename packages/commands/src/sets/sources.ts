import { type EntryRef, type MemberBatch, ValueType } from '@kvartz/engine';
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
    this.#sort(0, (a, b) => db.countOf(a) - db.countOf(b));
  }

  /** The largest first, from place `from` on. */
  sortByFalling({ db }: CommandContext, from: number): void {
    this.#sort(from, (a, b) => db.countOf(b) - db.countOf(a));
  }

  /** The library's sort takes longer to begin than two small sets to be compared. */
  #sort(from: number, compare: (a: EntryRef, b: EntryRef) => number): void {
    const entries = this.#entries;
    if (this.count - from > 2) entries.subarray(from, this.count).sort(compare);
    else if (this.count - from === 2 && compare(entries[from], entries[from + 1]) > 0) {
      const first = entries[from];
      entries[from] = entries[from + 1];
      entries[from + 1] = first;
    }
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

  /** Takes the members out of a batch that are in any set from place `from` to `to`. */
  dropThoseOf({ db }: CommandContext, from: number, to: number, batch: MemberBatch): void {
    for (let i = from; i < to && batch.count > 0; i++) db.sets.keep(this.#entries[i], false);
  }
}

/** One is enough: a command ends before the next begins. */
export const sources = new Sources();
