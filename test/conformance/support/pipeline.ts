import { connect, type Socket } from 'node:net';
import { type Reply, ReplyReader } from './reply.ts';

/** The arguments of one request, a character per byte. */
export type Request = readonly string[];

/** One connection over which many requests are sent at once. */
export class Pipeline {
  readonly #socket: Socket;
  readonly #reader = new ReplyReader();
  #replies: Reply[] = [];
  #wanted = 0;
  #done: ((replies: Reply[]) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#failed?.(error));
    socket.on('close', () => {
      this.#failed?.(new Error(`connection closed after ${this.#replies.length} of ${this.#wanted} replies`));
    });
  }

  static connect(port: number): Promise<Pipeline> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('connect', () => resolve(new Pipeline(socket)));
      socket.once('error', reject);
    });
  }

  /** One reply for each request, in order. */
  send(requests: readonly Request[]): Promise<Reply[]> {
    return new Promise((resolve, reject) => {
      this.#replies = [];
      this.#wanted = requests.length;
      this.#done = resolve;
      this.#failed = reject;
      this.#socket.write(Buffer.from(requests.map(encode).join(''), 'latin1'));
    });
  }

  #receive(chunk: Buffer): void {
    this.#reader.feed(chunk);
    for (let reply = this.#reader.next(); reply !== undefined; reply = this.#reader.next()) this.#replies.push(reply);
    if (this.#replies.length < this.#wanted) return;
    this.#failed = undefined;
    this.#done?.(this.#replies);
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }
}

function encode(request: Request): string {
  return `*${request.length}\r\n${request.map((part) => `$${part.length}\r\n${part}\r\n`).join('')}`;
}
