/**
 * The start of a request whose end has not come yet: its bytes, copied, and how far they have been parsed.
 *
 *   buffer:  [ *3 CRLF | $3 CRLF SET CRLF | $10 CRLF key:0000 | free ... ]
 *                                         ^ at               ^ usedBytes
 *
 * Every byte is copied once into the buffer and looked at once: `at` only moves over whole lines and whole bulks, a line
 * is searched from `scanned` on, and a bulk is skipped by its length.
 *
 * The buffer grows to the exact need where a bulk's length is known, but never past four times of what has arrived, so
 * that a peer cannot claim memory by announcing a length.
 */
import { assert, ByteBuffer, copyBytes, parseInteger } from '@kvartz/base';
import { Args } from './args.ts';
import { ProtocolError, QueryBufferError } from './errors.ts';
import { splitInlineRequest } from './inline-request.ts';
import { spareBytesMax, SpareBuffers } from './spare-buffers.ts';
import { type RequestLimits, unauthenticatedArgsMax, unauthenticatedBulkBytesMax } from './limits.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;
const dollar = 0x24;
const star = 0x2a;

/** Memory may be this many times what has arrived. */
const growthFactor = 4;

/** Offsets into a buffer are 32-bit integers, and typed arrays are slow from 2^31 on. */
export const bufferBytesMax = 2 ** 31 - 2 ** 20;

/** Of the buffer that each PartialRequest keeps: the tail of a chunk of small requests fits. */
const smallBytes = 1024;
/** Announced bulks are given some room for the lines around them. */
const slackBytes = 256;

/** Larger buffers, of all connections. */
const spareBuffers = new SpareBuffers();

/**
 * Gives back the memory that was kept for requests in pieces (at most 32 MiB) and has not been needed since the last call:
 * for a server to call every few seconds.
 */
export function trimSpareBuffers(): void {
  spareBuffers.trim();
}

export class PartialRequest {
  buffer: ByteBuffer;
  readonly args: Args;
  usedBytes = 0;
  /** Where the line or bulk begins that is to be parsed next. */
  at = 0;
  /** Bytes that must still arrive before another call of `parse` can get any further. */
  missingBytes = 1;
  readonly #small: ByteBuffer;
  /** Line search goes on here. */
  #scanned = 0;
  /** Arguments announced; -1 when the first line is still open. */
  #argsWanted = -1;
  /** Length of the bulk at `at`; -1 when its header is still open. */
  #bulkBytes = -1;

  constructor() {
    this.#small = new ByteBuffer(smallBytes);
    this.buffer = this.#small;
    this.args = new Args(this.#small, 8);
  }

  /** Ready for another request; the memory of the last one goes to whoever needs it next. */
  reset(): void {
    if (this.buffer !== this.#small) {
      spareBuffers.give(this.buffer);
      this.buffer = this.#small;
    }
    this.usedBytes = 0;
    this.at = 0;
    this.missingBytes = 1;
    this.#scanned = 0;
    this.#argsWanted = -1;
    this.#bulkBytes = -1;
    this.args.buffer = this.#small;
    this.args.count = 0;
  }

  /** Appends `input[start, end)`; `moreBytes` more are at hand, which allows the buffer to grow further. */
  append(input: ByteBuffer, start: number, end: number, moreBytes: number, limits: RequestLimits): void {
    const used = this.usedBytes;
    const needBytes = used + (end - start);
    const limitBytes = Math.min(limits.queryBytesMax, bufferBytesMax);
    if (needBytes > limitBytes) {
      throw new QueryBufferError(`Protocol error: request of more than ${limitBytes} bytes`);
    }
    if (needBytes > this.buffer.sizeBytes) this.#grow(needBytes, moreBytes, limitBytes);
    copyBytes(input, start, end, this.buffer, used);
    this.usedBytes = needBytes;
  }

  #grow(needBytes: number, moreBytes: number, limitBytes: number): void {
    const wantedBytes = Math.max(needBytes + (needBytes >>> 1), this.#expectedBytes());
    const sizeBytes = Math.max(needBytes, Math.min(wantedBytes, (needBytes + moreBytes) * growthFactor, limitBytes));
    const larger = spareBuffers.take(needBytes, sizeBytes);
    larger.u8.set(this.buffer.u8.subarray(0, this.usedBytes));
    if (this.buffer !== this.#small) spareBuffers.give(this.buffer);
    this.buffer = larger;
  }

  /** What the whole request will take, as far as it is known, or can be guessed from the arguments that are there. */
  #expectedBytes(): number {
    if (this.#argsWanted < 0) return 0;
    let bytes = this.at;
    let argsKnown = this.args.count;
    if (this.#bulkBytes >= 0) {
      bytes += this.#bulkBytes + 2;
      argsKnown++;
    }
    if (argsKnown === 0) return 0;
    const announcedBytes = bytes + slackBytes;
    const guessBytes = announcedBytes + Math.ceil(((this.#argsWanted - argsKnown) * bytes) / argsKnown);
    // A wrong guess may cost memory that can be used again, but not more.
    return Math.max(announcedBytes, Math.min(guessBytes, spareBytesMax));
  }

  /**
   * Parses what has been appended. True: the request ends before `at`, and `args` holds it (no arguments for an empty
   * one). False: at least `missingBytes` are missing. Throws ProtocolError.
   */
  parse(limits: RequestLimits): boolean {
    const { u8 } = this.buffer;
    const { args } = this;
    args.buffer = this.buffer;
    if (this.#argsWanted < 0) {
      assert(this.usedBytes > 0, 'parse of a partial request without bytes');
      if (u8[0] !== star) return this.#parseInline(limits);
      const lineEnd = this.#findLine('mbulk', limits);
      if (lineEnd < 0) return false;
      this.#argsWanted = argsAnnounced(u8, 1, lineEnd, limits);
      this.#startNext(lineEnd + 2);
    }
    while (args.count < this.#argsWanted) {
      if (this.#bulkBytes < 0) {
        const lineEnd = this.#findLine('bulk', limits);
        if (lineEnd < 0) return false;
        this.#bulkBytes = bulkAnnounced(u8, this.at, lineEnd, limits);
        this.at = lineEnd + 2;
      }
      const bulkEnd = this.at + this.#bulkBytes;
      this.missingBytes = bulkEnd + 2 - this.usedBytes;
      if (this.missingBytes > 0) return false;
      args.push(this.at, bulkEnd);
      this.#bulkBytes = -1;
      this.#startNext(bulkEnd + 2);
    }
    return true;
  }

  #startNext(at: number): void {
    this.at = at;
    this.#scanned = at;
  }

  /** Offset of the CR of the line at `at`, or -1. As in Redis, the byte after it must be there but is not looked at. */
  #findLine(what: 'mbulk' | 'bulk', limits: RequestLimits): number {
    const { u8 } = this.buffer;
    const used = this.usedBytes;
    this.missingBytes = 1;
    const searchEnd = Math.min(used, this.at + limits.inlineBytesMax + 1);
    let i = this.#scanned;
    while (i < searchEnd && u8[i] !== carriageReturn) i++;
    this.#scanned = i;
    if (i < searchEnd) return i + 1 < used ? i : -1;
    if (used - this.at > limits.inlineBytesMax) throw new ProtocolError(`Protocol error: too big ${what} count string`);
    return -1;
  }

  #parseInline(limits: RequestLimits): boolean {
    const { u8 } = this.buffer;
    const searchEnd = Math.min(this.usedBytes, limits.inlineBytesMax + 1);
    let i = this.#scanned;
    while (i < searchEnd && u8[i] !== newline) i++;
    this.#scanned = i;
    if (i === searchEnd) {
      if (this.usedBytes > limits.inlineBytesMax) throw new ProtocolError('Protocol error: too big inline request');
      this.missingBytes = 1;
      return false;
    }
    parseInlineLine(this.buffer, 0, i, this.args);
    this.at = i + 1;
    return true;
  }
}

/** Splits the line that ends before the newline at `end`. */
export function parseInlineLine(input: ByteBuffer, start: number, end: number, args: Args): void {
  const lineEnd = end > start && input.u8[end - 1] === carriageReturn ? end - 1 : end;
  if (!splitInlineRequest(input, start, lineEnd, args)) {
    throw new ProtocolError('Protocol error: unbalanced quotes in request');
  }
}

/** The count of a line `*<count>`, whose digits are `u8[start, end)`; 0 for counts below zero. */
function argsAnnounced(u8: Uint8Array, start: number, end: number, limits: RequestLimits): number {
  const count = parseInteger(u8, start, end);
  if (!(count <= limits.argsMax)) throw new ProtocolError('Protocol error: invalid multibulk length');
  if (count > unauthenticatedArgsMax && limits.isUnauthenticated === true) {
    throw new ProtocolError('Protocol error: unauthenticated multibulk length');
  }
  return Math.max(count, 0);
}

/** The length of a line `$<length>` at `u8[start, end)`. */
function bulkAnnounced(u8: Uint8Array, start: number, end: number, limits: RequestLimits): number {
  if (u8[start] !== dollar) {
    const got = u8[start] === carriageReturn || u8[start] === newline ? ' ' : String.fromCharCode(u8[start]);
    throw new ProtocolError(`Protocol error: expected '$', got '${got}'`);
  }
  const length = parseInteger(u8, start + 1, end);
  if (!(length >= 0 && length <= Math.min(limits.bulkBytesMax, bufferBytesMax))) {
    throw new ProtocolError('Protocol error: invalid bulk length');
  }
  if (length > unauthenticatedBulkBytesMax && limits.isUnauthenticated === true) {
    throw new ProtocolError('Protocol error: unauthenticated bulk length');
  }
  return length;
}
