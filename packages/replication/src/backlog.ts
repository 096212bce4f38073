/**
 * The command stream that replicas follow, as far back as somebody may still want it:
 *
 *   blocks:   [ 64 KiB ][ 64 KiB ][ 64 KiB ][ 12 KiB |         ]
 *             ^ startOffset   ^ a reader             ^ endOffset
 *
 * One copy of the bytes serves the backlog (PSYNC after a broken link) and every attached replica: a reader is an offset.
 * Blocks at the front go when they are neither within the last `capacityBytes` nor wanted by a reader, and are used again.
 * Replicas keep it too, under their master's offsets, so that a promoted one can serve its siblings (PSYNC2).
 *
 * An offset is the number of bytes of the stream before a byte: `endOffset` is Redis's master_repl_offset, and PSYNC asks
 * for `offset + 1`, the first byte that it lacks counted from 1.
 * Spec: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/
 */
import { assert } from '@kvartz/base';

const blockBytes = 64 * 1024;
/** Blocks that wait to be used again. */
const sparesMax = 16;

interface Block {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Offset of its first byte. */
  readonly startOffset: number;
  /** Bytes written. */
  length: number;
}

/** A run of the stream inside one block. Stays as it is until the reader is told that it has been `release`d. */
export interface BacklogRun {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export class Backlog {
  /** Bytes that are kept though nobody reads them now. Takes effect at the next `append` or `trim`. */
  capacityBytes: number;
  #blocks: Block[] = [];
  /** Index in #blocks of the first that is still there: the front is cut off seldom. */
  #first = 0;
  #startOffset: number;
  #endOffset: number;
  readonly #readers = new Set<BacklogReader>();
  readonly #spares: Uint8Array<ArrayBuffer>[] = [];

  constructor(capacityBytes: number, offset = 0) {
    this.capacityBytes = capacityBytes;
    this.#startOffset = offset;
    this.#endOffset = offset;
  }

  /** The oldest offset from which the stream can be continued. */
  get startOffset(): number {
    return this.#startOffset;
  }

  get endOffset(): number {
    return this.#endOffset;
  }

  /** Bytes of the stream that are here. */
  get lengthBytes(): number {
    return this.#endOffset - this.#startOffset;
  }

  /** Bytes of memory, spares included. */
  get memoryBytes(): number {
    return (this.#blocks.length - this.#first + this.#spares.length) * blockBytes;
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end;) {
      let last = this.#blocks.at(-1);
      if (last === undefined || last.length === blockBytes) last = this.#begin();
      const count = Math.min(end - at, blockBytes - last.length);
      last.bytes.set(bytes.subarray(at, at + count), last.length);
      last.length += count;
      at += count;
    }
    this.#endOffset += end - start;
    this.trim();
  }

  /** Forgets everything and goes on at another offset: a stream of another history begins. Readers must be gone. */
  restart(offset: number): void {
    assert(this.#readers.size === 0, 'a backlog with readers starts over');
    for (const { bytes } of this.#blocks.splice(0).slice(this.#first)) this.#spare(bytes);
    this.#first = 0;
    this.#startOffset = offset;
    this.#endOffset = offset;
  }

  /** Whether all from this offset on is here. */
  holds(offset: number): boolean {
    return offset >= this.#startOffset && offset <= this.#endOffset;
  }

  /** A reader of what comes at and after `offset`, which must be here. It keeps what it has not released. */
  read(offset: number): BacklogReader {
    assert(this.holds(offset), `offset ${offset} outside [${this.#startOffset}, ${this.#endOffset}]`);
    const reader = new BacklogReader(this, offset);
    this.#readers.add(reader);
    return reader;
  }

  /** For BacklogReader. */
  runAt(offset: number, bytesMax: number): BacklogRun | undefined {
    if (offset >= this.#endOffset) return undefined;
    const block = this.#blocks[this.#indexAt(offset)];
    const start = offset - block.startOffset;
    return { bytes: block.bytes, start, end: Math.min(block.length, start + bytesMax) };
  }

  /** For BacklogReader. */
  leave(reader: BacklogReader): void {
    this.#readers.delete(reader);
  }

  /** Drops what is neither recent nor wanted. */
  trim(): void {
    let keptFrom = this.#endOffset - this.capacityBytes;
    for (const { releasedOffset } of this.#readers) keptFrom = Math.min(keptFrom, releasedOffset);
    while (this.#first < this.#blocks.length) {
      const block = this.#blocks[this.#first];
      if (block.length < blockBytes || block.startOffset + blockBytes > keptFrom) break;
      this.#startOffset = block.startOffset + blockBytes;
      this.#first++;
      this.#spare(block.bytes);
    }
    if (this.#first < 64 || this.#first < this.#blocks.length / 2) return;
    this.#blocks.splice(0, this.#first);
    this.#first = 0;
  }

  #begin(): Block {
    const bytes = this.#spares.pop() ?? new Uint8Array(blockBytes);
    const previous = this.#blocks.at(-1);
    const startOffset = previous === undefined ? this.#endOffset : previous.startOffset + blockBytes;
    const block = { bytes, startOffset, length: 0 };
    this.#blocks.push(block);
    return block;
  }

  #indexAt(offset: number): number {
    return this.#first + Math.floor((offset - this.#blocks[this.#first].startOffset) / blockBytes);
  }

  #spare(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#spares.length < sparesMax) this.#spares.push(bytes);
  }
}

/** Somebody's place in the stream. */
export class BacklogReader {
  readonly #backlog: Backlog;
  /** Offset of the byte that `next` begins with. */
  offset: number;
  #releasedOffset: number;

  constructor(backlog: Backlog, offset: number) {
    this.#backlog = backlog;
    this.offset = offset;
    this.#releasedOffset = offset;
  }

  get releasedOffset(): number {
    return this.#releasedOffset;
  }

  /** Bytes that wait for this reader. */
  get behindBytes(): number {
    return this.#backlog.endOffset - this.offset;
  }

  /** The next run, at most `bytesMax` long; undefined when all has been read. */
  next(bytesMax: number): BacklogRun | undefined {
    const run = this.#backlog.runAt(this.offset, bytesMax);
    if (run !== undefined) this.offset += run.end - run.start;
    return run;
  }

  /** Nobody needs the runs that were handed out any more. */
  release(): void {
    this.#releasedOffset = this.offset;
  }

  close(): void {
    this.#backlog.leave(this);
  }
}
