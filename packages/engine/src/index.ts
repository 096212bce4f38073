export type { AccessPolicy } from './access-clock.ts';
export { Arena, type ArenaOptions, type BlockRef } from './arena.ts';
export { CheckedModeError } from './checked-mode.ts';
export { Encoding, type EntryRef, ValueType } from './entry.ts';
export type { ExpireBudget, ExpireResult } from './expire-cycle.ts';
export { halfSipHash13 } from './hash.ts';
export { Keyspace, type KeyspaceOptions } from './keyspace.ts';
export { type ExpiryMode, KEEP_TTL, NO_EXPIRY, type SlotOf } from './keyspace-base.ts';
export { Span } from './span.ts';
