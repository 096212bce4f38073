/** A mistake in the options or in the environment that the user can mend: printed as one sentence, without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** Of the process. */
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
