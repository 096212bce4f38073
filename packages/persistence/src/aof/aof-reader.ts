import { assert, ByteBuffer, equalsIgnoreCase, latin1Of } from '@kvartz/base';
import { Args, type RequestBatch } from '@kvartz/resp';
import type { AofEnd, AofEndKind } from './aof-end.ts';
import { AofError } from './aof-error.ts';
import { CutItem, surplusBytesMax } from './cut-item.ts';
import { swallowedRequest } from './swallowed-request.ts';
import { parseWholeRequest } from './whole-request.ts';

/** What `AofReader.next` has come to. */
export const AofEvent = {
  /** All that has arrived is used up: feed more, or call `finish`. */
  needMore: 0,
  /** `args`. */
  command: 1,
  /** A transaction begins: the commands up to `exec` are to be run together, or not at all. */
  multi: 2,
  exec: 3,
  /** `annotation`: a line that is no command. */
  annotation: 4,
} as const;
export type AofEvent = (typeof AofEvent)[keyof typeof AofEvent];

const nothing = new ByteBuffer(0);
const multiBytes = 5;
const execBytes = 4;
const firstHelpingBytes = 256;
/** 'REDIS' */
const rdbMagic = [0x52, 0x45, 0x44, 0x49, 0x53];

/** Whether a file that begins with these bytes begins with an RDB file; undefined: there are too few to know. */
export function beginsWithRdb(head: Uint8Array): boolean | undefined {
  const count = Math.min(head.length, rdbMagic.length);
  for (let i = 0; i < count; i++) if (head[i] !== rdbMagic[i]) return false;
  return head.length < rdbMagic.length ? undefined : true;
}

/**
 * Reads the commands of an append-only file from pieces of any size.
 *
 *   reader.feed(chunk, start, end);
 *   for (let event = reader.next(); event !== AofEvent.needMore; event = reader.next()) { ... }
 *   const { kind, safeOffset } = reader.finish();
 *
 * What an event tells is valid until the next call; a chunk must stay as it is until `next` has asked for more. Nothing is
 * allocated for a command that lies whole in a chunk, and for one that does not, a small multiple of what has arrived. Throws
 * AofError where the file is damaged, and is of no use after that; a file that only ends too early is told by `finish`.
 */
export class AofReader {
  args: Args;
  /** Without the `#` and the end of the line. */
  annotation = '';
  /** So far: whole commands, those of transactions and MULTI and EXEC among them. */
  commands = 0;
  /** Whole transactions. */
  transactions = 0;
  /** Of the file, where the last event's item began, and the end of the last whole item. */
  itemOffset: number;
  wholeOffset: number;
  /** The end of the last whole item that is not part of an open transaction. */
  safeOffset: number;

  readonly #args = new Args(nothing, 64);
  #input: ByteBuffer = nothing;
  #at = 0;
  #end = 0;
  /** Where in the file `#input[0]` would be. */
  #inputOffset: number;
  #cut: CutItem | undefined;
  #isCutOpen = false;
  /** `commands` when MULTI came; -1: there is no open transaction. */
  #commandsBefore = -1;
  /** Something was wrong at a zero byte: an end of the file if nothing else follows, damage otherwise. */
  #zeros: AofError | undefined;
  #error: AofError | undefined;

  /** `offset`: where in the file the first byte comes from, which is not 0 behind an RDB file. */
  constructor(offset = 0) {
    this.args = this.#args;
    this.itemOffset = offset;
    this.wholeOffset = offset;
    this.safeOffset = offset;
    this.#inputOffset = offset;
  }

  /** Bytes of the file that have been used. */
  get offset(): number {
    return this.#inputOffset + this.#at;
  }

  /** Where in the file the first byte of the buffer would be that was fed last: what `batch.starts` count from. */
  get inputOffset(): number {
    return this.#inputOffset;
  }

  get isInTransaction(): boolean {
    return this.#commandsBefore >= 0;
  }

  /** The next bytes, `input.u8[start, end)`. */
  feed(input: ByteBuffer, start: number, end: number): void {
    assert(this.#at === this.#end, 'feed before the last chunk was used up');
    this.#inputOffset += this.#at - start;
    this.#input = input;
    this.#at = start;
    this.#end = end;
  }

  next(): AofEvent {
    if (this.#error !== undefined) throw this.#error;
    if (!this.#isCutOpen) {
      const { u8 } = this.#input;
      const at = this.#at;
      const args = this.#args;
      const end = parseWholeRequest(u8, at, this.#end, args);
      if (end > 0) {
        args.buffer = this.#input;
        this.args = args;
        this.#at = end;
        return this.#took(this.#inputOffset + at, this.#inputOffset + end);
      }
    }
    return this.#nextCut();
  }

  /**
   * Reads ahead: commands that lie whole in the chunk, each into its own Args of `batch`, up to the first that does not, to MULTI,
   * EXEC or an annotation, which are for `next`. Returns how many. They count as read, and are to be run before anything else is asked.
   */
  nextBatch(batch: RequestBatch): number {
    batch.count = 0;
    if (this.#isCutOpen || this.isInTransaction || this.#error !== undefined) return 0;
    const input = this.#input;
    const { u8 } = input;
    const end = this.#end;
    let at = this.#at;
    let count = 0;
    while (count < batch.capacity && at < end) {
      const args = batch.args[count];
      const itemEnd = parseWholeRequest(u8, at, end, args);
      if (itemEnd < 0) break;
      args.buffer = input;
      if (isTransactionWord(args)) break;
      batch.starts[count++] = at;
      at = itemEnd;
    }
    batch.count = count;
    if (count === 0) return 0;
    this.itemOffset = this.#inputOffset + batch.starts[count - 1];
    this.#at = at;
    this.commands += count;
    this.wholeOffset = this.#inputOffset + at;
    this.safeOffset = this.wholeOffset;
    return count;
  }

  /** No more will come: how the file ends. Throws AofError where what looks like its end is damage further up. */
  finish(): AofEnd {
    if (this.#error !== undefined) throw this.#error;
    if (this.#zeros !== undefined) return this.#endOf('zeros', this.#zeros.offset, this.#zeros.expected);
    const cut = this.#cut;
    if (cut === undefined || !this.#isCutOpen) {
      return this.isInTransaction ? this.#endOf('openTransaction', this.offset, 'EXEC') : this.#endOf('whole');
    }
    const error = swallowedRequest(cut, this.wholeOffset);
    if (error !== undefined) throw this.#fail(error);
    return this.#endOf('cut', this.offset, cut.expected);
  }

  /** An item that the chunk does not hold whole, or that is no usual request. */
  #nextCut(): AofEvent {
    if (this.#zeros !== undefined) return this.#skipZeros(this.#zeros);
    const cut = (this.#cut ??= new CutItem());
    let helpingBytes = firstHelpingBytes;
    while (this.#at < this.#end) {
      if (!this.#isCutOpen) {
        this.#isCutOpen = true;
        cut.begin(this.offset);
      }
      const takeEnd = Math.min(this.#end, this.#at + Math.max(cut.missingBytes, helpingBytes));
      helpingBytes = Math.min(helpingBytes * 2, surplusBytesMax);
      cut.append(this.#input, this.#at, takeEnd);
      this.#at = takeEnd;
      const itemBytes = this.#parse(cut);
      if (this.#zeros !== undefined) return this.#skipZeros(this.#zeros);
      if (itemBytes < 0) continue;
      // What was taken too much is still in the chunk.
      this.#at -= cut.usedBytes - itemBytes;
      this.#isCutOpen = false;
      const itemOffset = this.offset - itemBytes;
      if (!cut.isAnnotation) {
        this.args = cut.args;
        return this.#took(itemOffset, this.offset);
      }
      this.annotation = latin1Of(cut.buffer.u8, 1, itemBytes).trimEnd();
      this.#advance(itemOffset, this.offset);
      return AofEvent.annotation;
    }
    return AofEvent.needMore;
  }

  /** The size of the item in `cut`; -1: more is needed, or, with `#zeros`, that is where the file may end. */
  #parse(cut: CutItem): number {
    try {
      return cut.parse();
    } catch (error) {
      if (!(error instanceof AofError)) throw error;
      const { u8 } = cut.buffer;
      const at = error.offset - this.offset + cut.usedBytes;
      const isZero = error.code === 'corrupt' && u8.subarray(at, cut.usedBytes).every((byte) => byte === 0);
      if (!isZero) throw this.#fail(error);
      this.#zeros = error;
      return -1;
    }
  }

  /** `error` is none if the file ends with zeros. */
  #skipZeros(error: AofError): AofEvent {
    const { u8 } = this.#input;
    while (this.#at < this.#end) if (u8[this.#at++] !== 0) throw this.#fail(error);
    return AofEvent.needMore;
  }

  /** The request `args`, from and up to these offsets of the file. */
  #took(itemOffset: number, endOffset: number): AofEvent {
    this.commands++;
    const { args } = this;
    if (!isTransactionWord(args)) {
      this.#advance(itemOffset, endOffset);
      return AofEvent.command;
    }
    const isMulti = args.end[0] - args.start[0] === multiBytes;
    if (isMulti === this.isInTransaction) {
      const expected = isMulti ? 'a command of the transaction, or EXEC' : 'MULTI before EXEC';
      const found = isMulti ? 'MULTI' : 'EXEC';
      throw this.#fail(new AofError({ code: 'corrupt', offset: itemOffset, expected, found }));
    }
    this.#commandsBefore = isMulti ? this.commands - 1 : -1;
    if (!isMulti) this.transactions++;
    this.#advance(itemOffset, endOffset);
    return isMulti ? AofEvent.multi : AofEvent.exec;
  }

  #advance(itemOffset: number, endOffset: number): void {
    this.itemOffset = itemOffset;
    this.wholeOffset = endOffset;
    if (this.#commandsBefore < 0) this.safeOffset = endOffset;
  }

  #fail(error: AofError): AofError {
    this.#error = error;
    return error;
  }

  #endOf(kind: AofEndKind, offset = this.offset, expected = ''): AofEnd {
    const droppedCommands = this.isInTransaction ? this.commands - this.#commandsBefore : 0;
    return { kind, safeOffset: this.safeOffset, sizeBytes: this.offset, droppedCommands, offset, expected };
  }
}

/** Whether it is MULTI or EXEC. */
function isTransactionWord({ buffer, start, end }: Args): boolean {
  const sizeBytes = end[0] - start[0];
  if (sizeBytes === multiBytes) return equalsIgnoreCase(buffer.u8, start[0], end[0], 'multi');
  return sizeBytes === execBytes && equalsIgnoreCase(buffer.u8, start[0], end[0], 'exec');
}
