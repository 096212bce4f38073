import { connect, type Socket } from 'node:net';
import type { Pipeline, Request } from './pipeline.ts';
import { type Reply, ReplyReader, textOfReply } from './reply.ts';

/** The pattern of keyspace notifications covers it. */
const markChannel = '__keymark__:';

/** Hears what a server says of its keys while requests run there, each followed by a mark, so that it is known which said what. */
export class EventEar {
  readonly #pipeline: Pipeline;
  readonly #socket: Socket;
  readonly #reader = new ReplyReader();
  /** Since the last mark. */
  #events: string[] = [];
  #heard = new Map<number, string[]>();
  #isDone: (() => void) | undefined;

  private constructor(pipeline: Pipeline, socket: Socket) {
    this.#pipeline = pipeline;
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      this.#reader.feed(chunk);
      for (let reply = this.#reader.next(); reply !== undefined; reply = this.#reader.next()) this.#hear(reply);
    });
  }

  static async listen(port: number, pipeline: Pipeline): Promise<EventEar> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const ear = new EventEar(pipeline, socket);
    const isSubscribed = new Promise<void>((resolve) => (ear.#isDone = resolve));
    socket.write('PSUBSCRIBE __key*__:*\r\n');
    await isSubscribed;
    return ear;
  }

  #hear({ items }: Reply): void {
    const [kind, , channel, payload] = items.map(textOfReply);
    if (kind === 'psubscribe' || payload === 'end') this.#isDone?.();
    else if (channel !== markChannel) this.#events.push(`${channel} ${payload}`);
    else {
      this.#heard.set(Number(payload), this.#events);
      this.#events = [];
    }
  }

  /** By number of the request, what was heard of keys while it ran. MULTI queues the marks, too. */
  async hear(requests: readonly Request[]): Promise<ReadonlyMap<number, readonly string[]>> {
    this.#events = [];
    this.#heard = new Map();
    const isDone = new Promise<void>((resolve) => (this.#isDone = resolve));
    const marked = requests.flatMap((request, i): Request[] => [request, ['PUBLISH', markChannel, String(i)]]);
    await this.#pipeline.send([...marked, ['DISCARD'], ['PUBLISH', markChannel, 'end']]);
    await isDone;
    return this.#heard;
  }

  close(): void {
    this.#socket.destroy();
  }
}
