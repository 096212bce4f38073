import { ByteBuffer, latin1Of } from '@kvartz/base';
import type { KeyEvent } from '@kvartz/commands';
import type { ValueType } from '@kvartz/engine';
import type { Args, ReplyWriter } from '@kvartz/resp';
import { type Client, Gate, Halt } from '../client.ts';
import type { Kernel } from '../kernel.ts';
import { BlockedClient } from './blocked-client.ts';
import { Deadlines } from './deadlines.ts';
import { KeyQueue } from './key-queue.ts';
import { makesCollection } from './makes-collection.ts';
import { runAgain } from './run-again.ts';

type Answer = (reply: ReplyWriter) => void;

/**
 * Clients that wait for a key. A command that finds nothing says `block`, and its client joins the queues of its keys. A
 * command that makes such a key marks its queue as ready; when it is over (EXEC: all of it), ready queues are served in the
 * order in which they became ready, each from its front: the waiting command is run again with its own client, so that its
 * reply goes there and its effect follows that of the command that woke it. What this makes ready is served next.
 */
export class Blocking {
  /** There is something for `serve` to do. */
  isReady = false;
  readonly #kernel: Kernel;
  readonly #queues = new Map<string, KeyQueue>();
  readonly #waiters = new Set<BlockedClient>();
  readonly #deadlines: Deadlines;
  #ready: KeyQueue[] = [];
  /** Waiters that have to hear when a key is gone. */
  #tiedCount = 0;
  /** Databases that FLUSHDB and SWAPDB have given other contents; nearly always empty. */
  readonly #changed = new Set<number>();
  /** Answers to clients that wait no longer, to be written when the command that ended it is over. */
  #answers: { readonly waiter: BlockedClient; readonly answer: Answer }[] = [];
  /** Clients that go on with what they sent in the meantime. */
  #freed: Client[] = [];
  #areSlotsStale = false;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#deadlines = new Deadlines(kernel.env.timers, () => this.#timeOut());
  }

  get isEmpty(): boolean {
    return this.#waiters.size === 0;
  }

  get clientCount(): number {
    return this.#waiters.size;
  }

  get keyCount(): number {
    return this.#queues.size;
  }

  get deadlineCount(): number {
    return this.#deadlines.count;
  }

  stop(): void {
    this.#deadlines.stop();
  }

  /** Puts the running command of the client off; see `CommandContext.block`. */
  block(
    client: Client,
    args: Args,
    keys: readonly number[],
    type: ValueType,
    timeoutMs: number,
    isTied: boolean,
  ): void {
    // It was run again and has found nothing after all: it keeps its places.
    if (client.blocked !== undefined) {
      client.halts |= Halt.blocked;
      return;
    }
    const kernel = this.#kernel;
    const command = kernel.table.find(args.buffer, args.start[0], args.end[0])!;
    const deadlineMs = timeoutMs === 0 ? Infinity : kernel.monotonicMs + timeoutMs;
    const isSilent = (client.gates & Gate.silent) !== 0;
    const waiter = new BlockedClient(client, command, args.clone(), type, isTied, deadlineMs, isSilent);
    for (const index of keys) {
      const queue = this.#queueOf(client.dbIndex, args.buffer, args.start[index], args.end[index]);
      if (waiter.places.every((place) => place.queue !== queue)) waiter.places.push(queue.join(waiter, index));
    }
    client.blocked = waiter;
    client.halts |= Halt.blocked;
    this.#waiters.add(waiter);
    if (isTied) this.#tiedCount++;
    if (timeoutMs !== 0) this.#deadlines.add(waiter, kernel.monotonicMs);
    kernel.observers.refresh();
  }

  #queueOf(dbIndex: number, buffer: ByteBuffer, start: number, end: number): KeyQueue {
    const id = idOf(dbIndex, buffer, start, end);
    let queue = this.#queues.get(id);
    if (queue === undefined) {
      queue = new KeyQueue(id, dbIndex, ByteBuffer.from(buffer.u8.slice(start, end)));
      this.#queues.set(id, queue);
    }
    return queue;
  }

  // What happens to keys

  keyChanged(dbIndex: number, key: ByteBuffer, start: number, end: number, event: KeyEvent): void {
    if (this.#waiters.size === 0) return;
    const isArrival = makesCollection(event);
    if (!isArrival && this.#tiedCount === 0) return;
    if (this.#changed.size > 0) this.#findChanged();
    const queue = this.#queues.get(idOf(dbIndex, key, start, end));
    if (queue !== undefined && (isArrival || queue.isTied)) this.#markReady(queue);
  }

  /** A key has expired, or was evicted, perhaps while no command runs. */
  keyGone(dbIndex: number, key: ByteBuffer, start: number, end: number, event: KeyEvent): void {
    const wasReady = this.isReady;
    this.keyChanged(dbIndex, key, start, end, event);
    if (this.isReady && !wasReady) this.#kernel.env.timers.afterTurn(() => this.#serveReady());
  }

  /** FLUSHDB or SWAPDB is about to give these databases other contents. */
  databasesChange(dbIndex: number, otherIndex: number): void {
    if (this.#waiters.size === 0) return;
    this.#changed.add(dbIndex).add(otherIndex);
    this.isReady = true;
  }

  #findChanged(): void {
    for (const queue of this.#queues.values()) {
      if (!this.#changed.has(queue.dbIndex)) continue;
      if (queue.isTied || this.#typeUnder(queue) !== undefined) this.#markReady(queue);
    }
    this.#changed.clear();
  }

  #markReady(queue: KeyQueue): void {
    if (queue.isReady) return;
    queue.isReady = true;
    this.#ready.push(queue);
    this.isReady = true;
  }

  /** Undefined: there is no such key. */
  #typeUnder({ dbIndex, key }: KeyQueue): ValueType | undefined {
    const database = this.#kernel.databases[dbIndex];
    const entry = database.peek(key, 0, key.sizeBytes);
    return entry === 0 ? undefined : database.typeOf(entry);
  }

  // Serving

  /** Does what the command that is now over has made possible. Replies of `current` may follow. */
  serve(current: Client): void {
    this.#serveReady();
    this.#kernel.output.begin(current);
  }

  #serveReady(): void {
    this.isReady = false;
    this.#writeAnswers();
    if (this.#changed.size > 0) this.#findChanged();
    while (this.#ready.length > 0) {
      const queues = this.#ready;
      this.#ready = [];
      for (const queue of queues) {
        queue.isReady = false;
        this.#serveQueue(queue);
      }
    }
    this.isReady = false;
  }

  #serveQueue(queue: KeyQueue): void {
    for (let place = queue.first; place !== undefined;) {
      const { next, waiter } = place;
      const type = this.#typeUnder(queue);
      if (type === undefined && !queue.isTied) return;
      if (type === waiter.type || waiter.isTied) {
        runAgain(this.#kernel, waiter, place.keyIndex);
        if ((waiter.client.halts & Halt.blocked) === 0) this.#free(waiter);
      }
      // Handing over replies may have closed the connection of the next one.
      place = next?.isLeft === true ? queue.first : next;
    }
  }

  // Waiting that ends otherwise

  /** CLIENT UNBLOCK. False: the client does not wait for a key. */
  unblock(client: Client, isError: boolean): boolean {
    const waiter = client.blocked;
    if (waiter === undefined) return false;
    waiter.command.failedCalls++;
    this.#endWaiting(waiter, isError ? writeUnblocked : writeTimeout);
    return true;
  }

  /** The connection is gone, or about to go. */
  forget(client: Client): void {
    if (client.blocked === undefined) return;
    this.#leave(client.blocked);
    client.halts &= ~Halt.blocked;
  }

  /** In a cluster: slots may have gone to other nodes. Not at once, since a command or the bus is at work. */
  slotsChanged(): void {
    if (this.#waiters.size === 0 || this.#areSlotsStale) return;
    this.#areSlotsStale = true;
    this.#kernel.env.timers.afterTurn(() => this.#redirect());
  }

  #redirect(): void {
    this.#areSlotsStale = false;
    const { cluster } = this.#kernel;
    for (const waiter of this.#waiters) {
      const error = cluster?.redirectBlocked(waiter.client, waiter.command, waiter.places[0].queue.key);
      if (error !== undefined) this.#endWaiting(waiter, (reply) => reply.error(error));
    }
    this.#writeAnswers();
  }

  #timeOut(): void {
    const kernel = this.#kernel;
    kernel.refreshTime();
    for (;;) {
      const waiter = this.#deadlines.takeDue(kernel.monotonicMs);
      if (waiter === undefined) break;
      this.#endWaiting(waiter, writeTimeout);
    }
    this.#deadlines.rearm(kernel.monotonicMs);
    this.#writeAnswers();
  }

  #endWaiting(waiter: BlockedClient, answer: Answer): void {
    this.#leave(waiter);
    this.#answers.push({ waiter, answer });
    this.isReady = true;
  }

  #writeAnswers(): void {
    if (this.#answers.length === 0) return;
    const { output, stats } = this.#kernel;
    const answers = this.#answers;
    this.#answers = [];
    for (const { answer, waiter } of answers) {
      const { client } = waiter;
      if ((client.halts & (Halt.closing | Halt.closed)) !== 0) continue;
      this.#kernel.beginReplies(client);
      const before = output.writer.position;
      output.writer.protocol = client.protocol;
      answer(output.writer);
      stats.noteErrors(output.writer);
      if (waiter.isSilent) output.writer.position = before;
      this.#free(waiter);
    }
  }

  // The end of waiting

  #leave(waiter: BlockedClient): void {
    waiter.client.blocked = undefined;
    this.#waiters.delete(waiter);
    if (waiter.isTied) this.#tiedCount--;
    this.#deadlines.remove(waiter);
    for (const place of waiter.places) {
      const { queue } = place;
      if (place.isLeft) continue;
      queue.leave(place);
      if (queue.isEmpty && this.#queues.get(queue.id) === queue) this.#queues.delete(queue.id);
    }
    this.#kernel.observers.refresh();
  }

  /** The client has its reply, and goes on with what it has sent since, after this turn. */
  #free(waiter: BlockedClient): void {
    const kernel = this.#kernel;
    const { client } = waiter;
    if (client.blocked === waiter) this.#leave(waiter);
    client.halts &= ~Halt.blocked;
    client.lastActiveMs = kernel.monotonicMs;
    kernel.scheduleFlush();
    if (kernel.output.isFull) kernel.flushOutput();
    if (client.decoder.bufferedBytes === 0 && !client.isReadingPaused) return;
    this.#freed.push(client);
    if (this.#freed.length === 1) kernel.env.timers.afterTurn(() => this.#resume());
  }

  #resume(): void {
    const clients = this.#freed;
    this.#freed = [];
    for (const client of clients) {
      this.#kernel.resume(client);
    }
  }
}

/** One string for a key of a database, made only while somebody waits. */
function idOf(dbIndex: number, key: ByteBuffer, start: number, end: number): string {
  return `${dbIndex}:${latin1Of(key.u8, start, end)}`;
}

function writeTimeout(reply: ReplyWriter): void {
  reply.nullArray();
}

function writeUnblocked(reply: ReplyWriter): void {
  reply.error('UNBLOCKED client unblocked via CLIENT UNBLOCK');
}
