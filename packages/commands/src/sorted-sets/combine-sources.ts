import { type EntryRef, type SetWalk, type Span, ValueType } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import type { CommandContext } from '../context.ts';
import { WRONGTYPE } from '../errors.ts';
import { keyToRead } from '../lookup.ts';

/** How the scores of a member that several inputs have become one. */
export const Aggregate = { sum: 0, min: 1, max: 2 } as const;
export type Aggregate = (typeof Aggregate)[keyof typeof Aggregate];

/** The input keys of ZUNION and its relatives: sorted sets, and sets, whose members all have the score 1. */
export class Sources {
  count = 0;
  /** 0: there is no such key. */
  readonly entries: EntryRef[] = [];
  weights = new Float64Array(16);
  aggregate: Aggregate = Aggregate.sum;
  /** The member that `next` has come to, and its score before its weight. */
  member: Span | undefined;
  readonly #score = new Float64Array(1);
  readonly #isSet: boolean[] = [];
  #context: CommandContext | undefined;
  /** The input that is walked, and the walk when it is a set. */
  #walked = 0;
  #setWalk: SetWalk | undefined;

  /** Looks the keys in arguments [firstKey, firstKey + count) up. False when one is of another type, which has been answered. */
  find(context: CommandContext, args: Args, firstKey: number, count: number): boolean {
    const { db } = context;
    const { buffer, start, end } = args;
    this.#context = context;
    this.count = count;
    this.aggregate = Aggregate.sum;
    if (this.weights.length < count) this.weights = new Float64Array(count * 2);
    this.weights.fill(1, 0, count);
    for (let i = firstKey; i < firstKey + count; i++) {
      const e = keyToRead(context, args, i);
      if (e === 0 || db.typeOf(e) === ValueType.zset || db.typeOf(e) === ValueType.set) continue;
      context.reply.error(WRONGTYPE);
      return false;
    }
    // Again, now that looking one up cannot remove what has expired any more.
    this.entries.length = 0;
    this.#isSet.length = 0;
    for (let i = firstKey; i < firstKey + count; i++) {
      const e = db.peek(buffer, start[i], end[i]);
      this.entries.push(e);
      this.#isSet.push(e !== 0 && db.typeOf(e) === ValueType.set);
    }
    return true;
  }

  sizeOf(i: number): number {
    return this.entries[i] === 0 ? 0 : this.#context!.db.countOf(this.entries[i]);
  }

  /** The smallest first. */
  sort(): void {
    const order = this.entries.map((_, i) => i).toSorted((a, b) => this.sizeOf(a) - this.sizeOf(b));
    const entries = order.map((i) => this.entries[i]);
    const isSet = order.map((i) => this.#isSet[i]);
    const weights = order.map((i) => this.weights[i]);
    for (let i = 0; i < order.length; i++) {
      this.entries[i] = entries[i];
      this.#isSet[i] = isSet[i];
      this.weights[i] = weights[i];
    }
  }

  /** Begins a walk over the members of input `i`, which is there. Looking members up does not end it. */
  walk(i: number): void {
    const { db } = this.#context!;
    this.#walked = i;
    this.#setWalk = this.#isSet[i] ? db.sets.walk(this.entries[i]) : undefined;
    if (!this.#isSet[i]) db.sortedSets.seek(this.entries[i], 0);
  }

  next(): boolean {
    const walk = this.#setWalk;
    if (walk !== undefined) {
      if (!walk.next()) return false;
      this.member = walk.text();
      this.#score[0] = 1;
      return true;
    }
    const { sortedSets } = this.#context!.db;
    if (!sortedSets.next()) return false;
    this.member = sortedSets.member;
    this.#score[0] = sortedSets.score;
    return true;
  }

  get score(): number {
    return this.#score[0];
  }

  /** The score of the member come to with the weight of the input that is walked; what is not a number counts as 0. */
  weightedScore(): number {
    const score = this.#score[0] * this.weights[this.#walked];
    return Number.isNaN(score) ? 0 : score;
  }

  /** The score that the member come to has in input `i`; NaN: it is not there. */
  scoreIn(i: number): number {
    const { sets, sortedSets } = this.#context!.db;
    const e = this.entries[i];
    if (e === 0) return NaN;
    const { buffer, start, end } = this.member!;
    if (this.#isSet[i]) return sets.has(e, buffer, start, end) ? 1 : NaN;
    return sortedSets.scoreOf(e, buffer, start, end);
  }

  /** `score` and one more; what is not a number (inf - inf) counts as 0. */
  join(score: number, other: number): number {
    if (this.aggregate === Aggregate.min) return other < score ? other : score;
    if (this.aggregate === Aggregate.max) return other > score ? other : score;
    const sum = score + other;
    return Number.isNaN(sum) ? 0 : sum;
  }
}
