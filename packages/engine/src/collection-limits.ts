/**
 * Up to where collections are kept as one packed blob: Redis's directives of the same names. Entries are counts, values are
 * bytes of one element. A limit that is lowered concerns collections when they next change.
 */
export interface CollectionLimits {
  hashMaxListpackEntries: number;
  hashMaxListpackValue: number;
  /** Positive: elements of one pack. -1 to -5: 4, 8, 16, 32, 64 KiB. */
  listMaxListpackSize: number;
  setMaxIntsetEntries: number;
  setMaxListpackEntries: number;
  setMaxListpackValue: number;
  /** 0: no limit. */
  streamNodeMaxBytes: number;
  streamNodeMaxEntries: number;
  zsetMaxListpackEntries: number;
  zsetMaxListpackValue: number;
}

/** Redis 7.2's. */
export function defaultCollectionLimits(): CollectionLimits {
  return {
    hashMaxListpackEntries: 512,
    hashMaxListpackValue: 64,
    listMaxListpackSize: -2,
    setMaxIntsetEntries: 512,
    setMaxListpackEntries: 128,
    setMaxListpackValue: 64,
    streamNodeMaxBytes: 4096,
    streamNodeMaxEntries: 100,
    zsetMaxListpackEntries: 128,
    zsetMaxListpackValue: 64,
  };
}
