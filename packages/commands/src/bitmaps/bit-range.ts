import type { Args } from '@kvartz/resp';
import { isKeyword } from '../arguments.ts';

/** What the ends of a range count. */
export const Unit = { byte: 1, bit: 2 } as const;
export type Unit = (typeof Unit)[keyof typeof Unit];

/** BYTE or BIT in argument `i`; bytes when the request ends before it; undefined when it is something else. */
export function unitAt(args: Args, i: number): Unit | undefined {
  if (i >= args.count || isKeyword(args, i, 'byte')) return Unit.byte;
  return isKeyword(args, i, 'bit') ? Unit.bit : undefined;
}

/** A part of a string in bits from its beginning, `endBit` excluded; empty when both are 0. */
export class BitRange {
  startBit = 0;
  endBit = 0;

  whole(lengthBytes: number): void {
    this.startBit = 0;
    this.endBit = lengthBytes * 8;
  }

  /** As clients give it: `first` and `last` belong to the range, negative ones count from the end of the string. */
  between(first: number, last: number, unit: Unit, lengthBytes: number): void {
    const unitBits = unit === Unit.bit ? 1 : 8;
    const length = unit === Unit.bit ? lengthBytes * 8 : lengthBytes;
    const from = first < 0 ? Math.max(first + length, 0) : first;
    const to = Math.min(last < 0 ? Math.max(last + length, 0) : last, length - 1);
    this.startBit = from > to ? 0 : from * unitBits;
    this.endBit = from > to ? 0 : (to + 1) * unitBits;
  }

  get isEmpty(): boolean {
    return this.endBit === 0;
  }
}
