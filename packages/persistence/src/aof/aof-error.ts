/** `corrupt`: no server writes this; `unsupported`: it may be right, but is too large for this reader. */
export type AofErrorCode = 'corrupt' | 'unsupported';

export interface AofErrorDetail {
  readonly code: AofErrorCode;
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly expected: string;
  readonly found: string;
}

/** A file of commands that is damaged, and not only at its end. */
export class AofError extends Error {
  override readonly name = 'AofError';
  readonly code: AofErrorCode;
  readonly offset: number;
  readonly expected: string;
  readonly found: string;

  constructor({ code, offset, expected, found }: AofErrorDetail) {
    super(`AOF ${code} at offset ${offset}: expected ${expected}, found ${found}`);
    this.code = code;
    this.offset = offset;
    this.expected = expected;
    this.found = found;
  }
}
