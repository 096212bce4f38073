export { Args } from './args.ts';
export { ProtocolError, QueryBufferError, ReplyBufferError, ReplyError } from './errors.ts';
export { requestLimits, type RequestLimits } from './limits.ts';
export { ReplyWriter } from './reply-writer.ts';
export { RequestDecoder } from './request-decoder.ts';
