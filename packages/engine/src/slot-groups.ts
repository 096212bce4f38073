/** Slots of a keyspace; in a cluster those of Redis Cluster. */
export const slotCount = 16_384;
/** What is counted by slot is summed up by groups of so many, so that no walk has to look at every slot. */
export const slotsPerGroup = 128;
export const groupCount = slotCount / slotsPerGroup;

/**
 * The slot of the `index`-th of all things that are counted by slot, in `counts[(slot << shift) + field]`, and by group in
 * `groupCounts`. There must be so many.
 */
export function slotOfIndex(
  index: number,
  groupCounts: Uint32Array,
  counts: Uint32Array,
  shift: number,
  field: number,
): number {
  let left = index;
  let group = 0;
  while (left >= groupCounts[group]) left -= groupCounts[group++];
  let at = ((group * slotsPerGroup) << shift) + field;
  while (left >= counts[at]) {
    left -= counts[at];
    at += 1 << shift;
  }
  return at >>> shift;
}
