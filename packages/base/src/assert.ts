/** A bug in Kvartz. Never thrown for bytes that come from a client, a peer or a file. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
  readonly code = 'ERR_ASSERTION';
}

/** Throws when the condition does not hold; on in production too. Build messages only where that is cheap. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}
