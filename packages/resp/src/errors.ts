/**
 * The peer broke the protocol, and the connection cannot go on. `message` is Redis's text without the code: a server
 * answers `-ERR ${message}` and closes.
 */
export class ProtocolError extends Error {
  override readonly name: string = 'ProtocolError';
  readonly code: string = 'ERR_PROTOCOL';
}

/** An unfinished request outgrew `queryBytesMax`. Redis closes such a connection without a reply. */
export class QueryBufferError extends ProtocolError {
  override readonly name = 'QueryBufferError';
  override readonly code = 'ERR_QUERY_BUFFER';
}

/** The replies waiting in one ReplyWriter outgrew what one buffer can hold. */
export class ReplyBufferError extends Error {
  override readonly name = 'ReplyBufferError';
  readonly code = 'ERR_REPLY_BUFFER';
}

/** An error reply, as a value: `code` is its first word when that is in capitals (`WRONGTYPE`, `MOVED`), else `ERR`. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';
  readonly code: string;

  constructor(message: string) {
    super(message);
    this.code = /^[A-Z][A-Z0-9_]*(?= |$)/.exec(message)?.[0] ?? 'ERR';
  }
}
