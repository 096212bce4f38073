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
import { type Aggregate, AggregateStack, isPairs, mapOf, streamed } from './aggregate-stack.ts';
import { BulkBody } from './bulk-body.ts';
import { ChunkText, decodeText } from './chunk-text.ts';
import { ProtocolError, ReplyError } from './errors.ts';
import { bigNumberOf, doubleOf, integerOf } from './reply-numbers.ts';
import { replyType as type } from './reply-types.ts';
import { type ReplyDecoderOptions, type ReplyValue, VerbatimText } from './reply-value.ts';

const carriageReturn = 0x0d;
const newline = 0x0a;
const digit0 = 0x30;
const minus = 0x2d;
const colon = 0x3a;

/** V8's longest string has 24 characters less than 512 MiB. */
const textBytesMax = 2 ** 29 - 24;
/** V8's largest Map and Set. */
const mapSizeMax = 2 ** 24;

const nothing = new Uint8Array(0);

/** More bytes are needed to go on. */
const more = Symbol('more');
/** Something was read that is not a value: the head of an aggregate, an attribute, a piece of a streamed string. */
const noValue = Symbol('noValue');

type Read = ReplyValue | typeof more | typeof noValue;

export class ReplyDecoder {
  /** The reply that `next` found. */
  value: ReplyValue = null;
  /** It is a push message, which answers no request. */
  isPush = false;
  /** What the server says about it, if anything. Attributes of elements inside a reply are read and dropped. */
  attributes: Map<ReplyValue, ReplyValue> | undefined = undefined;

  readonly #isBytes: boolean;
  readonly #ownsChunks: boolean;
  readonly #isNative: boolean;
  readonly #isVerbatimObject: boolean;
  readonly #depthMax: number;
  readonly #bulkBytesMax: number;
  readonly #elementsMax: number;
  readonly #lineBytesMax: number;

  /** What is being read, from `#at` to `#end`: the chunk or, for a moment, the carried line. */
  #u8: Uint8Array = nothing;
  #at = 0;
  #end = 0;
  /** Offset in the stream of `#u8[0]`, for error messages. */
  #baseOffset = 0;
  /** Copy of the chunk from `#copyStart` on, of which values are views. */
  #copy: ArrayBuffer | undefined = undefined;
  #copyStart = 0;
  readonly #text = new ChunkText();
  readonly #stack = new AggregateStack();
  /** Kind of the aggregate that the bytes just read have closed last, or 0. */
  #closedKind = 0;
  /** Attributes that have been read, of the reply that follows. */
  #attributes: Map<ReplyValue, ReplyValue> | undefined = undefined;
  /** The start of a line that the end of a chunk has cut: `#line[0, #lineBytes)`. */
  #line: Uint8Array = nothing;
  #lineBytes = 0;
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

  constructor(options: ReplyDecoderOptions = {}) {
    this.#isBytes = options.bytes ?? false;
    this.#ownsChunks = options.ownsChunks ?? false;
    this.#isNative = options.aggregates !== 'array';
    this.#isVerbatimObject = options.verbatim === 'object';
    this.#depthMax = options.depthMax ?? 128;
    const bulkBytesMax = options.bulkBytesMax ?? 512 * 1024 * 1024;
    this.#bulkBytesMax = this.#isBytes ? bulkBytesMax : Math.min(bulkBytesMax, textBytesMax);
    this.#elementsMax = options.elementsMax ?? 2 ** 27;
    this.#lineBytesMax = options.lineBytesMax ?? 64 * 1024;
  }

  /** Hands over a chunk, which the decoder reads until `next` returns false. No value keeps its memory. */
  feed(chunk: Uint8Array): void {
    if (this.#hasFailed) return;
    assert(this.#at === this.#end, 'feed before next() has returned false');
    this.#u8 = chunk;
    this.#at = 0;
    this.#end = chunk.length;
  }

  /**
   * True: `value`, `isPush` and `attributes` are the next reply. False: more input is needed. Throws ProtocolError,
   * after which the decoder drops all input, because nobody knows where the next reply begins.
   */
  next(): boolean {
    return (!this.#isBusy && this.#readUsual()) || this.#nextUnusual();
  }

  #nextUnusual(): boolean {
    try {
      while (this.#at < this.#end) {
        this.#isBusy = true;
        this.#closedKind = 0;
        const value = this.#readOn();
        if (value !== more && value !== noValue && this.#deliver(value)) {
          this.#isBusy = this.isPush || this.attributes !== undefined;
          return true;
        }
      }
    } catch (error) {
      this.#fail();
      throw error;
    }
    this.#baseOffset += this.#end;
    this.#u8 = nothing;
    this.#at = 0;
    this.#end = 0;
    this.#text.reset();
    this.#copy = undefined;
    return false;
  }

  /** Gives a value to the aggregate it belongs to. True when that completes a reply. */
  #deliver(value: ReplyValue): boolean {
    const stack = this.#stack;
    while (stack.depth > 0) {
      const aggregate = stack.top();
      aggregate.add(value);
      if (!aggregate.isComplete) {
        if (aggregate.wanted === streamed) this.#checkCount(aggregate.kind, aggregate.count);
        return false;
      }
      const closed = this.#close();
      if (closed === noValue) return false;
      value = closed;
    }
    this.value = value;
    this.isPush = this.#closedKind === type.push;
    this.attributes = this.#attributes;
    this.#attributes = undefined;
    return true;
  }

  /** Goes on with what the last chunk left unfinished, or reads something new. */
  #readOn(): Read {
    if (this.#body !== undefined) return this.#readBody(this.#body);
    if (this.#lineBytes > 0) return this.#readCarriedLine();
    return this.#read();
  }

  #read(): Read {
    if (this.#pieces === undefined) {
      if (this.#stack.depth > 0) this.#fill(this.#stack.top());
      if (this.#readUsual()) return this.value;
    }
    if (this.#at === this.#end) return more;
    if (this.#u8[this.#at] === type.array && this.#pieces === undefined) {
      const wanted = this.#readUsualCount();
      if (wanted >= 0) return this.#openCounted(type.array, wanted);
    }
    return this.#readAny();
  }

  /** The count in the line at `#at`, when that has the usual form and is all there; else -1, and nothing is read. */
  #readUsualCount(): number {
    const u8 = this.#u8;
    const start = this.#at + 1;
    const digitsEnd = Math.min(start + 9, this.#end - 2);
    let i = start;
    let n = 0;
    for (; i < digitsEnd; i++) {
      const digit = u8[i] - digit0;
      if (digit >>> 0 > 9) break;
      n = n * 10 + digit;
    }
    if (i === start || i + 2 > this.#end || u8[i] !== carriageReturn || u8[i + 1] !== newline) return -1;
    if (n > this.#elementsMax || this.#stack.depth === this.#depthMax) return -1;
    this.#at = i + 2;
    return n;
  }

  #readAny(): Read {
    const start = this.#at;
    const first = this.#u8[start];
    const lineEnd = this.#findLineEnd(start);
    if (lineEnd < 0) {
      this.#carryLine(this.#end);
      return more;
    }
    this.#at = lineEnd + 2;
    return this.#readLine(first, start + 1, lineEnd);
  }

  /** Reads usual elements of an aggregate up to its last but one. */
  #fill(aggregate: Aggregate): void {
    const { items } = aggregate;
    // The last one completes it, which is the business of `deliver`.
    const last = aggregate.wanted - 1;
    let { count } = aggregate;
    for (; count < last; count++) {
      if (!this.#readUsual()) break;
      if (count < items.length) items[count] = this.value;
      else items.push(this.value);
    }
    aggregate.count = count;
  }

  /** Reads into `value` one of the replies that are most of all, if all of it is there; else reads nothing. */
  #readUsual(): boolean {
    const u8 = this.#u8;
    const start = this.#at + 1;
    const end = this.#end;
    if (start + 3 > end) return false;
    const first = u8[start - 1];
    if (first !== type.integer) {
      if (first === type.bulk) {
        return u8[start] === minus ? this.#readUsualNull(u8, start, end) : this.#readUsualBulk(u8, start, end);
      }
      return first === type.status && this.#readUsualStatus(u8, start, end);
    }
    // In place, because integers are so short that a call counts. One comparison of the unsigned difference tells
    // whether a byte is a digit.
    let n = u8[start] - digit0;
    if (n >>> 0 > 9) return this.#readNegativeInteger(u8, start, end);
    // Nine digits stay a 31-bit integer.
    const digitsEnd = Math.min(start + 9, end - 2);
    let i = start + 1;
    for (; i < digitsEnd; i++) {
      const digit = u8[i] - digit0;
      if (digit >>> 0 > 9) break;
      n = n * 10 + digit;
    }
    if (u8[i] !== carriageReturn) return i === start + 9 && this.#readLongInteger(u8, i, end, n);
    if (u8[i + 1] !== newline) return false;
    this.#at = i + 2;
    this.value = n;
    return true;
  }

  #readNegativeInteger(u8: Uint8Array, start: number, end: number): boolean {
    if (u8[start] !== minus) return false;
    const digitsEnd = Math.min(start + 10, end - 2);
    let i = start + 1;
    let n = 0;
    for (; i < digitsEnd; i++) {
      const digit = u8[i] - digit0;
      if (digit >>> 0 > 9) break;
      n = n * 10 + digit;
    }
    if (i === start + 1 || u8[i] !== carriageReturn || u8[i + 1] !== newline) return false;
    this.#at = i + 2;
    this.value = 0 - n;
    return true;
  }

  /** An integer of up to 15 digits, of which the first nine are `high` and the others begin at `start`. */
  #readLongInteger(u8: Uint8Array, start: number, end: number, high: number): boolean {
    const digitsEnd = Math.min(start + 6, end - 2);
    let i = start;
    let low = 0;
    let scale = 1;
    while (i < digitsEnd) {
      const digit = u8[i] - digit0;
      if (digit < 0 || digit > 9) break;
      low = low * 10 + digit;
      scale *= 10;
      i++;
    }
    if (u8[i] !== carriageReturn || u8[i + 1] !== newline) return false;
    this.#at = i + 2;
    this.value = high * scale + low;
    return true;
  }

  #readUsualBulk(u8: Uint8Array, start: number, end: number): boolean {
    let length = u8[start] - digit0;
    if (length >>> 0 > 9) return false;
    const digitsEnd = Math.min(start + 9, end - 2);
    let i = start + 1;
    for (; i < digitsEnd; i++) {
      const digit = u8[i] - digit0;
      if (digit >>> 0 > 9) break;
      length = length * 10 + digit;
    }
    const bodyStart = i + 2;
    const bodyEnd = bodyStart + length;
    if (bodyEnd + 2 > end || length > this.#bulkBytesMax || u8[i] !== carriageReturn || u8[i + 1] !== newline) {
      return false;
    }
    if (u8[bodyEnd] !== carriageReturn || u8[bodyEnd + 1] !== newline) return false;
    this.#at = bodyEnd + 2;
    this.value = this.#isBytes ? this.#bytes(bodyStart, bodyEnd) : this.#text.read(u8, bodyStart, bodyEnd, end);
    return true;
  }

  #readUsualNull(u8: Uint8Array, start: number, end: number): boolean {
    if (start + 4 > end || u8[start + 1] !== digit0 + 1) return false;
    if (u8[start + 2] !== carriageReturn || u8[start + 3] !== newline) return false;
    this.#at = start + 4;
    this.value = null;
    return true;
  }

  #readUsualStatus(u8: Uint8Array, start: number, end: number): boolean {
    let i = start;
    while (i < end && u8[i] !== carriageReturn) i++;
    if (i + 2 > end || u8[i + 1] !== newline || i - start >= this.#lineBytesMax) return false;
    this.#at = i + 2;
    if (i === start + 2 && u8[start] === 0x4f && u8[start + 1] === 0x4b) this.value = 'OK';
    else this.value = this.#text.read(u8, start, i, end);
    return true;
  }

  /** Offset of the CR that ends the line at `start`; -1 when CR and LF have not both come. */
  #findLineEnd(start: number): number {
    const u8 = this.#u8;
    const searchEnd = Math.min(this.#end, start + this.#lineBytesMax + 1);
    let i = start;
    while (i < searchEnd && u8[i] !== carriageReturn) i++;
    if (i === searchEnd) {
      if (i - start > this.#lineBytesMax) this.#refuse(start, `a line of more than ${this.#lineBytesMax} bytes`);
      return -1;
    }
    if (i + 1 === this.#end) return -1;
    if (u8[i + 1] !== newline) this.#refuse(i + 1, `expected LF after CR, got ${show(u8[i + 1])}`);
    return i;
  }

  /** Reads the line `<first>u8[start, end)`; the body of a bulk begins at `#at`. */
  #readLine(first: number, start: number, end: number): Read {
    const u8 = this.#u8;
    if (this.#pieces !== undefined && first !== type.piece) {
      this.#refuse(start - 1, `expected ';' in a streamed string, got ${show(first)}`);
    }
    switch (first) {
      case type.status:
        if (end - start === 2 && u8[start] === 0x4f && u8[start + 1] === 0x4b) return 'OK';
        return this.#text.read(u8, start, end, this.#end);
      case type.error:
        return new ReplyError(this.#text.read(u8, start, end, this.#end));
      case type.integer:
        return integerOf(u8, start, end) ?? this.#refuseLine('an integer', start, end);
      case type.double:
        return doubleOf(u8, start, end) ?? this.#refuseLine('a double', start, end);
      case type.bigNumber:
        return bigNumberOf(u8, start, end) ?? this.#refuseLine('a big number', start, end);
      case type.boolean:
        if (end - start === 1 && u8[start] === 0x74) return true;
        if (end - start === 1 && u8[start] === 0x66) return false;
        return this.#refuseLine("'t' or 'f'", start, end);
      case type.null:
        return start === end ? null : this.#refuseLine('nothing after the type', start, end);
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
        return this.#refuse(start - 1, `expected the type of a reply, got ${show(first)}`);
    }
  }

  /** A bulk whose length is `u8[start, end)`, up to `max`, and whose body begins at `#at`. */
  #readBulk(first: number, start: number, end: number, max: number): Read {
    const u8 = this.#u8;
    const length = this.#length(start, end, max);
    const isText = !this.#isBytes || first === type.blobError;
    const bodyStart = this.#at;
    const bodyEnd = bodyStart + length;
    if (bodyEnd + 2 > this.#end) {
      this.#body = new BulkBody(length, isText);
      this.#bodyType = first;
      this.#bodyEndBytes = 2;
      return this.#readBody(this.#body);
    }
    if (u8[bodyEnd] !== carriageReturn || u8[bodyEnd + 1] !== newline) this.#refuseBodyEnd(bodyEnd);
    this.#at = bodyEnd + 2;
    const body = isText ? this.#text.read(u8, bodyStart, bodyEnd, this.#end) : this.#bytes(bodyStart, bodyEnd);
    return this.#bulkValue(first, body);
  }

  /** A value of bytes that nobody will write to. The rest of the chunk is copied in one go, and values are views of it. */
  #bytes(start: number, end: number): Uint8Array<ArrayBuffer> {
    const u8 = this.#u8 as Uint8Array<ArrayBuffer>;
    if (this.#ownsChunks) return new Uint8Array(u8.buffer, u8.byteOffset + start, end - start);
    if (this.#copy === undefined) {
      // A Buffer's own `slice` would not copy.
      this.#copy = new Uint8Array(new Uint8Array(u8.buffer, u8.byteOffset + start, this.#end - start)).buffer;
      this.#copyStart = start;
    }
    return new Uint8Array(this.#copy, start - this.#copyStart, end - start);
  }

  #readBody(body: BulkBody): Read {
    const u8 = this.#u8;
    this.#at = body.take(u8, this.#at, this.#end);
    if (body.missingBytes > 0) return more;
    while (this.#bodyEndBytes > 0) {
      if (this.#at === this.#end) return more;
      const expected = this.#bodyEndBytes === 2 ? carriageReturn : newline;
      if (u8[this.#at] !== expected) this.#refuseBodyEnd(this.#at);
      this.#at++;
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
    if (separator !== colon) this.#refuse(this.#at, "expected a format and ':' in the verbatim string that ends here");
    if (!this.#isVerbatimObject) return body.slice(4);
    const text = typeof body === 'string' ? body : decodeText(body, 0, body.length);
    return new VerbatimText(text.slice(0, 3), text.slice(4));
  }

  /** A piece of a streamed string; the one of length 0, which has no body, ends it. */
  #readPiece(start: number, end: number): Read {
    const pieces = this.#pieces;
    if (pieces === undefined) return this.#refuse(start - 1, "';' outside of a streamed string");
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
    if (kind === type.push && stack.depth > 0) this.#refuse(start - 1, 'a push inside of another reply');
    if (stack.depth === this.#depthMax) this.#refuse(start - 1, `more than ${this.#depthMax} levels of aggregates`);
    if (isQuestionMark(this.#u8, start, end)) {
      if (kind === type.push || kind === type.attribute) this.#refuseLine('a count', start, end);
      stack.push(kind, streamed);
      return noValue;
    }
    const countMax = this.#countMax(kind);
    const wanted = isPairs(kind) ? 2 * this.#length(start, end, countMax / 2) : this.#length(start, end, countMax);
    return this.#openCounted(kind, wanted);
  }

  #openCounted(kind: number, wanted: number): Read {
    this.#stack.push(kind, wanted);
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
    if (start !== end) this.#refuseLine("nothing after '.'", start, end);
    const stack = this.#stack;
    if (stack.depth === 0 || stack.top().wanted !== streamed) {
      return this.#refuse(start - 1, "'.' outside of a streamed aggregate");
    }
    const { kind, count } = stack.top();
    if (kind === type.map && count % 2 === 1) this.#refuse(start - 1, 'a streamed map that ends with a key');
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
    if (count > countMax) this.#refuse(this.#at, `an aggregate of more than ${countMax} elements`);
  }

  #length(start: number, end: number, max: number): number {
    const length = integerOf(this.#u8, start, end);
    if (typeof length !== 'number' || length < 0) return this.#refuseLine('a length or count', start, end);
    if (length > max) this.#refuse(start, `a length or count of ${length}, where ${max} is the limit`);
    return length;
  }

  /** Keeps `u8[#at, end)` for later, as the start or a further part of a line. */
  #carryLine(end: number): void {
    const needBytes = this.#lineBytes + (end - this.#at);
    if (needBytes > this.#line.length) {
      const longer = new Uint8Array(Math.max(64, needBytes * 2));
      longer.set(this.#line.subarray(0, this.#lineBytes));
      this.#line = longer;
    }
    this.#line.set(this.#u8.subarray(this.#at, end), this.#lineBytes);
    this.#lineBytes = needBytes;
    this.#at = end;
  }

  /** Completes the carried line from the chunk, if its end is there, and reads it. */
  #readCarriedLine(): Read {
    const chunk = this.#u8;
    const chunkEnd = this.#end;
    const carriedBytes = this.#lineBytes;
    let i = this.#at;
    // After a CR whatever comes next decides; a line that is too long is refused as soon as one byte too many is there.
    if (this.#line[carriedBytes - 1] !== carriageReturn) {
      const searchEnd = Math.min(chunkEnd, i + this.#lineBytesMax - carriedBytes);
      while (i < searchEnd && chunk[i] !== carriageReturn) i++;
      if (i < chunkEnd) i++;
    }
    this.#carryLine(Math.min(i + 1, chunkEnd));
    const lineBytes = this.#lineBytes;
    if (lineBytes <= this.#lineBytesMax && this.#line[lineBytes - 2] !== carriageReturn) return more;

    // Reads the line in place of the chunk. It holds no body, so a bulk goes on in the chunk.
    const chunkAt = this.#at;
    this.#u8 = this.#line;
    this.#at = 0;
    this.#end = lineBytes;
    this.#lineBytes = 0;
    this.#baseOffset -= carriedBytes;
    this.#text.reset();
    // Not `#read`: its hot functions are to see one class of chunks only.
    const value = this.#readAny();
    this.#u8 = chunk;
    this.#at = chunkAt;
    this.#end = chunkEnd;
    this.#baseOffset += carriedBytes;
    this.#text.reset();
    return value;
  }

  #refuseBodyEnd(at: number): never {
    return this.#refuse(at, `expected CRLF after a bulk, got ${show(this.#u8[at])}`);
  }

  #refuseLine(expected: string, start: number, end: number): never {
    const line = decodeText(this.#u8, start, Math.min(end, start + 32));
    return this.#refuse(start, `expected ${expected}, got ${JSON.stringify(line)}`);
  }

  #refuse(at: number, what: string): never {
    throw new ProtocolError(`Protocol error: ${what} (byte ${this.#baseOffset + at} of the replies)`);
  }

  #fail(): void {
    this.#hasFailed = true;
    this.#u8 = nothing;
    this.#at = 0;
    this.#end = 0;
    this.#line = nothing;
    this.#lineBytes = 0;
    this.#body = undefined;
    this.#pieces = undefined;
    this.#stack.clear();
    this.#text.reset();
  }
}

function isQuestionMark(u8: Uint8Array, start: number, end: number): boolean {
  return end - start === 1 && u8[start] === 0x3f;
}

function isMinusOne(u8: Uint8Array, start: number, end: number): boolean {
  return end - start === 2 && u8[start] === 0x2d && u8[start + 1] === 0x31;
}

/** A byte in an error message. */
function show(byte: number): string {
  return JSON.stringify(String.fromCharCode(byte));
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
