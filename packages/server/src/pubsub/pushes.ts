import type { ReplyWriter } from '@kvartz/resp';
import type { Client } from '../client.ts';

/** What waits to be pushed to one client: bytes that are complete replies. */
export class PushBuffer {
  u8: Uint8Array<ArrayBuffer>;
  length = 0;

  constructor(capacity: number) {
    this.u8 = new Uint8Array(capacity);
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.u8.length) {
      const grown = new Uint8Array(Math.max(length, this.u8.length * 2));
      grown.set(this.u8.subarray(0, this.length));
      this.u8 = grown;
    }
    if (end - start < shortBytes) for (let i = start, at = this.length; i < end; i++, at++) this.u8[at] = bytes[i];
    else this.u8.set(bytes.subarray(start, end), this.length);
    this.length = length;
  }
}

/** Up to this length a loop beats the native copy. */
const shortBytes = 64;
const bufferBytes = 512;
const bufferBytesKept = 16 * 1024;
const sparesMax = 1024;
/** What waits for all clients together is handed over before the turn ends when it is more. */
const fullBytes = 1024 * 1024;

/**
 * What clients are sent that they did not ask for in this request: published messages, invalidations. It waits beside the
 * replies, one buffer a client, and leaves after them in one write a turn, so that a thousand messages to one subscriber
 * are one write, and a push never stands inside the reply of a command that is running.
 */
export class Pushes {
  readonly #dirty: Client[] = [];
  readonly #spares: PushBuffer[] = [];
  readonly #onWaiting: () => void;
  #waitingBytes = 0;
  /** Whose requests are being run. */
  current: Client | undefined;
  /** Something waits that has to leave before the next request runs: much, or for the very client. */
  isPressing = false;

  /** `onWaiting`: something waits, and `flush` is to be called at the end of the turn. */
  constructor(onWaiting: () => void) {
    this.#onWaiting = onWaiting;
  }

  get isFull(): boolean {
    return this.#waitingBytes >= fullBytes;
  }

  append(client: Client, bytes: Uint8Array, start: number, end: number): void {
    let buffer = client.pushes;
    if (buffer === undefined) {
      buffer = this.#spares.pop() ?? new PushBuffer(bufferBytes);
      client.pushes = buffer;
      if (this.#dirty.push(client) === 1) this.#onWaiting();
    }
    buffer.append(bytes, start, end);
    this.#waitingBytes += end - start;
    if (client === this.current || this.isFull) this.isPressing = true;
  }

  /** Puts what waits for the client in front of the replies that are written next: it came first. */
  moveTo(client: Client, writer: ReplyWriter): void {
    const buffer = client.pushes;
    if (buffer === undefined || buffer.length === 0) return;
    writer.raw(buffer.u8, 0, buffer.length);
    this.#waitingBytes -= buffer.length;
    buffer.length = 0;
  }

  flush(): void {
    const dirty = this.#dirty;
    if (dirty.length === 0) return;
    // A client that is closed for its slowness meanwhile may add to nothing here.
    for (let i = 0; i < dirty.length; i++) {
      const client = dirty[i];
      const buffer = client.pushes!;
      client.pushes = undefined;
      const isTaken = buffer.length === 0 || client.send(buffer.u8, 0, buffer.length);
      buffer.length = 0;
      if (isTaken && buffer.u8.length <= bufferBytesKept && this.#spares.length < sparesMax) this.#spares.push(buffer);
    }
    dirty.length = 0;
    this.#waitingBytes = 0;
    this.isPressing = false;
  }
}
