import { ByteBuffer, type Connection, type ConnectionHandler } from '@kvartz/base';
import type { VirtualEnv } from '@kvartz/base/virtual';
import { encodeRequest, ReplyDecoder, type ReplyValue } from '@kvartz/resp';
import type { Kernel } from '@kvartz/server';

/**
 * A client of a kernel in the same process, without a network between: what the kernel hands over counts as received, so
 * that nothing is acknowledged a moment too early. Each piece sent is one turn of the kernel.
 */
export class LocalClient implements Connection {
  readonly remote = '127.0.0.1:1';
  readonly local = '127.0.0.1:6379';
  readonly kind = 'tcp';
  readonly isLoopback = true;
  readonly queuedBytes = 0;
  /** The kernel has closed it. */
  isClosed = false;
  onReply: (reply: ReplyValue) => void = () => {};
  readonly #env: VirtualEnv;
  readonly #decoder = new ReplyDecoder({ aggregates: 'array' });
  readonly #isDeaf: () => boolean;
  #handler: ConnectionHandler | undefined;
  #isPaused = false;
  #unread: Uint8Array[] = [];

  /** `isDeaf`: whatever comes comes too late. */
  constructor(kernel: Kernel, isDeaf: () => boolean) {
    this.#isDeaf = isDeaf;
    this.#env = kernel.env as VirtualEnv;
    kernel.accept(this);
  }

  attach(handler: ConnectionHandler): void {
    this.#handler = handler;
  }

  /** To the kernel, after `delayMs`. */
  send(bytes: Uint8Array, delayMs = 0): void {
    this.#env.timers.after(delayMs, () => {
      this.#unread.push(bytes);
      this.#deliver();
    });
  }

  /** Replies to all of these, in order; never when the power goes first. */
  ask(...requests: (readonly string[])[]): Promise<ReplyValue[]> {
    const replies: ReplyValue[] = [];
    return new Promise((resolve) => {
      this.onReply = (reply) => {
        if (replies.push(reply) === requests.length) resolve(replies);
      };
      this.send(Buffer.concat(requests.map((request) => encodeRequest(request))));
    });
  }

  /** From the kernel. */
  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#isDeaf() || this.isClosed) return true;
    this.#decoder.feed(bytes.slice(start, end));
    while (this.#decoder.next()) this.onReply(this.#decoder.value);
    return true;
  }

  pauseReading(): void {
    this.#isPaused = true;
  }

  resumeReading(): void {
    this.#isPaused = false;
    this.#env.timers.afterTurn(() => this.#deliver());
  }

  end(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#env.timers.afterTurn(() => this.#handler?.onClose(undefined));
  }

  #deliver(): void {
    while (!this.#isPaused && !this.isClosed) {
      const bytes = this.#unread.shift();
      if (bytes === undefined) return;
      this.#handler?.onData(ByteBuffer.from(bytes), 0, bytes.length);
    }
  }
}
