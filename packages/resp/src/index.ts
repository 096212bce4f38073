export { Args } from './args.ts';
export { encodeRequest } from './encode-request.ts';
export { ProtocolError, QueryBufferError, ReplyBufferError, ReplyError } from './errors.ts';
export { requestLimits, type RequestLimits } from './limits.ts';
export { ReplyDecoder } from './reply-decoder.ts';
export { type ReplyDecoderOptions, type ReplyValue, VerbatimText } from './reply-value.ts';
export { ReplyWriter } from './reply-writer.ts';
export { RequestBatch } from './request-batch.ts';
export { RequestDecoder } from './request-decoder.ts';
