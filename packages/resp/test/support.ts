/** What the tests of this package share: cutting streams and collecting what decoders find. */
import { ByteBuffer } from '@kvartz/base';
import fc from 'fast-check';
import {
  ProtocolError,
  ReplyDecoder,
  type ReplyDecoderOptions,
  RequestDecoder,
  type RequestLimits,
} from '../src/index.ts';
import { requestLimits } from '../src/index.ts';

/** One byte per character, so that tables can spell any byte. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** Cuts `bytes` at the given offsets (taken modulo its length, in any order). */
export function cutAt(bytes: Uint8Array<ArrayBuffer>, offsets: readonly number[]): Uint8Array<ArrayBuffer>[] {
  const cuts = [...new Set(offsets.map((offset) => offset % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [0, ...cuts].map((start, i) => bytes.slice(start, cuts[i] ?? bytes.length));
}

export function cutEvery(bytes: Uint8Array<ArrayBuffer>, step: number): Uint8Array<ArrayBuffer>[] {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let start = 0; start < bytes.length; start += step) pieces.push(bytes.slice(start, start + step));
  return pieces;
}

/** Whole, byte by byte, and in a few other ways. */
export function waysToCut(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[][] {
  return [[bytes], cutEvery(bytes, 1), cutEvery(bytes, 2), cutEvery(bytes, 3), cutEvery(bytes, 7), cutEvery(bytes, 64)];
}

export const cuts = fc.array(fc.nat(), { maxLength: 12 });

/**
 * Any text, with characters of each length in UTF-8 about as often. Not the unit `binary` of fast-check, which makes a table
 * of all 1.1 million characters first: 1 to 20 s, as busy as the machine is.
 */
export function anyText(constraints: { maxLength: number }): fc.Arbitrary<string> {
  const from = (min: number, max: number): fc.Arbitrary<string> =>
    fc.integer({ min, max }).map((code) => String.fromCodePoint(code));
  // Half a pair of surrogates is not text.
  const unit = fc.oneof(
    from(0, 0x7f),
    from(0x80, 0x7ff),
    from(0x800, 0xd7ff),
    from(0xe000, 0xffff),
    from(0x10000, 0x10ffff),
  );
  return fc.string({ unit, ...constraints });
}

/** Requests as arrays of latin1 texts; a protocol error ends the list as its message. */
export type Requests = (string[] | string)[];

/** The memory that one chunk after another is put into, at an offset, as an input buffer shared by all sockets. */
const chunkOffset = 3;

export function decodeRequests(
  pieces: readonly Uint8Array[],
  limits: RequestLimits = requestLimits(),
  onRequest?: (decoder: RequestDecoder) => void,
): Requests {
  const decoder = new RequestDecoder(limits);
  const requests: Requests = [];
  const input = new ByteBuffer(chunkOffset + Math.max(0, ...pieces.map((piece) => piece.length)) + 5);
  try {
    for (const piece of pieces) {
      // What does not belong to the chunk must not be read as if it did.
      input.u8.fill(0x31);
      input.u8.set(piece, chunkOffset);
      decoder.feed(input, chunkOffset, chunkOffset + piece.length);
      while (decoder.next()) {
        const { args } = decoder;
        const request: string[] = [];
        for (let i = 0; i < args.count; i++) request.push(latin1(args.buffer.u8.subarray(args.start[i], args.end[i])));
        requests.push(request);
        onRequest?.(decoder);
      }
      input.u8.fill(0x32);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    requests.push(error.message);
  }
  return requests;
}

export interface DecodedReply {
  value: unknown;
  isPush?: true;
  attributes?: unknown;
}

/** Takes the replies of one chunk out of a decoder. */
type Drain = (decoder: ReplyDecoder, chunk: Uint8Array, found: (value: unknown) => void) => void;

const drainOneByOne: Drain = (decoder, chunk, found) => {
  decoder.feed(chunk);
  while (decoder.next()) found(decoder.value);
};

const drainInBatches: Drain = (decoder, chunk, found) => {
  const lone = decoder.readLone(chunk);
  if (lone !== undefined) {
    found(lone);
    return;
  }
  for (let values = decoder.read(chunk); values !== undefined; values = decoder.readMore()) values.forEach(found);
};

/** Replies with what was said about them; a protocol error ends the list as its message. */
export function decodeReplies(
  pieces: readonly Uint8Array<ArrayBuffer>[],
  options: ReplyDecoderOptions = {},
): (DecodedReply | string)[] {
  return decodeBy(drainOneByOne, pieces, options);
}

/** The same, read in batches. */
export function decodeBatches(
  pieces: readonly Uint8Array<ArrayBuffer>[],
  options: ReplyDecoderOptions = {},
): (DecodedReply | string)[] {
  return decodeBy(drainInBatches, pieces, options);
}

function decodeBy(
  drain: Drain,
  pieces: readonly Uint8Array<ArrayBuffer>[],
  options: ReplyDecoderOptions,
): (DecodedReply | string)[] {
  const decoder = new ReplyDecoder(options);
  const replies: (DecodedReply | string)[] = [];
  try {
    for (const piece of pieces) {
      const chunk = piece.slice();
      drain(decoder, chunk, (value) => {
        const reply: DecodedReply = { value };
        if (decoder.isPush) reply.isPush = true;
        if (decoder.attributes !== undefined) reply.attributes = decoder.attributes;
        replies.push(reply);
      });
      // Whatever was decoded must not depend on the chunk any more.
      if (options.ownsChunks !== true) chunk.fill(0x21);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    replies.push(error.message);
  }
  return replies;
}
