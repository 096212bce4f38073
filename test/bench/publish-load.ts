import { connect, type Socket } from 'node:net';
import { bulkLoad } from './bulk-load.ts';
import type { OpenLoad, OwnLoad } from './shapes.ts';

export interface PublishOptions {
  readonly subscribers: number;
  /** Different channels; each subscriber listens to its share of them, or all to the one that there is. */
  readonly channels: number;
}

const batch = 16;
const payload = 'x'.repeat(16);
const connectingAtOnce = 500;
/** What may be under way between publishers and subscribers, so that no server has to hold more. */
const underWayBytesMax = 16 * 1024 * 1024;
const pong = '*2\r\n$4\r\npong\r\n$0\r\n\r\n';
/** All sockets are read into it: what comes is only counted. */
const readBuffer = Buffer.alloc(256 * 1024);

/** Publishers and subscribers in this process. An operation is one PUBLISH; it is done when all who listen have it. */
export function publishLoad({ channels, subscribers }: PublishOptions): OwnLoad {
  const receivers = channels === 1 ? subscribers : 1;
  return {
    firstOperations: Math.max(batch, Math.floor(10_000 / receivers)),
    async open(port: number): Promise<OpenLoad> {
      if (subscribers > 9_000) await configure(port, 'maxclients', subscribers + 1_000);
      const names = Array.from({ length: channels }, (_, i) => `bench:${String(i).padStart(8, '0')}`);
      const share = channels === 1 ? 1 : channels / subscribers;
      const listening: Counter[] = [];
      for (let i = 0; i < subscribers; i += connectingAtOnce) {
        const some = Array.from({ length: Math.min(connectingAtOnce, subscribers - i) }, async (_, j) => {
          const from = channels === 1 ? 0 : (i + j) * share;
          return subscribe(port, names.slice(from, from + share));
        });
        listening.push(...(await Promise.all(some)));
      }
      const publishers = await Promise.all(
        Array.from({ length: receivers > 100 ? 1 : 8 }, () => Counter.connect(port)),
      );
      const exchange = new Exchange(names, receivers, listening, publishers);
      return {
        run: (operations) => exchange.run(operations),
        close: async () => void (await Promise.all([...listening, ...publishers].map((one) => one.close()))),
      };
    },
  };
}

async function configure(port: number, name: string, value: number): Promise<void> {
  await bulkLoad(port, [['CONFIG', 'SET', name, value]]);
}

/** A connection of which only the number of bytes that come matters. */
class Counter {
  readonly socket: Socket;
  bytes = 0;
  onBytes: (() => void) | undefined;
  /** The first bytes, until somebody has seen enough. */
  head: string | undefined = '';
  isClosing = false;

  private constructor(port: number, opened: (error?: Error) => void) {
    this.socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (size, buffer) => {
          if (this.head !== undefined)
            this.head = (this.head + Buffer.from(buffer).toString('latin1', 0, size)).slice(-64);
          this.bytes += size;
          this.onBytes?.();
          return true;
        },
      },
    });
    this.socket.once('connect', () => opened());
    this.socket.on('error', opened);
  }

  static connect(port: number): Promise<Counter> {
    return new Promise((resolve, reject) => {
      const counter: Counter = new Counter(port, (error) => (error === undefined ? resolve(counter) : reject(error)));
    });
  }

  close(): Promise<void> {
    this.isClosing = true;
    return new Promise((resolve) => {
      this.socket.once('close', () => resolve());
      this.socket.destroy();
    });
  }
}

async function subscribe(port: number, channels: readonly string[]): Promise<Counter> {
  const counter = await Counter.connect(port);
  const isReady = new Promise<void>((resolve) => {
    counter.onBytes = () => {
      if (counter.head!.endsWith(pong)) resolve();
    };
  });
  counter.socket.write(`SUBSCRIBE ${channels.join(' ')}\r\nPING\r\n`);
  await isReady;
  counter.onBytes = undefined;
  counter.head = undefined;
  return counter;
}

/** Publishes as fast as the bound on what is under way allows. */
class Exchange {
  readonly #names: readonly string[];
  readonly #receivers: number;
  readonly #publishers: readonly Counter[];
  readonly #messageBytes: number;
  #operations = 0;
  #sent = 0;
  #replyBytes = 0;
  #messagesBytes = 0;
  #next = 0;
  #isOver: (() => void) | undefined;

  constructor(
    names: readonly string[],
    receivers: number,
    listening: readonly Counter[],
    publishers: readonly Counter[],
  ) {
    this.#names = names;
    this.#receivers = receivers;
    this.#publishers = publishers;
    const [name] = names;
    this.#messageBytes =
      `*3\r\n$7\r\nmessage\r\n$${name.length}\r\n${name}\r\n$${payload.length}\r\n${payload}\r\n`.length;
    for (const counter of listening) {
      counter.bytes = 0;
      counter.onBytes = () => {
        this.#messagesBytes += counter.bytes;
        counter.bytes = 0;
        this.#pump();
      };
      counter.socket.on('close', () => {
        if (!counter.isClosing) throw new Error('a subscriber was disconnected');
      });
    }
    for (const counter of publishers) {
      counter.head = undefined;
      counter.onBytes = () => {
        this.#replyBytes += counter.bytes;
        counter.bytes = 0;
        this.#pump();
      };
    }
  }

  run(operations: number): Promise<void> {
    this.#operations = operations;
    this.#sent = 0;
    this.#replyBytes = 0;
    this.#messagesBytes = 0;
    return new Promise((resolve) => {
      this.#isOver = resolve;
      this.#pump();
    });
  }

  #pump(): void {
    const replyBytes = `:${this.#receivers}\r\n`.length;
    const bytesEach = this.#receivers * this.#messageBytes;
    const answered = this.#replyBytes / replyBytes;
    if (answered === this.#operations && this.#messagesBytes === this.#operations * bytesEach) {
      this.#isOver?.();
      this.#isOver = undefined;
      return;
    }
    while (this.#sent < this.#operations) {
      if (this.#sent - answered > batch * (this.#publishers.length - 1)) return;
      if (this.#sent * bytesEach - this.#messagesBytes > underWayBytesMax) return;
      this.#sendBatch();
    }
  }

  #sendBatch(): void {
    const count = Math.min(batch, this.#operations - this.#sent);
    let requests = '';
    for (let i = 0; i < count; i++) {
      this.#next = (this.#next + 7919) % this.#names.length;
      const name = this.#names[this.#next];
      requests += `*3\r\n$7\r\nPUBLISH\r\n$${name.length}\r\n${name}\r\n$${payload.length}\r\n${payload}\r\n`;
    }
    this.#publishers[((this.#sent / batch) % this.#publishers.length) | 0].socket.write(requests, 'latin1');
    this.#sent += count;
  }
}
