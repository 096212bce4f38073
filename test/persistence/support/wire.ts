import { connect, type Socket } from 'node:net';
import { encodeRequest, ReplyDecoder, type ReplyValue } from '@kvartz/resp';
import type { Writer } from './writer.ts';

/** A connection that takes replies one by one, until the server dies. */
export class Wire {
  readonly #socket: Socket;
  readonly #decoder = new ReplyDecoder({ aggregates: 'array' });
  readonly #closed: Promise<void>;
  #onReply: (reply: ReplyValue) => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {}); // a reset shows as a close
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /** Rejects while nobody listens. */
  static open(port: number): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        socket.setNoDelay(true);
        resolve(new Wire(socket).#read());
      });
    });
  }

  /** Replies to all of these, in order. Rejects when the connection closes before. */
  async ask(...requests: (readonly string[])[]): Promise<ReplyValue[]> {
    const replies: ReplyValue[] = [];
    const complete = new Promise<void>((resolve) => {
      this.#onReply = (reply) => {
        if (replies.push(reply) === requests.length) resolve();
      };
    });
    const closed = this.#closed.then(() => Promise.reject(new Error('the connection was closed')));
    this.#socket.write(Buffer.concat(requests.map((request) => encodeRequest(request))));
    await Promise.race([complete, closed]);
    return replies;
  }

  /** Lets the writer write until the connection closes, after the last reply that the server has sent. */
  async load(writer: Writer): Promise<void> {
    const send = (): void => {
      const bytes = writer.next(performance.now());
      if (bytes !== undefined) this.#socket.write(bytes);
    };
    let isSending = false;
    this.#onReply = (reply) => {
      writer.answered(reply, performance.now());
      if (isSending) return;
      isSending = true;
      // What one chunk has answered makes room for one chunk of requests.
      setImmediate(() => {
        isSending = false;
        send();
      });
    };
    send();
    await this.#closed;
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(): this {
    this.#socket.on('data', (chunk: Buffer) => {
      this.#decoder.feed(chunk);
      while (this.#decoder.next()) this.#onReply(this.#decoder.value);
    });
    return this;
  }
}
