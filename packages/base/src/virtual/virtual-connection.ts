import { assert } from '../assert.ts';
import type { ByteBuffer } from '../byte-buffer.ts';
import type { Connection, ConnectionHandler } from '../env.ts';
import type { BytePipe } from './byte-pipe.ts';
import { POISON } from './link.ts';
import type { ProcessLife } from './process-life.ts';
import type { Scheduler } from './scheduler.ts';
import { SystemError } from './system-error.ts';
import type { VirtualHost } from './virtual-host.ts';

export interface ConnectionPlace {
  readonly kind: 'tcp' | 'unix';
  readonly local: string;
  readonly remote: string;
  readonly isLoopback: boolean;
}

/** Received bytes do not always begin at 0, so that nobody comes to rely on it. */
const inputStart = 32;

/** One end of a connection. Made by VirtualNetwork, which also joins the two ends by two pipes. */
export class VirtualConnection implements Connection {
  readonly kind: 'tcp' | 'unix';
  readonly local: string;
  readonly remote: string;
  readonly isLoopback: boolean;
  readonly life: ProcessLife;
  readonly host: VirtualHost;
  /** The other end, once there is one. */
  peer: VirtualConnection | undefined;
  readonly #scheduler: Scheduler;
  readonly #input: ByteBuffer;
  #out: BytePipe | undefined;
  #in: BytePipe | undefined;
  #handler: ConnectionHandler | undefined;
  #isOpen = false;
  #isEnding = false;
  #isClosed = false;
  #isReadingPaused = false;

  constructor(scheduler: Scheduler, life: ProcessLife, host: VirtualHost, input: ByteBuffer, place: ConnectionPlace) {
    this.#scheduler = scheduler;
    this.life = life;
    this.host = host;
    this.#input = input;
    this.kind = place.kind;
    this.local = place.local;
    this.remote = place.remote;
    this.isLoopback = place.isLoopback;
    host.connections.add(this);
  }

  /** What this end writes goes here; a client's is there before the server's end is. */
  sendInto(out: BytePipe): void {
    this.#out = out;
  }

  get out(): BytePipe {
    return this.#pipe(this.#out);
  }

  /** The other end, and the pipe from it. */
  join(peer: VirtualConnection, input: BytePipe): void {
    this.peer = peer;
    this.#in = input;
  }

  // What the owner calls.

  attach(handler: ConnectionHandler): void {
    assert(this.#handler === undefined, `${this.local} has a handler already`);
    this.#handler = handler;
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    assert(start >= 0 && start <= end && end <= bytes.length, `write [${start}, ${end}) of ${bytes.length} bytes`);
    if (this.#isClosed || this.#isEnding || start === end) return this.queuedBytes === 0;
    return this.#pipe(this.#out).write(bytes, start, end);
  }

  get queuedBytes(): number {
    return this.#out?.waitingBytes ?? 0;
  }

  pauseReading(): void {
    this.#isReadingPaused = true;
  }

  resumeReading(): void {
    if (!this.#isReadingPaused) return;
    this.#isReadingPaused = false;
    // Not at once: the caller may be in the middle of onData, whose bytes must stay.
    this.life.at(this.#scheduler.nowMs, () => this.#in?.deliver());
  }

  end(): void {
    if (this.#isClosed || this.#isEnding) return;
    this.#isEnding = true;
    this.resumeReading();
    this.#pipe(this.#out).sendFin();
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.#leave();
    this.#close(undefined);
  }

  // What the network calls.

  /** Nobody listens here any more; the machine answers bytes with a reset. */
  get isGone(): boolean {
    return this.#isClosed;
  }

  get isReachable(): boolean {
    return !this.host.isDown;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get canReceive(): boolean {
    return this.#handler !== undefined && !this.#isReadingPaused;
  }

  /** Most bytes that one onData hands over. */
  get inputBytes(): number {
    return this.#input.sizeBytes - inputStart;
  }

  /** This end may send: the server's at once, the client's when it has heard of the server. */
  open(): void {
    this.#isOpen = true;
    this.#pipe(this.#out).open();
  }

  opened(): void {
    this.open();
    this.#handler?.onOpen?.();
  }

  receive(sizeBytes: number, read: (target: Uint8Array, at: number) => void): void {
    const end = inputStart + sizeBytes;
    read(this.#input.u8, inputStart);
    // As a real socket, which drops what comes after its end() or destroy().
    if (!this.#isEnding && !this.#isClosed) this.#handler?.onData(this.#input, inputStart, end);
    this.#input.u8.fill(POISON, inputStart, end);
  }

  /** The peer has ended. Replies of this turn still leave, then this end ends too. */
  finished(): void {
    this.life.afterTurn(() => {
      if (this.#isClosed || this.#isEnding) return;
      if (this.#handler?.onEnd === undefined) this.end();
      else this.#handler.onEnd();
    });
  }

  finSent(): void {
    this.#close(undefined);
  }

  drained(): void {
    if (!this.#isClosed && !this.#isEnding) this.#handler?.onDrain();
  }

  /** A piece for this end, which is gone: the machine answers with a reset. */
  refuse(): void {
    this.#pipe(this.#out).sendReset();
  }

  /** Both ends fail. */
  breakDown(code: string): void {
    if (this.#isClosed) return;
    this.#pipe(this.#out).sendReset();
    this.closeWith(code);
  }

  /** This end fails. */
  closeWith(code: string): void {
    if (this.#isClosed) return;
    this.#close(new SystemError(code, this.#isOpen ? 'read' : 'connect', this.remote));
  }

  /** The process is gone. Its machine says so to the peer, unless it has gone too. */
  abandon(): void {
    if (this.#isClosed) return;
    if (!this.host.isDown) this.#leave();
    this.#isClosed = true;
    this.host.connections.delete(this);
  }

  /** As close(2): what is under way still arrives; unread input makes it a reset. */
  #leave(): void {
    if (this.#out === undefined || !this.#isOpen) return;
    this.#out.dropWaiting();
    if (this.#in?.hasUnread) this.#out.sendReset();
    else this.#out.sendFin();
  }

  #close(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#out?.dropWaiting();
    this.host.connections.delete(this);
    this.life.at(this.#scheduler.nowMs, () => this.#handler?.onClose(error));
  }

  #pipe(pipe: BytePipe | undefined): BytePipe {
    assert(pipe !== undefined, `${this.local} is not joined`);
    return pipe;
  }
}
