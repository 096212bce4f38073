/**
 * Replies out of the bytes of one connection, for the client's side of it: RESP2 and RESP3, complete.
 *
 *   +status  $bulk  =verbatim        string (or Uint8Array, VerbatimText: see the options)
 *   -error   !blob error             ReplyError, as a value
 *   :integer                         number; bigint beyond 2^53
 *   ,double                          number
 *   (big number                      bigint
 *   #t #f                            boolean
 *   _  $-1  *-1                      null
 *   *array   >push                   array; `isPush` tells a push
 *   %map     ~set                    Map, Set (or arrays)
 *   |attribute                       `attributes` of the reply that it precedes
 *   $? ;4 ;0   *? %? ~?  .           streamed: the same values
 *
 * What lies whole in a chunk is read by loops for the usual kinds (`readLone`, `readShort`, `readUsual`), what is cut or rare by
 * `AnyReply`. So every byte is looked at once, however the stream is cut.
 *
 * Spec: https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md
 */
import { assert } from '@kvartz/base';
import { AggregateStack, blankItems } from './aggregate-stack.ts';
import { AnyReply } from './any-reply.ts';
import { loneReply } from './lone-reply.ts';
import { ReplyChunk } from './reply-chunk.ts';
import type { ReplyDecoderOptions, ReplyValue } from './reply-value.ts';
import { readShort } from './short-replies.ts';
import { readUsual } from './usual-replies.ts';

/** So many replies are read ahead. */
const aheadMax = 256;

/** A guess at the size of replies after one that was not of the usual kinds: of the next, one is tried. */
const unusualBytes = 2 ** 20;

/** What `next` has when more bytes are needed. */
const none = blankItems(0);

export class ReplyDecoder {
  /** It is a push message, which answers no request. */
  isPush = false;
  /** What the server says about it, if anything. Attributes of elements inside a reply are read and dropped. */
  attributes: Map<ReplyValue, ReplyValue> | undefined = undefined;

  /** What `next` has read ahead, and which of it is current; -2 and -1: none, but `#lone`, before and after the first `next`. */
  #values = none;
  #index = 0;
  /** What `feed` has found to be a reply and nothing else. */
  #lone: ReplyValue = null;
  /** Mean size of the replies that were read last. */
  #replyBytes = 64;

  readonly #chunk: ReplyChunk;
  readonly #stack: AggregateStack;
  readonly #anyReply: AnyReply;
  #hasFailed = false;
  /**
   * No chunk is being read, nothing is begun, nothing has failed: the next chunk may be a reply and nothing else. `isPush`
   * and `attributes` say nothing then.
   */
  #isIdle = true;

  constructor(options: ReplyDecoderOptions = {}) {
    this.#chunk = new ReplyChunk(options);
    this.#stack = new AggregateStack(options.depthMax ?? 128);
    this.#anyReply = new AnyReply(this.#chunk, this.#stack, options);
  }

  /** Hands over a chunk, which the decoder reads until `next` returns false. No value keeps its memory. */
  feed(bytes: Uint8Array): void {
    const value = this.readLone(bytes);
    if (value === undefined) return this.#begin(bytes);
    this.#isIdle = false;
    this.#lone = value;
    this.#index = -2;
  }

  /** The reply that `next` found. */
  get value(): ReplyValue {
    const index = this.#index;
    return index < 0 ? this.#lone : this.#values[index];
  }

  /**
   * True: `value`, `isPush` and `attributes` are the next reply. False: more input is needed. Throws ProtocolError,
   * after which the decoder drops all input, because nobody knows where the next reply begins.
   */
  next(): boolean {
    const index = ++this.#index;
    if (index < this.#values.length) return true;
    return index === 0 ? this.#endLone() : this.#readAhead();
  }

  /** All that there is to do after a lone reply: to look for more would cost as much as the reply did. */
  #endLone(): boolean {
    this.#lone = null;
    this.#isIdle = true;
    return false;
  }

  #readAhead(): boolean {
    this.#index = 0;
    // Not those of before, if it throws.
    this.#values = none;
    const values = this.#readReplies();
    if (values === undefined) return false;
    this.#values = values;
    return true;
  }

  /**
   * `feed` and `next` for several replies at once, which is quicker: the first replies of a chunk, in an array that is the
   * caller's. `readMore` has the others, and must be called until it returns undefined, as this does when there are none.
   */
  read(bytes: Uint8Array): ReplyValue[] | undefined {
    this.#begin(bytes);
    return this.#readReplies();
  }

  /** The next replies of the chunk; undefined: more input is needed. A push, or a reply with attributes, comes alone. */
  readMore(): ReplyValue[] | undefined {
    return this.#readReplies();
  }

  /**
   * The reply, if the chunk is a whole one of the usual replies and nothing else, as it is without pipelining: quicker than
   * `read`, which has to follow when this returns undefined.
   */
  readLone(bytes: Uint8Array): ReplyValue | undefined {
    if (!this.#isIdle) return undefined;
    const chunk = this.#chunk;
    const value = loneReply(bytes, chunk);
    if (value !== undefined) chunk.skip(bytes.length);
    return value;
  }

  #begin(bytes: Uint8Array): void {
    if (this.#hasFailed) return;
    const chunk = this.#chunk;
    assert(
      chunk.at === chunk.end && this.#values.length === 0 && this.#index >= 0,
      'a chunk before the last one was read to its end',
    );
    this.#isIdle = false;
    chunk.begin(bytes);
  }

  #readReplies(): ReplyValue[] | undefined {
    const chunk = this.#chunk;
    this.isPush = false;
    this.attributes = undefined;
    if (chunk.at === chunk.end) return this.#endChunk();
    return this.#anyReply.isBusy ? this.#readAnyReply() : this.#readUsualReplies(chunk);
  }

  #endChunk(): undefined {
    this.#chunk.release();
    this.#isIdle = !this.#hasFailed && !this.#anyReply.isBusy;
    return undefined;
  }

  /** Replies without attributes that are no pushes, as long as each lies whole in the chunk. */
  #readUsualReplies(chunk: ReplyChunk): ReplyValue[] | undefined {
    // Of the length that it will have, if the others are like the last ones.
    const room = Math.min(aheadMax, Math.ceil((chunk.end - chunk.at) / this.#replyBytes)) | 0;
    const values = blankItems(room);
    const start = chunk.at;
    let count = 0;
    if (chunk.view !== undefined) count = readShort(chunk, chunk.view, values, room);
    count = readUsual(chunk, this.#stack, 0, values, count, room);
    if (count === 0) {
      this.#replyBytes = unusualBytes;
      return this.#readAnyReply();
    }
    this.#replyBytes = Math.ceil((chunk.at - start) / count);
    if (count < room) return values.slice(0, count);
    if (room === aheadMax && chunk.view === undefined) chunk.prepareView();
    return values;
  }

  /** The rest of a reply that was begun, or one that is not of the usual kinds, or cut. */
  #readAnyReply(): ReplyValue[] | undefined {
    const anyReply = this.#anyReply;
    try {
      const reply = anyReply.read();
      if (reply === undefined) return this.#endChunk();
      this.isPush = anyReply.isPush;
      this.attributes = anyReply.takeAttributes();
      const values = blankItems(1);
      values[0] = reply;
      return values;
    } catch (error) {
      this.#hasFailed = true;
      this.#chunk.release();
      anyReply.clear();
      throw error;
    }
  }
}
