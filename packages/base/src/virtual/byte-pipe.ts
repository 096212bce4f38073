import { assert } from '../assert.ts';
import type { Prng } from '../prng.ts';
import { POISON, type Link } from './link.ts';
import type { Scheduler } from './scheduler.ts';
import type { VirtualConnection } from './virtual-connection.ts';

/** A piece on the way. `open`, `fin` and `rst` keep their place among the bytes, as in TCP. */
interface Piece {
  readonly kind: 'bytes' | 'open' | 'fin' | 'rst';
  readonly bytes: Uint8Array;
  /** Already handed over. */
  at: number;
  readonly arriveMs: number;
}

/** Bytes that were written but not taken: still the writer's memory, as the contract of `write` says. */
interface Waiting {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

const nothing = new Uint8Array(0);
/** A rest, or a write that was held back, comes after at most this time. */
const pauseMsMax = 1;

/**
 * One direction of a connection.
 *
 *   write -> waiting -> pieces (under way, then arrived) -> the receiver's onData
 *            not taken: no room in the window, not open yet, or held back at random
 *
 * Invariant: windowBytes counts the bytes in `pieces`; bytes leave in the order of the writes.
 */
export class BytePipe {
  readonly link: Link;
  readonly #scheduler: Scheduler;
  readonly #random: Prng;
  readonly #from: VirtualConnection;
  /** Undefined until the connection is accepted; nothing leaves before. */
  #receiver: VirtualConnection | undefined;
  /** How long a blocked link is borne before the sender gives up with ETIMEDOUT. */
  readonly #timeoutMs: number;
  #pieces: Piece[] = [];
  #waiting: Waiting[] = [];
  #windowBytes = 0;
  #waitingBytes = 0;
  #lastArriveMs = 0;
  #isOpen = false;
  #isTaking = false;
  #isFinWanted = false;
  #isRestScheduled = false;

  constructor(link: Link, scheduler: Scheduler, random: Prng, from: VirtualConnection, timeoutMs: number) {
    this.link = link;
    this.#scheduler = scheduler;
    this.#random = random;
    this.#from = from;
    this.#timeoutMs = timeoutMs;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Who receives; once, before anything leaves. */
  leadTo(receiver: VirtualConnection): void {
    this.#receiver = receiver;
  }

  /** From now on bytes may leave; what was written before does. */
  open(): void {
    this.#isOpen = true;
    if (this.#waiting.length > 0 || this.#isFinWanted) this.#takeSoon(0);
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    const sizeBytes = end - start;
    const hasRoom = this.#isOpen && this.#waiting.length === 0 && this.#hasRoomFor(sizeBytes);
    const { resetRatio, holdRatio } = this.link.options;
    if (this.#random.chance(resetRatio)) {
      this.#from.breakDown('ECONNRESET');
      return true;
    }
    if (hasRoom && !this.#random.chance(holdRatio)) {
      this.#send('bytes', bytes.slice(start, end));
      if (this.link.options.poisonWrites) bytes.fill(POISON, start, end);
      return true;
    }
    this.#waiting.push({ bytes, start, end });
    this.#waitingBytes += sizeBytes;
    if (this.#isOpen) this.#takeSoon(this.#random.ratio() * pauseMsMax);
    return false;
  }

  /** The connection is open for the receiver, which made it. */
  sendOpen(): void {
    this.#send('open', nothing);
  }

  /** After all that was written. */
  sendFin(): void {
    this.#isFinWanted = true;
    if (this.#isOpen && this.#waiting.length === 0) this.#sendFin();
  }

  /** What waits is given up; what is under way still arrives. */
  sendReset(): void {
    this.dropWaiting();
    this.#send('rst', nothing);
  }

  dropWaiting(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  /** Whether bytes have arrived that the receiver has not read. */
  get hasUnread(): boolean {
    const [first] = this.#pieces;
    return first !== undefined && first.kind === 'bytes' && first.arriveMs <= this.#scheduler.nowMs;
  }

  /** Hands over what has arrived. Called when a piece arrives, and when an obstacle has gone. */
  deliver(): void {
    while (this.#pieces.length > 0) {
      const piece = this.#pieces[0];
      if (piece.arriveMs > this.#scheduler.nowMs) return;
      if (this.link.isBlocked || !this.#to.isReachable) {
        // A reset is sent only once: who misses it has a half-open connection until it writes.
        if (piece.kind === 'rst') this.#pieces = [];
        else this.#stall();
        return;
      }
      if (this.#to.isGone) {
        this.#pieces = [];
        if (piece.kind === 'bytes' || piece.kind === 'open') this.#to.refuse();
        return;
      }
      if (piece.kind === 'rst') {
        this.#pieces = [];
        this.#to.closeWith('ECONNRESET');
        return;
      }
      if (!this.#to.canReceive && piece.kind !== 'open') return;
      if (piece.kind !== 'bytes') {
        this.#pieces.shift();
        if (piece.kind === 'open') this.#to.opened();
        else this.#to.finished();
      } else if (!this.#deliverBytes()) return;
    }
  }

  /** The obstacle may have gone. */
  retry(): void {
    this.link.stalled.delete(this);
    this.deliver();
  }

  /** Hands over one run of bytes; false when the rest comes later. */
  #deliverBytes(): boolean {
    const input = this.#to.inputBytes;
    let sizeBytes = 0;
    for (const piece of this.#pieces) {
      if (piece.kind !== 'bytes' || piece.arriveMs > this.#scheduler.nowMs || sizeBytes >= input) break;
      sizeBytes += piece.bytes.length - piece.at;
    }
    sizeBytes = Math.min(sizeBytes, input);
    const isCut = sizeBytes > 1 && this.#random.chance(this.link.options.cutRatio);
    if (isCut) sizeBytes = 1 + this.#random.below(sizeBytes - 1);
    this.#windowBytes -= sizeBytes;
    this.#to.receive(sizeBytes, (target, at) => this.#read(target, at, sizeBytes));
    if (this.#waiting.length > 0) this.#takeSoon(this.link.drawDelayMs());
    if (isCut) this.#deliverRestSoon();
    return !isCut;
  }

  #read(target: Uint8Array, at: number, sizeBytes: number): void {
    let left = sizeBytes;
    while (left > 0) {
      const piece = this.#pieces[0];
      const takeBytes = Math.min(left, piece.bytes.length - piece.at);
      target.set(piece.bytes.subarray(piece.at, piece.at + takeBytes), at + sizeBytes - left);
      piece.at += takeBytes;
      left -= takeBytes;
      if (piece.at === piece.bytes.length) this.#pieces.shift();
    }
  }

  #deliverRestSoon(): void {
    if (this.#isRestScheduled) return;
    this.#isRestScheduled = true;
    this.#to.life.atOfMachine(this.#scheduler.nowMs + this.#random.ratio() * pauseMsMax, () => {
      this.#isRestScheduled = false;
      this.deliver();
    });
  }

  get #to(): VirtualConnection {
    assert(this.#receiver !== undefined, 'a piece left before the connection was accepted');
    return this.#receiver;
  }

  #hasRoomFor(sizeBytes: number): boolean {
    return this.#windowBytes === 0 || this.#windowBytes + sizeBytes <= this.link.options.windowBytes;
  }

  #send(kind: Piece['kind'], bytes: Uint8Array): void {
    const { bytesPerMs } = this.link.options;
    const { nowMs } = this.#scheduler;
    const transferMs = bytesPerMs > 0 ? bytes.length / bytesPerMs : 0;
    const arriveMs = Math.max(nowMs + this.link.drawDelayMs(), this.#lastArriveMs) + transferMs;
    this.#lastArriveMs = arriveMs;
    this.#windowBytes += bytes.length;
    this.#pieces.push({ kind, bytes, at: 0, arriveMs });
    this.#to.life.atOfMachine(arriveMs, () => this.deliver());
  }

  #takeSoon(delayMs: number): void {
    if (this.#isTaking) return;
    this.#isTaking = true;
    this.#from.life.at(this.#scheduler.nowMs + delayMs, () => {
      this.#isTaking = false;
      this.#take();
    });
  }

  /** Moves what waits into the window; the first always fits an empty one. */
  #take(): void {
    if (this.#from.isGone) return;
    while (this.#waiting.length > 0) {
      const { bytes, start, end } = this.#waiting[0];
      if (!this.#hasRoomFor(end - start)) return;
      this.#waiting.shift();
      this.#waitingBytes -= end - start;
      // Copied only now: a caller that has touched the memory since has corrupted its own stream.
      this.#send('bytes', bytes.slice(start, end));
    }
    if (this.#isFinWanted) this.#sendFin();
    else this.#from.drained();
  }

  #sendFin(): void {
    this.#send('fin', nothing);
    this.#from.finSent();
  }

  #stall(): void {
    if (this.link.stalled.has(this)) return;
    this.link.stalled.add(this);
    const piece = this.#pieces[0];
    this.#scheduler.at(this.#scheduler.nowMs + this.#timeoutMs, () => {
      if (this.link.stalled.has(this) && this.#pieces[0] === piece && !this.#from.isGone) {
        this.link.stalled.delete(this);
        this.#from.closeWith('ETIMEDOUT');
      }
    });
  }
}
