/**
 * Requests out of the bytes of one connection, without copying them:
 *
 *   chunk:   ... *2 CRLF $3 CRLF GET CRLF $5 CRLF key:1 CRLF *2 CRLF ...
 *                                ^-^              ^---^
 *   args:            start/end [ 0  ]           [ 1   ]
 *
 * The usual case, a request that lies whole in the chunk and has nothing strange about it, is one loop over
 * `input.u8` (`parseRequest`). All else (a request cut by the end of the chunk, limits, errors) goes through a
 * PartialRequest, which copies the bytes of this one request and parses them at leisure.
 *
 * Spec: https://redis.io/docs/latest/develop/reference/protocol-spec/#sending-commands-to-a-redis-server
 */
import { assert, ByteBuffer } from '@kvartz/base';
import { Args } from './args.ts';
import { QueryBufferError } from './errors.ts';
import { type RequestLimits, unauthenticatedArgsMax, unauthenticatedBulkBytesMax } from './limits.ts';
import type { RequestBatch } from './request-batch.ts';
import { bufferBytesMax, PartialRequest, parseInlineLine } from './partial-request.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;
const digit0 = 0x30;
const dollar = 0x24;
const star = 0x2a;

const nothing = new ByteBuffer(0);
/** Where all decoders put requests that lie whole in their chunk: only one request is being run at a time. */
let scratch = new Args(nothing, 64);
/** Larger than this, `scratch` is not kept for the next request. */
const scratchArgsMax = 64 * 1024;

/** PartialRequests for the next in need, so that the tail of each chunk does not cost four allocations. */
const spares: PartialRequest[] = [];
const sparesMax = 64;
const spareArgsMax = 1024;

/** First helping of a chunk that goes into a PartialRequest; each further one is twice as large. */
const firstHelpingBytes = 256;

/** One per connection. Holds no memory while it has no unfinished input. */
export class RequestDecoder {
  /** May be replaced between requests. */
  limits: RequestLimits;
  /** The request that `next` found: valid until the following call of `next` on any decoder, or of `retain`. */
  args: Args = scratch;

  /** The chunk that was fed, or a copy of its rest after `retain`; `#input[#at, #end)` has not been used. */
  #input: ByteBuffer = nothing;
  #at = 0;
  #end = 0;
  #isOwnInput = false;
  #partial: PartialRequest | undefined = undefined;
  /** The request in `#partial` is complete and has been handed out. */
  #isPartialDone = false;
  #hasFailed = false;

  constructor(limits: RequestLimits) {
    this.limits = limits;
  }

  /**
   * Hands over a chunk. The decoder reads it until `next` returns false or `retain` is called, one of which must happen
   * before the memory is reused.
   */
  feed(input: ByteBuffer, start: number, end: number): void {
    if (this.#hasFailed) return;
    if (this.#isOwnInput) {
      this.#appendOwn(input, start, end);
      return;
    }
    assert(this.#at === this.#end, 'feed before the last chunk was used up or retained');
    this.#input = input;
    this.#at = start;
    this.#end = end;
  }

  /**
   * True: `args` is the next request; it has at least one argument, empty requests are skipped. False: more input is
   * needed, and what there is has been kept. Throws ProtocolError, after which the decoder drops all input.
   */
  next(): boolean {
    if (this.#partial !== undefined) {
      if (this.#isPartialDone) this.#releasePartial();
      else if (this.#at < this.#end) {
        if (this.#continuePartial(this.#partial)) return true;
      } else return false;
    }
    const { limits } = this;
    let { argsMax } = limits;
    let bulkBytesMax = limits.bulkBytesMax;
    if (limits.isUnauthenticated === true) {
      argsMax = Math.min(argsMax, unauthenticatedArgsMax);
      bulkBytesMax = Math.min(bulkBytesMax, unauthenticatedBulkBytesMax);
    }
    if (scratch.start.length > scratchArgsMax) scratch = new Args(nothing, 64);
    while (this.#at < this.#end) {
      const input = this.#input;
      const at = this.#at;
      if (input.u8[at] !== star) {
        if (this.#nextInline()) return true;
        continue;
      }
      const requestEnd = parseRequest(input.u8, at, this.#end, scratch, argsMax, bulkBytesMax);
      if (requestEnd > 0) {
        this.#at = requestEnd;
        if (scratch.count === 0) continue;
        scratch.buffer = input;
        this.args = scratch;
        return true;
      }
      this.#partial = spares.pop() ?? new PartialRequest();
      if (this.#continuePartial(this.#partial)) return true;
    }
    // Whoever is idle holds nobody's memory.
    scratch.buffer = nothing;
    this.#input = nothing;
    this.#at = 0;
    this.#end = 0;
    this.#isOwnInput = false;
    return false;
  }

  /**
   * Decodes ahead: the requests that lie whole in the chunk, each into its own Args of `batch`, until the batch is full or
   * something unusual comes (an inline request, one that is cut or wrong), which is for `next`. Returns how many. Whoever
   * stops before they have all been run says so with `unread`.
   */
  nextBatch(batch: RequestBatch): number {
    batch.count = 0;
    const { limits } = this;
    if (this.#partial !== undefined || this.#isOwnInput || limits.isUnauthenticated === true) return 0;
    const input = this.#input;
    const u8 = input.u8;
    const end = this.#end;
    let count = 0;
    let at = this.#at;
    while (count < batch.capacity && at < end && u8[at] === star) {
      const args = batch.args[count];
      const requestEnd = parseRequest(u8, at, end, args, limits.argsMax, limits.bulkBytesMax);
      if (requestEnd < 0 || args.count === 0) break;
      args.buffer = input;
      batch.starts[count++] = at;
      at = requestEnd;
    }
    this.#at = at;
    batch.count = count;
    return count;
  }

  /** The requests of `batch` from `index` on have not been run, and come again. */
  unread(batch: RequestBatch, index: number): void {
    if (index < batch.count) this.#at = batch.starts[index];
  }

  /**
   * The caller stops before the input is used up (the client is blocked or paused): keeps a copy of the rest, with
   * which later calls of `next` go on. `args` is no longer valid.
   */
  retain(): void {
    if (this.#isPartialDone) this.#releasePartial();
    if (this.#isOwnInput || this.#hasFailed) return;
    if (this.#at === this.#end) {
      this.#input = nothing;
      return;
    }
    const rest = new ByteBuffer(this.#end - this.#at);
    rest.u8.set(this.#input.u8.subarray(this.#at, this.#end));
    this.#input = rest;
    this.#end = rest.sizeBytes;
    this.#at = 0;
    this.#isOwnInput = true;
  }

  /** Bytes kept of input that has not become a request: CLIENT LIST's `qbuf`. Without the chunk that is being used. */
  get bufferedBytes(): number {
    const partialBytes = this.#partial === undefined || this.#isPartialDone ? 0 : this.#partial.usedBytes;
    return partialBytes + (this.#isOwnInput ? this.#end - this.#at : 0);
  }

  /** Bytes that were fed and belong to no request that has been handed out. */
  get unusedBytes(): number {
    const partialBytes = this.#partial === undefined || this.#isPartialDone ? 0 : this.#partial.usedBytes;
    return partialBytes + this.#end - this.#at;
  }

  /** Memory behind `bufferedBytes`; the difference is CLIENT LIST's `qbuf-free`. */
  get capacityBytes(): number {
    return (this.#partial?.buffer.sizeBytes ?? 0) + (this.#isOwnInput ? this.#input.sizeBytes : 0);
  }

  /** An inline request that lies whole in the chunk. False: a blank line was skipped, or the chunk has been used up. */
  #nextInline(): boolean {
    const { u8 } = this.#input;
    const start = this.#at;
    const searchEnd = Math.min(this.#end, start + this.limits.inlineBytesMax + 1);
    let i = start;
    while (i < searchEnd && u8[i] !== newline) i++;
    if (i === searchEnd) {
      this.#partial = spares.pop() ?? new PartialRequest();
      return this.#continuePartial(this.#partial);
    }
    try {
      parseInlineLine(this.#input, start, i, scratch);
    } catch (error) {
      this.#fail();
      throw error;
    }
    this.#at = i + 1;
    this.args = scratch;
    return scratch.count > 0;
  }

  /** Moves bytes from the chunk into `partial` until its request is complete (true) or the chunk is used up (false). */
  #continuePartial(partial: PartialRequest): boolean {
    const input = this.#input;
    const end = this.#end;
    let helpingBytes = firstHelpingBytes;
    try {
      while (this.#at < end) {
        const at = this.#at;
        const takeEnd = Math.min(end, at + Math.max(partial.missingBytes, helpingBytes));
        helpingBytes *= 2;
        partial.append(input, at, takeEnd, end - takeEnd, this.limits);
        this.#at = takeEnd;
        if (!partial.parse(this.limits)) continue;
        // What was taken too much is still in the chunk: everything before this helping belonged to the request.
        this.#at -= partial.usedBytes - partial.at;
        this.#isPartialDone = true;
        if (partial.args.count > 0) {
          this.args = partial.args;
          return true;
        }
        this.#releasePartial();
        return false;
      }
    } catch (error) {
      this.#fail();
      throw error;
    }
    return false;
  }

  #releasePartial(): void {
    const partial = this.#partial!;
    this.#partial = undefined;
    this.#isPartialDone = false;
    this.args = scratch;
    partial.reset();
    if (spares.length < sparesMax && partial.args.start.length <= spareArgsMax) spares.push(partial);
  }

  #appendOwn(input: ByteBuffer, start: number, end: number): void {
    const restBytes = this.#end - this.#at;
    const needBytes = restBytes + (end - start);
    if (this.#end + (end - start) > this.#input.sizeBytes) {
      const limitBytes = Math.min(this.limits.queryBytesMax, bufferBytesMax);
      if (needBytes > limitBytes) {
        this.#fail();
        throw new QueryBufferError(`Protocol error: more than ${limitBytes} bytes of requests waiting`);
      }
      const larger = new ByteBuffer(Math.min(Math.max(needBytes * 2, 1024), limitBytes));
      larger.u8.set(this.#input.u8.subarray(this.#at, this.#end));
      this.#input = larger;
      this.#at = 0;
      this.#end = restBytes;
    }
    this.#input.u8.set(input.u8.subarray(start, end), this.#end);
    this.#end += end - start;
  }

  #fail(): void {
    this.#hasFailed = true;
    this.#partial = undefined;
    this.#isPartialDone = false;
    this.#input = nothing;
    this.#at = 0;
    this.#end = 0;
    this.#isOwnInput = false;
    this.args = scratch;
  }
}

/**
 * Parses the request at `u8[at]`, a '*', into `args` and returns its end; -1 when it does not lie whole in `u8[at, end)`
 * or is in any way unusual, which a PartialRequest then looks into. Does not look at the byte after a CR, nor at the two
 * after a bulk, as Redis does not.
 */
function parseRequest(
  u8: Uint8Array,
  at: number,
  end: number,
  args: Args,
  argsMax: number,
  bulkBytesMax: number,
): number {
  // The shortest requests have four bytes (*0 and CRLF), the shortest bulks six.
  if (at + 4 > end) return -1;
  let i = at + 1;
  let count = u8[i++] - digit0;
  if (count < 0 || count > 9) return -1;
  let byte = u8[i++];
  while (byte !== carriageReturn) {
    const digit = byte - digit0;
    if (digit < 0 || digit > 9 || count === 0 || count > 99_999_999 || i >= end) return -1;
    count = count * 10 + digit;
    byte = u8[i++];
  }
  i++;
  if (count > argsMax || count * 6 > end - i) {
    if (count !== 0 || i > end) return -1;
  }
  if (count > args.start.length) args.reserve(count);
  const starts = args.start;
  const ends = args.end;
  for (let index = 0; index < count; index++) {
    if (i + 4 > end || u8[i] !== dollar) return -1;
    let length = u8[i + 1] - digit0;
    if (length < 0 || length > 9) return -1;
    byte = u8[i + 2];
    i += 3;
    while (byte !== carriageReturn) {
      const digit = byte - digit0;
      if (digit < 0 || digit > 9 || length === 0 || length > 99_999_999 || i >= end) return -1;
      length = length * 10 + digit;
      byte = u8[i++];
    }
    i++;
    if (length > bulkBytesMax) return -1;
    starts[index] = i;
    i += length;
    ends[index] = i;
    i += 2;
    if (i > end) return -1;
  }
  args.count = count;
  return i;
}
