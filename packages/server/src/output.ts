import { ByteBuffer } from '@kvartz/base';
import { ReplyWriter } from '@kvartz/resp';
import type { Client } from './client.ts';

/**
 * The replies of one turn of the event loop, of all connections, in one buffer:
 *
 *   buffer:    [ client 7 | client 9 | client 7 | ... position )
 *   segments:    0          1          2
 *
 * A segment is a run of replies to one connection; a connection that got several chunks in one turn may have several.
 * `flush` hands every connection its segments, so that a connection costs one write a turn, and the buffer, still in
 * the processor's cache, is used again. A buffer that a socket could not take at once is left to that socket until it has
 * drained, and another one begun.
 */
export class Output {
  readonly writer: ReplyWriter;
  /** Bytes that were handed to connections since the start. */
  bytesWritten = 0;
  /** From so many bytes on it is full. */
  fullBytes = flushAtBytes;
  /** Counts the buffers that replies have been written to. */
  generation = 0;
  /** The one whose replies are being sent; -1: none. */
  sending = -1;
  readonly #clients: Client[] = [];
  readonly #starts: number[] = [];
  #segmentCount = 0;
  /** Buffers that their sockets have taken in the meantime. */
  readonly #spares: ByteBuffer[] = [];
  #spareBytes = 0;
  /** Fewest spares since the last `trim`. */
  #sparesUnused = 0;

  constructor() {
    this.writer = new ReplyWriter(bufferBytes);
  }

  /** Directs what is written from here on to this client. */
  begin(client: Client): void {
    const count = this.#segmentCount;
    if (count > 0 && this.#clients[count - 1] === client) return;
    this.#clients[count] = client;
    this.#starts[count] = this.writer.position;
    this.#segmentCount = count + 1;
  }

  /** Whether it is time to hand over before the turn ends, to keep the buffer small and in the cache. */
  get isFull(): boolean {
    return this.writer.position >= this.fullBytes;
  }

  /** Takes back what the current segment holds: the client gets no further reply. */
  cancel(client: Client): void {
    const last = this.#segmentCount - 1;
    if (last >= 0 && this.#clients[last] === client) this.writer.position = this.#starts[last];
  }

  flush(): void {
    const writer = this.writer;
    const count = this.#segmentCount;
    if (count === 0) return;
    this.sending = this.generation++;
    const isHeld = this.#send(writer.buffer, this.#clients, this.#starts, count, writer.position);
    this.#segmentCount = 0;
    // Keeps no closed client alive until the next busy turn.
    if (count > 1024) this.#clients.length = 0;
    if (isHeld || writer.buffer.sizeBytes > bufferBytesKept) {
      writer.buffer = this.#takeSpare();
    }
    writer.position = 0;
  }

  /** Takes away what has been written so far, to be sent later and in the same order; undefined: there is nothing. */
  detach(): DetachedReplies | undefined {
    const { writer } = this;
    const count = this.#segmentCount;
    if (count === 0) return undefined;
    const detached = {
      memory: writer.buffer,
      clients: this.#clients.slice(0, count),
      starts: this.#starts.slice(0, count),
      endOffset: writer.position,
      generation: this.generation++,
    };
    this.#segmentCount = 0;
    writer.buffer = this.#takeSpare();
    writer.position = 0;
    return detached;
  }

  sendDetached({ clients, endOffset, generation, memory, starts }: DetachedReplies): void {
    this.sending = generation;
    if (!this.#send(memory, clients, starts, clients.length, endOffset)) this.#keepSpare(memory);
  }

  /** True: some socket goes on reading the memory. */
  #send(
    memory: ByteBuffer,
    clients: readonly Client[],
    starts: readonly number[],
    count: number,
    endOffset: number,
  ): boolean {
    const bytes = memory.u8;
    let held: HeldBuffer | undefined;
    for (let i = 0; i < count; i++) {
      const start = starts[i];
      const end = i + 1 < count ? starts[i + 1] : endOffset;
      if (end === start || clients[i].send(bytes, start, end)) continue;
      held ??= { memory, holders: 0 };
      held.holders++;
      clients[i].heldBuffers.push(held);
    }
    this.sending = -1;
    this.bytesWritten += endOffset;
    return held !== undefined;
  }

  /** The client's socket has taken all that it was sent, or is gone. */
  release(client: Client): void {
    for (const held of client.heldBuffers) {
      if (--held.holders === 0) this.#keepSpare(held.memory);
    }
    client.heldBuffers.length = 0;
  }

  #keepSpare(memory: ByteBuffer): void {
    const bytes = memory.sizeBytes;
    if (bytes > bufferBytesKept || this.#spareBytes + bytes > spareBytesMax) return;
    this.#spares.push(memory);
    this.#spareBytes += bytes;
  }

  /** Gives back the spares that nobody has needed since the last call: for the cron, every few seconds. */
  trim(): void {
    for (const { sizeBytes } of this.#spares.splice(0, this.#sparesUnused)) this.#spareBytes -= sizeBytes;
    this.#sparesUnused = this.#spares.length;
  }

  #takeSpare(): ByteBuffer {
    const spare = this.#spares.pop();
    this.#sparesUnused = Math.min(this.#sparesUnused, this.#spares.length);
    if (spare === undefined) return new ByteBuffer(bufferBytes);
    this.#spareBytes -= spare.sizeBytes;
    return spare;
  }
}

/** Replies that were taken away to be sent later. */
export interface DetachedReplies {
  readonly memory: ByteBuffer;
  /** One for each segment, which begins at its start and ends where the next one begins. */
  readonly clients: readonly Client[];
  readonly starts: readonly number[];
  readonly endOffset: number;
  /** Of `Output`. */
  readonly generation: number;
}

/** A buffer that sockets still read. */
export interface HeldBuffer {
  readonly memory: ByteBuffer;
  holders: number;
}

/** The replies of one turn at pipeline 16 and 50 connections fit below the mark, and the buffer in the level-2 cache. */
export const flushAtBytes = 64 * 1024;
/** So that a reply of 64 KiB that begins just below the mark does not make it grow. */
const bufferBytes = 192 * 1024;
/**
 * A buffer that one big reply made grow beyond this is not kept. Replies of a megabyte are: a new buffer for each is garbage
 * that the collector sees late, 400 MB of it while one slow client read 500 of them.
 */
const bufferBytesKept = 4 * 1024 * 1024;
/** Some 64 clients may have full sockets at once without a new buffer for each. */
const spareBytesMax = 16 * 1024 * 1024;
