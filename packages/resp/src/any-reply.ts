/**
 * One reply of any kind, however it is cut: a line or a bulk at a time. What a cut leaves unfinished is carried over as it
 * is: the open aggregates on a stack, the start of one line, or the body of one bulk.
 */
import type { AggregateStack } from './aggregate-stack.ts';
import { decodeText } from './chunk-text.ts';
import { CutBulk } from './cut-bulk.ts';
import { CutLine } from './cut-line.ts';
import { ReplyError } from './errors.ts';
import { OpenAggregates } from './open-aggregates.ts';
import { type ReplyChunk, show } from './reply-chunk.ts';
import { isMinusOne, isQuestionMark, lengthOf, lineValue } from './reply-line.ts';
import { replyType } from './reply-types.ts';
import { type ReplyDecoderOptions, type ReplyValue, VerbatimText } from './reply-value.ts';
import { StreamedString } from './streamed-string.ts';

// Constants of this module: imported ones are looked up each time.
const { piece, bulk, blobError, verbatim, array, set, map, attribute, push, end: streamEnd } = replyType;

const carriageReturn = 0x0d;
const newline = 0x0a;
const colon = 0x3a;

/** Undefined: what was read is not a value (the head of an aggregate, a piece of a string), or more bytes are needed. */
type Read = ReplyValue | undefined;

export class AnyReply {
  readonly #chunk: ReplyChunk;
  readonly #stack: AggregateStack;
  readonly #aggregates: OpenAggregates;
  readonly #isVerbatimObject: boolean;
  readonly #line = new CutLine();
  /** `read` has begun something. Arrays that `readUsual` could not complete are on the stack. */
  #isBusy = false;
  #bulk: CutBulk | undefined = undefined;
  #string: StreamedString | undefined = undefined;

  constructor(chunk: ReplyChunk, stack: AggregateStack, options: ReplyDecoderOptions) {
    this.#chunk = chunk;
    this.#stack = stack;
    this.#aggregates = new OpenAggregates(chunk, stack, options);
    this.#isVerbatimObject = options.verbatim === 'object';
  }

  /** Something has been begun that is not yet a reply. */
  get isBusy(): boolean {
    return this.#isBusy || this.#stack.depth > 0;
  }

  /** The reply that was read last is a push. */
  get isPush(): boolean {
    return this.#aggregates.isPush;
  }

  /** The attributes of the reply that was read last. */
  takeAttributes(): Map<ReplyValue, ReplyValue> | undefined {
    const aggregates = this.#aggregates;
    const { attributes } = aggregates;
    if (attributes !== undefined) aggregates.attributes = undefined;
    return attributes;
  }

  /** The next reply of the chunk, or the rest of the one that was begun; undefined: more bytes are needed. */
  read(): ReplyValue | undefined {
    const chunk = this.#chunk;
    const aggregates = this.#aggregates;
    aggregates.isPush = false;
    while (chunk.at < chunk.end) {
      this.#isBusy = true;
      const value = this.#readOn();
      if (value === undefined) continue;
      const reply = aggregates.add(value);
      if (reply === undefined) continue;
      this.#isBusy = false;
      return reply;
    }
    return undefined;
  }

  /** Forgets what was begun. */
  clear(): void {
    this.#isBusy = false;
    this.#line.clear();
    this.#bulk = undefined;
    this.#string = undefined;
    this.#aggregates.attributes = undefined;
    this.#stack.clear();
  }

  #readOn(): Read {
    if (this.#bulk !== undefined) return this.#readCutBulk(this.#bulk);
    if (this.#line.sizeBytes > 0) return this.#readCutLine(this.#line);
    const stack = this.#stack;
    if (this.#string === undefined && stack.depth > 0) {
      const value = this.#aggregates.readElements();
      if (stack.depth === 0) return value;
      if (this.#chunk.at === this.#chunk.end) return undefined;
    }
    return this.#readNext();
  }

  #readNext(): Read {
    const chunk = this.#chunk;
    const start = chunk.at;
    const lineEnd = chunk.findLineEnd(start);
    if (lineEnd < 0) {
      this.#line.append(chunk.u8, start, chunk.end);
      chunk.at = chunk.end;
      return undefined;
    }
    chunk.at = lineEnd + 2;
    return this.#readLine(chunk.u8[start], start + 1, lineEnd);
  }

  /** Completes the cut line from the chunk, if its end is there, and reads it. */
  #readCutLine(line: CutLine): Read {
    const chunk = this.#chunk;
    const carriedBytes = line.sizeBytes;
    chunk.at = line.take(chunk.u8, chunk.at, chunk.end, chunk.lineBytesMax);
    if (!line.isReadable(chunk.lineBytesMax)) return undefined;
    const { u8, sizeBytes } = line;
    line.clear();
    // Not `readElements`: the hot loop is to see one class of chunks only. A line holds no body, so a bulk that it
    // announces is read on from the chunk.
    return chunk.readInstead(u8, sizeBytes, carriedBytes, () => this.#readNext());
  }

  /** Reads the line `<first>u8[start, end)`, and the body behind it. */
  #readLine(first: number, start: number, end: number): Read {
    const chunk = this.#chunk;
    if (this.#string !== undefined && first !== piece) {
      chunk.refuse(start - 1, `expected ';' in a streamed string, got ${show(first)}`);
    }
    switch (first) {
      case bulk:
        if (isMinusOne(chunk, start, end)) return null;
        if (!isQuestionMark(chunk, start, end)) {
          return this.#readBulk(first, lengthOf(chunk, start, end, chunk.bulkBytesMax));
        }
        this.#string = new StreamedString(chunk.isBytes);
        return undefined;
      case piece:
        return this.#readPiece(start, end);
      case blobError:
      case verbatim:
        return this.#readBulk(first, lengthOf(chunk, start, end, chunk.textBytesMax));
      case array:
        return isMinusOne(chunk, start, end) ? null : this.#aggregates.open(first, start, end);
      case set:
      case map:
      case attribute:
      case push:
        return this.#aggregates.open(first, start, end);
      case streamEnd:
        return this.#aggregates.endStreamed(start, end);
      default:
        return lineValue(chunk, first, start, end);
    }
  }

  /** A piece of a streamed string; the one of length 0, which has no body, ends it. */
  #readPiece(start: number, end: number): Read {
    const chunk = this.#chunk;
    const string = this.#string;
    if (string === undefined) return chunk.refuse(start - 1, "';' outside of a streamed string");
    const length = lengthOf(chunk, start, end, chunk.bulkBytesMax - string.sizeBytes);
    if (length > 0) return this.#readBulk(piece, length);
    this.#string = undefined;
    return string.join();
  }

  /** A bulk of which the body begins at the `at` of the chunk. */
  #readBulk(kind: number, length: number): Read {
    const chunk = this.#chunk;
    const isText = !chunk.isBytes || kind === blobError;
    const start = chunk.at;
    const end = start + length;
    if (end + 2 > chunk.end) {
      this.#bulk = new CutBulk(kind, length, isText);
      return this.#readCutBulk(this.#bulk);
    }
    if (chunk.u8[end] !== carriageReturn) chunk.refuseBodyEnd(end);
    if (chunk.u8[end + 1] !== newline) chunk.refuseBodyEnd(end + 1);
    chunk.at = end + 2;
    return this.#bulkValue(kind, length, isText ? chunk.text(start, end) : chunk.bytes(start, end));
  }

  #readCutBulk(cut: CutBulk): Read {
    const body = cut.read(this.#chunk);
    if (body === undefined) return undefined;
    this.#bulk = undefined;
    return this.#bulkValue(cut.kind, cut.sizeBytes, body);
  }

  #bulkValue(kind: number, sizeBytes: number, body: string | Uint8Array<ArrayBuffer>): Read {
    if (kind === bulk) return body;
    if (kind === verbatim) return this.#verbatimValue(body);
    if (kind === blobError) return new ReplyError(body as string);
    this.#string!.add(body, sizeBytes);
    return undefined;
  }

  #verbatimValue(body: string | Uint8Array<ArrayBuffer>): ReplyValue {
    const chunk = this.#chunk;
    const separator = typeof body === 'string' ? body.charCodeAt(3) : body[3];
    if (separator !== colon) {
      chunk.refuse(chunk.at, "expected a format and ':' in the verbatim string that ends here");
    }
    if (!this.#isVerbatimObject) return body.slice(4);
    const text = typeof body === 'string' ? body : decodeText(body, 0, body.length);
    return new VerbatimText(text.slice(0, 3), text.slice(4));
  }
}
