/** A file of data that the server cannot start with. */
export class DataFileError extends Error {
  override readonly name = 'DataFileError';
  readonly code = 'ERR_DATA_FILE';
  readonly path: string;

  /** `reason` says where, what was expected and what was found; `advice` what to do. */
  constructor(path: string, reason: string, advice: string, cause?: unknown) {
    super(`${path} cannot be loaded: ${reason}. ${advice}`, { cause });
    this.path = path;
  }
}
