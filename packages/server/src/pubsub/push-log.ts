import { ByteBuffer } from '@kvartz/base';
import { ReplyWriter } from '@kvartz/resp';
import type { HeldBuffer } from '../output.ts';

/** As those of replies, which held buffers become when their sockets have taken them. */
const bufferBytes = 192 * 1024;
/** A buffer that long messages made grow beyond this is not kept. */
const bufferBytesKept = 1024 * 1024;

/**
 * The messages of one turn in one version of the protocol, one after another, each once however many get it:
 *
 *   [ message | message | message ... position )
 *              start of the last one ^
 */
export class PushLog {
  readonly writer = new ReplyWriter(bufferBytes);
  /** Of the message that was written last, or is being written. */
  start = 0;
  /** Set while sockets are handed parts of it. */
  #held: HeldBuffer | undefined;

  constructor(protocol: 2 | 3) {
    this.writer.protocol = protocol;
  }

  /** Begins a message, which is what is written from here on. */
  begin(): ReplyWriter {
    this.start = this.writer.position;
    return this.writer;
  }

  /** For a socket that goes on reading the buffer. */
  hold(): HeldBuffer {
    this.#held ??= { memory: this.writer.buffer, holders: 0 };
    this.#held.holders++;
    return this.#held;
  }

  /** All of it has been handed over. */
  clear(): void {
    const { writer } = this;
    if (this.#held !== undefined || writer.buffer.sizeBytes > bufferBytesKept)
      writer.buffer = new ByteBuffer(bufferBytes);
    this.#held = undefined;
    writer.position = 0;
    this.start = 0;
  }
}
