import { connect, type Socket } from 'node:net';

const answerTimeoutMs = 10_000;

/** A bare connection, for what well-behaved clients do not send. Bytes are latin1 strings. */
export class RawClient {
  readonly socket: Socket;
  /** Everything received so far. */
  received = '';
  isClosed = false;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      this.received += String(text);
      this.#wake();
    });
    socket.on('error', () => {}); // a reset shows as a close
    socket.once('close', () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  static connect(port: number, host = '127.0.0.1'): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, host);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        socket.setNoDelay(true);
        resolve(new RawClient(socket));
      });
    });
  }

  send(text: string): void {
    if (!this.isClosed) this.socket.write(text, 'latin1');
  }

  /** Until `isDone` says so, or the connection closes; throws after ten seconds. */
  async until(isDone: (received: string) => boolean, timeoutMs = answerTimeoutMs): Promise<string> {
    const deadline = performance.now() + timeoutMs;
    while (!isDone(this.received) && !this.isClosed) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0)
        throw new Error(`no answer in ${timeoutMs} ms; received ${JSON.stringify(this.received.slice(-200))}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.received;
  }

  /** Until the server has closed the connection; everything received. */
  async untilClosed(timeoutMs = answerTimeoutMs): Promise<string> {
    await this.until(() => false, timeoutMs);
    return this.received;
  }

  /** Sends one command and resolves to its reply, without the last line's end. For replies of one line, and bulk strings. */
  async ask(...parts: string[]): Promise<string> {
    const before = this.received.length;
    this.send(request(...parts));
    const received = await this.until((all) => isWholeReply(all.slice(before)));
    return received.slice(before).replace(/\r\n$/, '');
  }

  close(): void {
    this.socket.destroy();
  }
}

export function request(...parts: string[]): string {
  return `*${parts.length}\r\n${parts.map((part) => `$${Buffer.byteLength(part, 'latin1')}\r\n${part}\r\n`).join('')}`;
}

function isWholeReply(text: string): boolean {
  const lineEnd = text.indexOf('\r\n');
  if (lineEnd < 0) return false;
  const length = /^[$=](\d+)/.exec(text);
  return length === null || text.length >= lineEnd + 2 + Number(length[1]) + 2;
}
