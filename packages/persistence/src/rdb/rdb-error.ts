/**
 * `corrupt`: the bytes cannot be what they say; `checksum`: they are not what was written; `truncated`: they end too early;
 * `unsupported`: they may be right, but not for this reader.
 */
export type RdbErrorCode = 'corrupt' | 'checksum' | 'truncated' | 'unsupported';

export interface RdbErrorDetail {
  readonly code: RdbErrorCode;
  /** Bytes from the start of the file, or of the payload. */
  readonly offset: number;
  readonly expected: string;
  readonly found: string;
  /** Bytes from the start of the packed value before the offset, if it is in there. */
  readonly packOffset?: number | undefined;
}

/** A file or a payload that cannot be read. */
export class RdbError extends Error {
  override readonly name = 'RdbError';
  readonly code: RdbErrorCode;
  readonly offset: number;
  readonly expected: string;
  readonly found: string;
  readonly packOffset: number | undefined;

  constructor({ code, offset, expected, found, packOffset }: RdbErrorDetail) {
    const place = packOffset === undefined ? '' : `, byte ${packOffset} of the value before it`;
    super(`RDB ${code} at offset ${offset}${place}: expected ${expected}, found ${found}`);
    this.packOffset = packOffset;
    this.code = code;
    this.offset = offset;
    this.expected = expected;
    this.found = found;
  }

  /** The same for a pack that ends here; any other error as it is. */
  static inPackAt(offset: number, error: unknown): unknown {
    return error instanceof RdbError && error.packOffset !== undefined ? new RdbError({ ...error, offset }) : error;
  }
}
