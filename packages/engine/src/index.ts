export type { AccessPolicy } from './access-clock.ts';
export { Arena, type ArenaOptions, type BlockRef } from './arena.ts';
export { CheckedModeError } from './checked-mode.ts';
export { Encoding, type EntryRef, ValueType } from './entry.ts';
export type { ExpireBudget, ExpireResult } from './expire-cycle.ts';
export { halfSipHash13 } from './hash.ts';
export { type ExpiryMode, KEEP_TTL, Keyspace, type KeyspaceOptions, NO_EXPIRY } from './keyspace.ts';
export { Span } from './span.ts';
