import { ByteBuffer } from '@kvartz/base';
import type { Span } from '../span.ts';
import { compareBytes } from '../compare-bytes.ts';

/** One end of a range of members: before all, at some bytes, or behind all. */
export class LexBound {
  side: -1 | 0 | 1 = 0;
  isExclusive = false;
  buffer = new ByteBuffer(0);
  start = 0;
  end = 0;

  /** Below 0, 0, above 0: the bound lies below the member, at it, above it. */
  compare(member: Span): number {
    if (this.side !== 0) return this.side;
    return compareBytes(this.buffer, this.start, this.end, member.buffer, member.start, member.end);
  }
}

/**
 * A range of members in order of their bytes, for sets whose scores are all the same, and the ranks [from, to) that a set has
 * found for it. In a listpack of several scores it means what Redis makes of it: the first run of members in the range.
 */
export class LexRange {
  readonly min = new LexBound();
  readonly max = new LexBound();
  from = 0;
  to = 0;

  /** No member can be in it. */
  get isEmpty(): boolean {
    const { min, max } = this;
    if (min.side !== 0 || max.side !== 0) return min.side >= max.side;
    const order = compareBytes(min.buffer, min.start, min.end, max.buffer, max.start, max.end);
    return order > 0 || (order === 0 && (min.isExclusive || max.isExclusive));
  }

  isAboveMin(member: Span): boolean {
    const order = this.min.compare(member);
    return order < 0 || (order === 0 && !this.min.isExclusive);
  }

  isBelowMax(member: Span): boolean {
    const order = this.max.compare(member);
    return order > 0 || (order === 0 && !this.max.isExclusive);
  }
}
