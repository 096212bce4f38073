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

/**
 * An error reply, as a value: `code` is its first word when that is in capitals (`WRONGTYPE`, `MOVED`), else `ERR`. It has
 * no stack of its own: it comes from a server, and the place where its bytes arrived says nothing.
 */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';
  readonly code: string;

  constructor(message: string) {
    // To record a stack costs more than to decode fifty replies.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
    this.code = codeOf(message);
  }
}

function codeOf(message: string): string {
  let end = 0;
  for (; end < message.length; end++) {
    const char = message.charCodeAt(end);
    if (char === 0x20) break;
    const isCapital = char >= 0x41 && char <= 0x5a;
    const isFurther = end > 0 && ((char >= 0x30 && char <= 0x39) || char === 0x5f);
    if (!isCapital && !isFurther) return 'ERR';
  }
  return end > 0 ? message.slice(0, end) : 'ERR';
}
