export interface ManifestErrorDetail {
  /** In Redis's words. */
  readonly reason: string;
  /** From 1; 0: the file as a whole. */
  readonly lineNumber: number;
  readonly line: string;
}

/** A manifest that cannot be right. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  readonly code = 'corrupt';
  readonly reason: string;
  readonly lineNumber: number;
  readonly line: string;

  constructor({ reason, lineNumber, line }: ManifestErrorDetail) {
    super(lineNumber === 0 ? reason : `${reason}, at line ${lineNumber}: '${line}'`);
    this.reason = reason;
    this.lineNumber = lineNumber;
    this.line = line;
  }
}
