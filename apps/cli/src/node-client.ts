import { connect, type Socket } from 'node:net';
import { encodeRequest, ReplyDecoder, ReplyError } from '@kvartz/resp';

/**
 * One connection to one node, for the few commands that form and describe a cluster. An error reply rejects with the
 * ReplyError; a connection that closes or stays silent for `timeoutMs` rejects everything that waits.
 */
export class NodeClient {
  readonly endpoint: string;
  readonly #socket: Socket;
  readonly #decoder = new ReplyDecoder();
  #waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void }[] = [];
  #failure: Error | undefined;

  private constructor(socket: Socket, endpoint: string, timeoutMs: number) {
    this.#socket = socket;
    this.endpoint = endpoint;
    socket.setNoDelay(true);
    socket.setTimeout(timeoutMs, () => {
      if (this.#waiting.length > 0) socket.destroy(new Error(`${endpoint} did not answer for ${timeoutMs} ms`));
    });
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.once('error', (error) => (this.#failure = error));
    socket.once('close', () => {
      const failure = this.#failure ?? new Error(`${endpoint} closed the connection`);
      this.#failure = failure;
      for (const { reject } of this.#waiting.splice(0)) reject(failure);
    });
  }

  static async connect(host: string, port: number, timeoutMs = 5000): Promise<NodeClient> {
    const socket = connect({ host, port });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
      socket.setTimeout(timeoutMs, () =>
        socket.destroy(new Error(`no connection to ${host}:${port} in ${timeoutMs} ms`)),
      );
    });
    socket.removeAllListeners();
    return new NodeClient(socket, `${host}:${port}`, timeoutMs);
  }

  command(...parts: (string | number)[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#waiting.push({ resolve, reject });
      this.#socket.write(encodeRequest(parts));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Uint8Array): void {
    try {
      this.#decoder.feed(chunk);
      while (this.#decoder.next()) {
        const { value, isPush } = this.#decoder;
        if (isPush) continue;
        const waiter = this.#waiting.shift();
        if (value instanceof ReplyError) waiter?.reject(value);
        else waiter?.resolve(value);
      }
    } catch (error) {
      this.#socket.destroy(error as Error); // not a Redis server
    }
  }
}
