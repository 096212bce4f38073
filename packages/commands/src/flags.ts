/** Command flags of Redis 7, one bit each. `COMMAND INFO` prints the lower-case names. */
export const CommandFlag = {
  write: 1 << 0,
  readonly: 1 << 1,
  denyoom: 1 << 2,
  admin: 1 << 3,
  pubsub: 1 << 4,
  noscript: 1 << 5,
  blocking: 1 << 6,
  loading: 1 << 7,
  stale: 1 << 8,
  skip_monitor: 1 << 9,
  skip_slowlog: 1 << 10,
  asking: 1 << 11,
  fast: 1 << 12,
  no_auth: 1 << 13,
  may_replicate: 1 << 14,
  sentinel: 1 << 15,
  no_async_loading: 1 << 16,
  no_multi: 1 << 17,
  allow_busy: 1 << 18,
  no_mandatory_keys: 1 << 19,
  protected: 1 << 20,
  touches_arbitrary_keys: 1 << 21,
} as const;

export type CommandFlagName = keyof typeof CommandFlag;
