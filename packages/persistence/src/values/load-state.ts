/** What became of an event that a loader was given. */
export const LoadState = {
  /** The key goes on. */
  more: 0,
  /** The key is there. */
  loaded: 1,
  /** A collection without elements: there is no key. */
  empty: 2,
  /** There is no memory for it, and no key. */
  noMemory: 3,
} as const;
export type LoadState = (typeof LoadState)[keyof typeof LoadState];
