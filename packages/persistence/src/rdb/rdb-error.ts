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
}

/** A file or a payload that cannot be read. */
export class RdbError extends Error {
  override readonly name = 'RdbError';
  readonly code: RdbErrorCode;
  readonly offset: number;
  readonly expected: string;
  readonly found: string;

  constructor({ code, offset, expected, found }: RdbErrorDetail) {
    super(`RDB ${code} at offset ${offset}: expected ${expected}, found ${found}`);
    this.code = code;
    this.offset = offset;
    this.expected = expected;
    this.found = found;
  }
}
