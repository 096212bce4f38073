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
 * What a cut leaves unfinished is carried over as it is: the aggregates on a stack, the start of one line, or the body
 * of one bulk. So every byte is looked at once, however the stream is cut.
 *
 * Spec: https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md
 */
import { assert } from '@kvartz/base';
import { AggregateStack, blankItems, isPairs, mapOf, streamed } from './aggregate-stack.ts';
import { BulkBody } from './bulk-body.ts';
import { decodeText } from './chunk-text.ts';
import { CutLine } from './cut-line.ts';
import { ReplyError } from './errors.ts';
import { loneReply } from './lone-reply.ts';
import { ReplyChunk, show } from './reply-chunk.ts';
import { bigNumberOf, doubleOf, integerOf } from './reply-numbers.ts';
import { replyType as type } from './reply-types.ts';
import { type ReplyDecoderOptions, type ReplyValue, VerbatimText } from './reply-value.ts';
import { readShort } from './short-replies.ts';
import { readElements, readUsual } from './usual-replies.ts';

const carriageReturn = 0x0d;
const newline = 0x0a;
const colon = 0x3a;

/** V8's longest string has 24 characters less than 512 MiB. */
const textBytesMax = 2 ** 29 - 24;
/** V8's largest Map and Set. */
const mapSizeMax = 2 ** 24;

/** So many replies are read ahead. */
const aheadMax = 256;

/** A guess at the size of replies after one that was not of the usual kinds: few are tried ahead of the next. */
const unusualBytes = 8192;

/** What `next` has when more bytes are needed. */
const none = blankItems(0);

/** More bytes are needed to go on. */
const more = Symbol('more');
/** Something was read that is not a value: the head of an aggregate, an attribute, a piece of a streamed string. */
const noValue = Symbol('noValue');

type Read = ReplyValue | typeof more | typeof noValue;

export class ReplyDecoder {
  /** It is a push message, which answers no request. */
  isPush = false;
  /** What the server says about it, if anything. Attributes of elements inside a reply are read and dropped. */
  attributes: Map<ReplyValue, ReplyValue> | undefined = undefined;

  readonly #isBytes: boolean;
  readonly #isNative: boolean;
  readonly #isVerbatimObject: boolean;
  readonly #bulkBytesMax: number;
  readonly #elementsMax: number;
  readonly #lineBytesMax: number;

  /** What `next` has read ahead, and which of it is current. */
  #values = none;
  #index = 0;
  /** What `feed` has found to be a reply and nothing else. */
  readonly #lone = blankItems(1);
  /** Mean size of the replies that were read last. */
  #replyBytes = 64;

  readonly #chunk: ReplyChunk;
  readonly #stack: AggregateStack;
  /** Kind of the aggregate that the bytes just read have closed last, or 0. */
  #closedKind = 0;
  /** Attributes that have been read, of the reply that follows. */
  #attributes: Map<ReplyValue, ReplyValue> | undefined = undefined;
  readonly #line = new CutLine();
  /** The bulk that the end of a chunk has cut, its type byte, and how much of the CRLF behind it is still to come. */
  #body: BulkBody | undefined = undefined;
  #bodyType = 0;
  #bodyEndBytes = 0;
  /** Pieces of the streamed string that is being read. */
  #pieces: (string | Uint8Array<ArrayBuffer>)[] | undefined = undefined;
  #piecesBytes = 0;
  /** Something has been begun that is not yet a reply: an aggregate, a cut line or bulk, a streamed string. */
  #isBusy = false;
  #hasFailed = false;
  /** No chunk is being read, nothing is begun, nothing has failed: the next chunk may be a reply and nothing else. */
  #isIdle = true;

  constructor(options: ReplyDecoderOptions = {}) {
    this.#isBytes = options.bytes ?? false;
    this.#isNative = options.aggregates !== 'array';
    this.#isVerbatimObject = options.verbatim === 'object';
    this.#stack = new AggregateStack(options.depthMax ?? 128);
    const bulkBytesMax = options.bulkBytesMax ?? 512 * 1024 * 1024;
    this.#bulkBytesMax = this.#isBytes ? bulkBytesMax : Math.min(bulkBytesMax, textBytesMax);
    this.#elementsMax = options.elementsMax ?? 2 ** 27;
    this.#lineBytesMax = options.lineBytesMax ?? 64 * 1024;
    this.#chunk = new ReplyChunk({
      isBytes: this.#isBytes,
      ownsChunks: options.ownsChunks ?? false,
      bulkBytesMax: this.#bulkBytesMax,
      lineBytesMax: this.#lineBytesMax,
      elementsMax: this.#elementsMax,
    });
  }

  /** Hands over a chunk, which the decoder reads until `next` returns false. No value keeps its memory. */
  feed(bytes: Uint8Array): void {
    const value = this.readLone(bytes);
    if (value === undefined) return this.#begin(bytes);
    this.#isIdle = false;
    this.#lone[0] = value;
    this.#values = this.#lone;
    this.#index = -1;
  }

  /** The reply that `next` found. */
  get value(): ReplyValue {
    return this.#values[this.#index];
  }

  /**
   * True: `value`, `isPush` and `attributes` are the next reply. False: more input is needed. Throws ProtocolError,
   * after which the decoder drops all input, because nobody knows where the next reply begins.
   */
  next(): boolean {
    return ++this.#index < this.#values.length || this.#readAhead();
  }

  #readAhead(): boolean {
    this.#index = 0;
    this.#lone[0] = null;
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
    assert(chunk.at === chunk.end && this.#values.length === 0, 'a chunk before the last one was read to its end');
    this.#isIdle = false;
    chunk.begin(bytes);
  }

  #readReplies(): ReplyValue[] | undefined {
    const chunk = this.#chunk;
    this.isPush = false;
    this.attributes = undefined;
    if (chunk.at === chunk.end) return this.#endChunk();
    return this.#isBusy ? this.#readUnusualReply() : this.#readUsualReplies(chunk);
  }

  #endChunk(): undefined {
    this.#chunk.release();
    this.#isIdle = !this.#isBusy && !this.#hasFailed;
    return undefined;
  }

  /** Replies without attributes that are no pushes, as long as each lies whole in the chunk. */
  #readUsualReplies(chunk: ReplyChunk): ReplyValue[] | undefined {
    const stack = this.#stack;
    // Of the length that it will have, if the others are like the last ones.
    const room = Math.min(aheadMax, Math.ceil((chunk.end - chunk.at) / this.#replyBytes)) | 0;
    const values = blankItems(room);
    const start = chunk.at;
    let count = 0;
    if (chunk.view !== undefined) count = readShort(chunk, chunk.view, values, room);
    count = readUsual(chunk, stack, 0, values, count, room);
    if (stack.depth > 0) this.#isBusy = true;
    if (count === 0) {
      this.#replyBytes = unusualBytes;
      return this.#readUnusualReply();
    }
    this.#replyBytes = Math.ceil((chunk.at - start) / count);
    if (count < room) return values.slice(0, count);
    if (room === aheadMax && chunk.view === undefined) chunk.prepareView();
    return values;
  }

  #readUnusualReply(): ReplyValue[] | undefined {
    const chunk = this.#chunk;
    try {
      while (chunk.at < chunk.end) {
        this.#isBusy = true;
        this.#closedKind = 0;
        const value = this.#readOn();
        if (value === more || value === noValue) continue;
        const reply = this.#add(value);
        if (reply === noValue) continue;
        this.#isBusy = false;
        this.isPush = this.#closedKind === type.push;
        this.attributes = this.#attributes;
        this.#attributes = undefined;
        const values = blankItems(1);
        values[0] = reply;
        return values;
      }
    } catch (error) {
      this.#fail();
      throw error;
    }
    return this.#endChunk();
  }

  /** Gives a value to the aggregate it belongs to, and returns the outermost one when that completes it. */
  #add(value: ReplyValue | typeof noValue): ReplyValue | typeof noValue {
    const stack = this.#stack;
    while (stack.depth > 0) {
      const aggregate = stack.top();
      if (value !== noValue) {
        aggregate.add(value);
        if (aggregate.wanted === streamed) this.#checkCount(aggregate.kind, aggregate.count);
      }
      if (!aggregate.isComplete) return noValue;
      value = this.#close();
    }
    return value;
  }

  /** Reads usual elements, and returns the outermost aggregate when they complete it. */
  #readElements(): ReplyValue | typeof noValue {
    const stack = this.#stack;
    for (;;) {
      const aggregate = stack.top();
      const { items, count, wanted } = aggregate;
      if (wanted !== streamed) aggregate.count = readElements(this.#chunk, stack, stack.depth, items, count, wanted);
      if (!aggregate.isComplete) return noValue;
      const value = this.#add(this.#close());
      if (stack.depth === 0) return value;
    }
  }

  /** Goes on with what the last chunk left unfinished, or reads something new. */
  #readOn(): Read {
    if (this.#body !== undefined) return this.#readBody(this.#body);
    if (this.#line.sizeBytes > 0) return this.#readCutLine(this.#line);
    return this.#read();
  }

  #read(): Read {
    const chunk = this.#chunk;
    if (this.#pieces === undefined && this.#stack.depth > 0) {
      const value = this.#readElements();
      if (this.#stack.depth === 0) return value;
      if (chunk.at === chunk.end) return more;
    }
    return this.#readAny();
  }

  #readAny(): Read {
    const chunk = this.#chunk;
    const start = chunk.at;
    const lineEnd = chunk.findLineEnd(start);
    if (lineEnd < 0) {
      this.#line.append(chunk.u8, start, chunk.end);
      chunk.at = chunk.end;
      return more;
    }
    chunk.at = lineEnd + 2;
    return this.#readLine(chunk.u8[start], start + 1, lineEnd);
  }

  /** Completes the cut line from the chunk, if its end is there, and reads it. */
  #readCutLine(line: CutLine): Read {
    const chunk = this.#chunk;
    const carriedBytes = line.sizeBytes;
    chunk.at = line.take(chunk.u8, chunk.at, chunk.end, this.#lineBytesMax);
    if (!line.isReadable(this.#lineBytesMax)) return more;
    const { u8, sizeBytes } = line;
    line.clear();
    // Not `#read`: its hot functions are to see one class of chunks only. A line holds no body, so a bulk that it
    // announces is read on from the chunk.
    return chunk.readInstead(u8, sizeBytes, carriedBytes, () => this.#readAny());
  }

  /** Reads the line `<first>u8[start, end)`. */
  #readLine(first: number, start: number, end: number): Read {
    const u8 = this.#chunk.u8;
    if (this.#pieces !== undefined && first !== type.piece) {
      this.#chunk.refuse(start - 1, `expected ';' in a streamed string, got ${show(first)}`);
    }
    switch (first) {
      case type.status:
        if (end - start === 2 && u8[start] === 0x4f && u8[start + 1] === 0x4b) return 'OK';
        return this.#chunk.text(start, end);
      case type.error:
        return new ReplyError(this.#chunk.text(start, end));
      case type.integer:
        return integerOf(u8, start, end) ?? this.#chunk.refuseLine('an integer', start, end);
      case type.double:
        return doubleOf(u8, start, end) ?? this.#chunk.refuseLine('a double', start, end);
      case type.bigNumber:
        return bigNumberOf(u8, start, end) ?? this.#chunk.refuseLine('a big number', start, end);
      case type.boolean:
        if (end - start === 1 && u8[start] === 0x74) return true;
        if (end - start === 1 && u8[start] === 0x66) return false;
        return this.#chunk.refuseLine("'t' or 'f'", start, end);
      case type.null:
        return start === end ? null : this.#chunk.refuseLine('nothing after the type', start, end);
      case type.bulk:
        if (isMinusOne(u8, start, end)) return null;
        if (!isQuestionMark(u8, start, end)) return this.#readBulk(first, start, end, this.#bulkBytesMax);
        this.#pieces = [];
        this.#piecesBytes = 0;
        return noValue;
      case type.piece:
        return this.#readPiece(start, end);
      case type.blobError:
      case type.verbatim:
        return this.#readBulk(first, start, end, Math.min(this.#bulkBytesMax, textBytesMax));
      case type.array:
        return isMinusOne(u8, start, end) ? null : this.#open(first, start, end);
      case type.set:
      case type.map:
      case type.attribute:
      case type.push:
        return this.#open(first, start, end);
      case type.end:
        return this.#endStreamed(start, end);
      default:
        return this.#chunk.refuse(start - 1, `expected the type of a reply, got ${show(first)}`);
    }
  }

  /** A bulk whose length is `u8[start, end)`, up to `max`, and whose body begins at the `at` of the chunk. */
  #readBulk(first: number, start: number, end: number, max: number): Read {
    const u8 = this.#chunk.u8;
    const length = this.#length(start, end, max);
    const isText = !this.#isBytes || first === type.blobError;
    const bodyStart = this.#chunk.at;
    const bodyEnd = bodyStart + length;
    if (bodyEnd + 2 > this.#chunk.end) {
      this.#body = new BulkBody(length, isText);
      this.#bodyType = first;
      this.#bodyEndBytes = 2;
      return this.#readBody(this.#body);
    }
    if (u8[bodyEnd] !== carriageReturn) this.#chunk.refuseBodyEnd(bodyEnd);
    if (u8[bodyEnd + 1] !== newline) this.#chunk.refuseBodyEnd(bodyEnd + 1);
    this.#chunk.at = bodyEnd + 2;
    const body = isText ? this.#chunk.text(bodyStart, bodyEnd) : this.#chunk.bytes(bodyStart, bodyEnd);
    return this.#bulkValue(first, body);
  }

  #readBody(body: BulkBody): Read {
    const u8 = this.#chunk.u8;
    this.#chunk.at = body.take(u8, this.#chunk.at, this.#chunk.end);
    if (body.missingBytes > 0) return more;
    while (this.#bodyEndBytes > 0) {
      if (this.#chunk.at === this.#chunk.end) return more;
      const expected = this.#bodyEndBytes === 2 ? carriageReturn : newline;
      if (u8[this.#chunk.at] !== expected) this.#chunk.refuseBodyEnd(this.#chunk.at);
      this.#chunk.at++;
      this.#bodyEndBytes--;
    }
    this.#body = undefined;
    return this.#bulkValue(this.#bodyType, body.finish());
  }

  #bulkValue(first: number, body: string | Uint8Array<ArrayBuffer>): Read {
    if (first === type.bulk) return body;
    if (first === type.verbatim) return this.#verbatimValue(body);
    if (first === type.blobError) return new ReplyError(body as string);
    this.#pieces!.push(body);
    return noValue;
  }

  #verbatimValue(body: string | Uint8Array<ArrayBuffer>): ReplyValue {
    const separator = typeof body === 'string' ? body.charCodeAt(3) : body[3];
    if (separator !== colon)
      this.#chunk.refuse(this.#chunk.at, "expected a format and ':' in the verbatim string that ends here");
    if (!this.#isVerbatimObject) return body.slice(4);
    const text = typeof body === 'string' ? body : decodeText(body, 0, body.length);
    return new VerbatimText(text.slice(0, 3), text.slice(4));
  }

  /** A piece of a streamed string; the one of length 0, which has no body, ends it. */
  #readPiece(start: number, end: number): Read {
    const pieces = this.#pieces;
    if (pieces === undefined) return this.#chunk.refuse(start - 1, "';' outside of a streamed string");
    const length = this.#length(start, end, this.#bulkBytesMax - this.#piecesBytes);
    if (length > 0) {
      this.#piecesBytes += length;
      return this.#readBulk(type.piece, start, end, length);
    }
    this.#pieces = undefined;
    return this.#isBytes ? joinBytes(pieces as Uint8Array<ArrayBuffer>[], this.#piecesBytes) : pieces.join('');
  }

  /** The head of an aggregate. */
  #open(kind: number, start: number, end: number): Read {
    const stack = this.#stack;
    if (kind === type.push && stack.depth > 0) this.#chunk.refuse(start - 1, 'a push inside of another reply');
    if (stack.depth === stack.depthMax)
      this.#chunk.refuse(start - 1, `more than ${stack.depthMax} levels of aggregates`);
    if (isQuestionMark(this.#chunk.u8, start, end)) {
      if (kind === type.push || kind === type.attribute) this.#chunk.refuseLine('a count', start, end);
      stack.push(kind, streamed);
      return noValue;
    }
    const countMax = this.#countMax(kind);
    const wanted = isPairs(kind) ? 2 * this.#length(start, end, countMax / 2) : this.#length(start, end, countMax);
    stack.push(kind, wanted);
    return wanted > 0 ? noValue : this.#close();
  }

  /** Takes the innermost aggregate, which is complete, off the stack. */
  #close(): ReplyValue | typeof noValue {
    const stack = this.#stack;
    const { kind } = stack.top();
    const items = stack.pop();
    this.#closedKind = kind;
    if (kind === type.attribute) {
      // It is not a value, but belongs to what follows it.
      if (stack.depth === 0) this.#attributes = mapOf(items);
      return noValue;
    }
    if (!this.#isNative) return items;
    return kind === type.map ? mapOf(items) : kind === type.set ? new Set(items) : items;
  }

  #endStreamed(start: number, end: number): Read {
    if (start !== end) this.#chunk.refuseLine("nothing after '.'", start, end);
    const stack = this.#stack;
    if (stack.depth === 0 || stack.top().wanted !== streamed) {
      return this.#chunk.refuse(start - 1, "'.' outside of a streamed aggregate");
    }
    const { kind, count } = stack.top();
    if (kind === type.map && count % 2 === 1) this.#chunk.refuse(start - 1, 'a streamed map that ends with a key');
    return this.#close();
  }

  /** Most elements that an aggregate of this kind may have, keys and values counted one by one. */
  #countMax(kind: number): number {
    const isNative = kind === type.attribute || (this.#isNative && (kind === type.map || kind === type.set));
    const sizeMax = isNative ? Math.min(mapSizeMax, this.#elementsMax) : this.#elementsMax;
    return isPairs(kind) ? 2 * sizeMax : sizeMax;
  }

  #checkCount(kind: number, count: number): void {
    const countMax = this.#countMax(kind);
    if (count > countMax) this.#chunk.refuse(this.#chunk.at, `an aggregate of more than ${countMax} elements`);
  }

  #length(start: number, end: number, max: number): number {
    const length = integerOf(this.#chunk.u8, start, end);
    if (typeof length !== 'number' || length < 0) return this.#chunk.refuseLine('a length or count', start, end);
    if (length > max) this.#chunk.refuse(start, `a length or count of ${length}, where ${max} is the limit`);
    return length;
  }

  #fail(): void {
    this.#hasFailed = true;
    this.#values = none;
    this.#chunk.release();
    this.#line.clear();
    this.#body = undefined;
    this.#pieces = undefined;
    this.#stack.clear();
  }
}

function isQuestionMark(u8: Uint8Array, start: number, end: number): boolean {
  return end - start === 1 && u8[start] === 0x3f;
}

function isMinusOne(u8: Uint8Array, start: number, end: number): boolean {
  return end - start === 2 && u8[start] === 0x2d && u8[start + 1] === 0x31;
}

function joinBytes(pieces: readonly Uint8Array<ArrayBuffer>[], sizeBytes: number): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(sizeBytes);
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
