/**
 * What one request may weigh. One object is shared by all connections of a kind and read again at each request, so a
 * change by CONFIG SET holds at once; a decoder gets another object when its client authenticates.
 */
export interface RequestLimits {
  /** Longest bulk: `proto-max-bulk-len`. At most 2^31 - 2^20. */
  bulkBytesMax: number;
  /** Most arguments of one request. */
  argsMax: number;
  /** Longest line: an inline request, or the text of a count or length. */
  inlineBytesMax: number;
  /** Most bytes kept of one unfinished request: `client-query-buffer-limit`. Counts above 2^31 - 2^20 mean that. */
  queryBytesMax: number;
  /** The client has yet to authenticate: at most 10 arguments of 16,384 bytes each (Redis 7, CVE-2021-32675). */
  isUnauthenticated?: boolean;
}

export const unauthenticatedArgsMax = 10;
export const unauthenticatedBulkBytesMax = 16_384;

/** Redis's defaults, as a new object. */
export function requestLimits(overrides: Partial<RequestLimits> = {}): RequestLimits {
  return {
    bulkBytesMax: 512 * 1024 * 1024,
    argsMax: 1024 * 1024,
    inlineBytesMax: 64 * 1024,
    queryBytesMax: 1024 * 1024 * 1024,
    isUnauthenticated: false,
    ...overrides,
  };
}
