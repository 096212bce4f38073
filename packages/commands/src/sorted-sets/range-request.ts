import { type EntryRef, type Keyspace, LexRange } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { integerAt, isKeyword } from '../arguments.ts';
import {
  LIMIT_NEEDS_BY,
  MIN_OR_MAX_NOT_FLOAT,
  MIN_OR_MAX_NOT_LEX,
  NOT_INTEGER,
  SYNTAX_ERROR,
  WITHSCORES_WITH_BYLEX,
} from '../errors.ts';
import { readLexRange, ScoreRange } from './bounds.ts';
import { RankRange } from './rank-range.ts';

/** What a range is one of. `auto`: the options say so; by ranks unless they do. */
export const RangeBy = { auto: 0, rank: 1, score: 2, lex: 3 } as const;
export type RangeBy = (typeof RangeBy)[keyof typeof RangeBy];

export const Direction = { auto: 0, forward: 1, reverse: 2 } as const;
export type Direction = (typeof Direction)[keyof typeof Direction];

/**
 * The range that ZRANGE and its relatives are asked for: `start stop`, then options. After `locate` it is `count` members from
 * rank `first` on, in the direction of `isReverse`.
 */
export class RangeRequest {
  isReverse = false;
  isWithScores = false;
  first = 0;
  count = 0;
  #by: RangeBy = RangeBy.rank;
  #offset = 0;
  /** -1: none. */
  #limit = -1;
  readonly #ranks = new RankRange();
  readonly #scores = new ScoreRange();
  readonly #members = new LexRange();

  /** `minIndex` is the argument of the first bound. Undefined, or what is wrong with the request. */
  read(args: Args, minIndex: number, by: RangeBy, direction: Direction, isStore: boolean): string | undefined {
    const error = this.#readOptions(args, minIndex + 2, by, direction, isStore);
    if (error !== undefined) return error;
    if (this.#limit !== -1 && this.#by === RangeBy.rank) return LIMIT_NEEDS_BY;
    if (this.isWithScores && this.#by === RangeBy.lex) return WITHSCORES_WITH_BYLEX;
    // From high to low the first bound is the upper one.
    const min = this.isReverse ? minIndex + 1 : minIndex;
    const max = this.isReverse ? minIndex : minIndex + 1;
    if (this.#by === RangeBy.rank) return this.#ranks.read(args, minIndex, minIndex + 1) ? undefined : NOT_INTEGER;
    if (this.#by === RangeBy.score) return this.#scores.read(args, min, max) ? undefined : MIN_OR_MAX_NOT_FLOAT;
    return readLexRange(this.#members, args, min, max) ? undefined : MIN_OR_MAX_NOT_LEX;
  }

  locate(db: Keyspace, e: EntryRef): void {
    if (this.#by === RangeBy.rank) {
      this.#ranks.locate(db, e);
      const { from, to } = this.#ranks;
      this.count = to - from;
      this.first = this.isReverse ? db.countOf(e) - 1 - from : from;
      return;
    }
    const range = this.#by === RangeBy.score ? this.#scores : this.#members;
    if (this.#by === RangeBy.score) this.#scores.locate(db, e);
    else db.sortedSets.locateLex(e, this.#members, this.isReverse);
    const found = range.to - range.from;
    // A negative offset skips everything, as in Redis.
    const skipped = this.#offset < 0 ? found : Math.min(this.#offset, found);
    this.count = this.#limit < 0 ? found - skipped : Math.min(this.#limit, found - skipped);
    this.first = this.isReverse ? range.to - 1 - skipped : range.from + skipped;
  }

  #readOptions(args: Args, from: number, by: RangeBy, direction: Direction, isStore: boolean): string | undefined {
    this.isWithScores = false;
    this.#offset = 0;
    this.#limit = -1;
    let chosenBy = by;
    let chosenDirection = direction;
    for (let i = from; i < args.count; i++) {
      if (!isStore && isKeyword(args, i, 'withscores')) this.isWithScores = true;
      else if (i + 2 < args.count && isKeyword(args, i, 'limit')) {
        this.#offset = integerAt(args, i + 1);
        this.#limit = integerAt(args, i + 2);
        if (Number.isNaN(this.#offset) || Number.isNaN(this.#limit)) return NOT_INTEGER;
        i += 2;
      } else if (chosenDirection === Direction.auto && isKeyword(args, i, 'rev')) chosenDirection = Direction.reverse;
      else if (chosenBy === RangeBy.auto && isKeyword(args, i, 'bylex')) chosenBy = RangeBy.lex;
      else if (chosenBy === RangeBy.auto && isKeyword(args, i, 'byscore')) chosenBy = RangeBy.score;
      else return SYNTAX_ERROR;
    }
    this.#by = chosenBy === RangeBy.auto ? RangeBy.rank : chosenBy;
    this.isReverse = chosenDirection === Direction.reverse;
    return undefined;
  }
}
