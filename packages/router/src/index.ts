export { keySlot, keySlotOfText, SLOT_COUNT } from './key-slot.ts';
export { addressOf, applyRedirection, parseRedirection, type Redirection } from './redirection.ts';
export { SlotMap } from './slot-map.ts';
export {
  ALL_SLOTS,
  countSlots,
  formatSlotRanges,
  hasSlot,
  intersectSlots,
  invertSlots,
  normalizeSlotRanges,
  parseSlotRange,
  parseSlotRanges,
  slotRangesOf,
  slotsIn,
  subtractSlots,
  uniteSlots,
  SlotRangeError,
  type SlotRange,
  type SlotRanges,
} from './slot-ranges.ts';
export {
  parseClusterShards,
  parseClusterSlots,
  TopologyError,
  type Shard,
  type Topology,
  type TopologyNode,
} from './topology.ts';
