import type { ReplyWriter } from '@kvartz/resp';
import type { Client } from '../client.ts';
import type { Output } from '../output.ts';
import { ClientPushes } from './client-pushes.ts';
import { PushLog } from './push-log.ts';

const sparesMax = 1024;
/** What waits for all clients together is handed over before the turn ends when it is more. */
const fullBytes = 1024 * 1024;
/** Where many clients have something coming, so much for each: a write costs more than it copies. */
const fullBytesEach = 2048;

/**
 * What clients are sent that they did not ask for in this request: published messages, invalidations. It waits beside the
 * replies, and leaves after them in one write a client and turn, so that a thousand messages to one subscriber are one write,
 * and a push never stands inside the reply of a command that is running.
 *
 * A message is written once, into the log of its protocol; `add` then says who gets it.
 */
export class Pushes {
  readonly #logs = [new PushLog(2), new PushLog(3)];
  readonly #dirty: Client[] = [];
  readonly #spares: ClientPushes[] = [];
  readonly #onWaiting: () => void;
  #copiedBytes = 0;
  /** Whose requests are being run. */
  current: Client | undefined;
  /** Something waits that has to leave before the next request runs: much, or for the very client. */
  isPressing = false;

  /** `onWaiting`: something waits, and `flush` is to be called at the end of the turn. */
  constructor(onWaiting: () => void) {
    this.#onWaiting = onWaiting;
  }

  get isFull(): boolean {
    const bytes = this.#copiedBytes + this.#logs[0].writer.position + this.#logs[1].writer.position;
    return bytes >= fullBytes && bytes >= this.#dirty.length * fullBytesEach;
  }

  logOf(protocol: 2 | 3): PushLog {
    return this.#logs[protocol - 2];
  }

  /** Sends the last message of the log, which is one of the client's protocol, to the client. */
  add(client: Client, log: PushLog): void {
    const own = client.pushes;
    const end = log.writer.position;
    if (own !== undefined && own.log === log && own.end === log.start) own.end = end;
    else this.#addApart(client, log, end);
    if (client === this.current) this.isPressing = true;
  }

  #addApart(client: Client, log: PushLog, end: number): void {
    const own = this.#pushesOf(client);
    if (own.isEmpty) {
      own.log = log;
      own.start = log.start;
      own.end = end;
    } else this.#copy(own, log.writer.buffer.u8, log.start, end);
  }

  /** Sends bytes that are a complete reply. */
  append(client: Client, bytes: Uint8Array, start: number, end: number): void {
    this.#copy(this.#pushesOf(client), bytes, start, end);
    if (client === this.current) this.isPressing = true;
  }

  #copy(own: ClientPushes, bytes: Uint8Array, start: number, end: number): void {
    const before = own.copiedBytes;
    own.spill();
    own.append(bytes, start, end);
    this.#copiedBytes += own.copiedBytes - before;
    if (this.isFull) this.isPressing = true;
  }

  #pushesOf(client: Client): ClientPushes {
    if (client.pushes === undefined) {
      client.pushes = this.#spares.pop() ?? new ClientPushes();
      if (this.#dirty.push(client) === 1) this.#onWaiting();
    }
    return client.pushes;
  }

  /** A message has been added to all who get it. */
  messageDone(): void {
    if (this.isFull) this.isPressing = true;
  }

  /** Puts what waits for the client in front of the replies that are written next: it came first. */
  moveTo(client: Client, writer: ReplyWriter): void {
    const own = client.pushes;
    if (own === undefined || own.isEmpty) return;
    if (own.log !== undefined) writer.raw(own.log.writer.buffer.u8, own.start, own.end);
    else writer.raw(own.copied, 0, own.copiedBytes);
    this.#copiedBytes -= own.copiedBytes;
    own.clear(true);
  }

  flush(): void {
    const dirty = this.#dirty;
    this.isPressing = false;
    if (dirty.length === 0) return;
    // A client that is closed for its slowness meanwhile may add to nothing here.
    for (let i = 0; i < dirty.length; i++) {
      const client = dirty[i];
      const own = client.pushes!;
      client.pushes = undefined;
      own.clear(this.#send(client, own));
      if (this.#spares.length < sparesMax) this.#spares.push(own);
    }
    dirty.length = 0;
    this.#copiedBytes = 0;
    for (const log of this.#logs) log.clear();
  }

  /** Puts all that waits behind the replies that have been written, to leave with them. */
  moveAll(output: Output): void {
    const dirty = this.#dirty;
    this.isPressing = false;
    if (dirty.length === 0) return;
    for (const client of dirty) {
      output.begin(client);
      this.moveTo(client, output.writer);
      if (this.#spares.length < sparesMax) this.#spares.push(client.pushes!);
      client.pushes = undefined;
    }
    dirty.length = 0;
    this.#copiedBytes = 0;
    for (const log of this.#logs) log.clear();
  }

  /** False when the transport goes on reading the client's copies. */
  #send(client: Client, { copied, copiedBytes, end, log, start }: ClientPushes): boolean {
    if (log === undefined) return copiedBytes === 0 || client.send(copied, 0, copiedBytes);
    if (!client.send(log.writer.buffer.u8, start, end)) client.heldBuffers.push(log.hold());
    return true;
  }
}
