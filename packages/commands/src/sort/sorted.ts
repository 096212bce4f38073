import type { ByteList } from './byte-list.ts';

/** Elements in their order, and which part of them was asked for. */
export interface Sorted {
  readonly elements: ByteList;
  readonly order: Uint32Array;
  /** Positions in `order`: [first, end). */
  readonly first: number;
  readonly end: number;
}
