import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Pipeline, type Request } from './pipeline.ts';
import { type Reply, ReplyReader, render, textOfReply } from './reply.ts';

/** One connection on which requests may remain without a reply for long. */
class Member {
  readonly id: string;
  readonly #socket: Socket;
  readonly #reader = new ReplyReader();
  /** Sizes of the requests that have not been answered, the oldest first. */
  readonly #unanswered: number[] = [];
  #replies: string[] = [];

  private constructor(socket: Socket, id: string) {
    this.#socket = socket;
    this.id = id;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => {});
  }

  static async connect(port: number): Promise<Member> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const id = new Promise<string>((resolve) => {
      socket.once('data', (chunk) => resolve(chunk.toString('latin1').slice(1, -2)));
    });
    socket.write('CLIENT ID\r\n');
    return new Member(socket, await id);
  }

  send(requests: readonly Request[]): void {
    const texts = requests.map((request) => {
      return `*${request.length}\r\n${request.map((part) => `$${part.length}\r\n${part}\r\n`).join('')}`;
    });
    this.#unanswered.push(...texts.map((text) => text.length));
    this.#socket.write(texts.join(''), 'latin1');
  }

  #receive(chunk: Buffer): void {
    this.#reader.feed(chunk);
    for (let reply = this.#reader.next(); reply !== undefined; reply = this.#reader.next()) {
      this.#replies.push(render(reply));
      if (!isUnasked(reply)) this.#unanswered.shift();
    }
  }

  get isIdle(): boolean {
    return this.#unanswered.length === 0;
  }

  /** Whether the server, whose line about this connection this is, has read everything and waits. */
  isWaiting(line: string): boolean {
    const behindBytes = this.#unanswered.slice(1).reduce((sum, bytes) => sum + bytes, 0);
    return /flags=\w*b/.test(line) && line.includes(` qbuf=${behindBytes} `);
  }

  take(): string[] {
    return this.#replies.splice(0);
  }

  close(): void {
    this.#socket.destroy();
  }
}

function isUnasked({ kind, items }: Reply): boolean {
  return kind === '>' && items.length > 0 && unasked.has(textOfReply(items[0]));
}

/** In the reply to HELLO. */
const versionPattern = /(?<=\$7\r\nversion\r\n)\$\d+\r\n[\d.]+/;

/** Where replies name connections: HELLO, CLIENT TRACKINGINFO, CLIENT LIST, a push. */
const idPattern = /((?:redirect|redir-broken|\$2\r\nid)\r\n:|redir=)(\d+)/g;

const unasked = new Set(['invalidate', 'tracking-redir-broken', 'message', 'pmessage']);

/** Something that one of the connections does. */
export interface Turn {
  /** Number of the connection. */
  readonly who: number;
  /** Sent at once. A part `<id 3>` stands for the CLIENT ID of connection 3. None: it disconnects, and comes again. */
  readonly requests: readonly Request[];
}

/** Several connections to one server, which act one after another, each when the server is done with the one before. */
export class Crowd {
  readonly #port: number;
  readonly #observer: Pipeline;
  readonly #members: Member[];
  /** Ids that connections have had, with the number of the connection. */
  readonly #ids = new Map<string, number>();

  private constructor(port: number, observer: Pipeline, members: Member[]) {
    this.#port = port;
    this.#observer = observer;
    this.#members = members;
    for (const [who, { id }] of members.entries()) this.#ids.set(id, who);
  }

  static async gather(port: number, size: number): Promise<Crowd> {
    const members: Member[] = [];
    // One after another, so that ids rise.
    for (let i = 0; i < size; i++) members.push(await Member.connect(port));
    return new Crowd(port, await Pipeline.connect(port), members);
  }

  /** Takes the turn; answers what every connection has received since the last one. */
  async take({ requests, who }: Turn): Promise<string[][]> {
    if (requests.length === 0) {
      this.#members[who].close();
      await this.#until(async () => (await this.#lineOf(who)) === '');
      this.#members[who] = await Member.connect(this.#port);
      this.#ids.set(this.#members[who].id, who);
    } else {
      this.#members[who].send(requests.map((request) => request.map((part) => this.#idFor(part))));
      await this.#until(async () => this.#members[who].isIdle || this.#members[who].isWaiting(await this.#lineOf(who)));
    }
    return this.#settled();
  }

  /** What the turn has set free goes on in turns of its own: rounds of the server, until some in a row bring nothing new. */
  async #settled(): Promise<string[][]> {
    const received: string[][] = this.#members.map(() => []);
    for (let quiet = 0; quiet < quietRounds; quiet++) {
      await this.ask(['PING']);
      await nextTurn();
      for (const [i, member] of this.#members.entries()) {
        const replies = member.take();
        received[i].push(...replies.map((reply) => this.#withoutIds(reply)));
        if (replies.length > 0) quiet = -1;
      }
    }
    return received;
  }

  /** On a connection of its own; the whole reply. */
  async ask(request: Request): Promise<string> {
    const [reply] = await this.#observer.send([request]);
    return render(reply);
  }

  /** Ids, which are each server's own, as `<id 3>`; and nothing of the server's version. */
  #withoutIds(reply: string): string {
    return reply.replace(versionPattern, '').replaceAll(idPattern, (all, before: string, id: string) => {
      const who = this.#ids.get(id);
      return who === undefined ? all : `${before}<id ${who}>`;
    });
  }

  #idFor(part: string): string {
    return part.replace(/^<id (\d+)>$/, (_, who: string) => this.#members[Number(who)].id);
  }

  async #lineOf(who: number): Promise<string> {
    const [reply] = await this.#observer.send([['CLIENT', 'LIST', 'ID', this.#members[who].id]]);
    return textOfReply(reply);
  }

  async #until(isDone: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + settleMs;
    while (!(await isDone())) {
      if (performance.now() > deadline) throw new Error('a connection is neither answered nor blocked');
      await nextTurn();
    }
  }

  close(): void {
    for (const member of this.#members) member.close();
    this.#observer.close();
  }
}

const settleMs = 10_000;
const quietRounds = 3;
