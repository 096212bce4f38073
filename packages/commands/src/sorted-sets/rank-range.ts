import type { EntryRef, Keyspace } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt } from '../arguments.ts';

/** A range of ranks, both ends in it; negative ones count from the end. */
export class RankRange {
  /** Ranks [from, to), after `locate`. */
  from = 0;
  to = 0;
  #start = 0;
  #stop = 0;

  /** False when either is not an integer. */
  read(args: Args, startIndex: number, stopIndex: number): boolean {
    this.#start = integerAt(args, startIndex);
    this.#stop = integerAt(args, stopIndex);
    return !Number.isNaN(this.#start) && !Number.isNaN(this.#stop);
  }

  locate(db: Keyspace, e: EntryRef): void {
    const count = db.countOf(e);
    const start = this.#start < 0 ? Math.max(0, this.#start + count) : this.#start;
    const stop = this.#stop < 0 ? this.#stop + count : Math.min(this.#stop, count - 1);
    const isEmpty = start > stop || start >= count;
    this.from = isEmpty ? 0 : start;
    this.to = isEmpty ? 0 : stop + 1;
  }
}
