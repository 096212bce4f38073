import type { Kernel } from '../kernel.ts';
import { StreamPlace } from './stream-place.ts';

/** A slice of loading takes so long before others have their turn, ... */
const sliceMsMin = 2;
/** ... and up to this while nobody asks for anything. */
const sliceMsMax = 20;
/** Between two lines of the log about how far it has come. */
const logEveryMs = 5000;

/** Files are being read: how far that has come, and when clients are to be heard. Clients are answered -LOADING meanwhile. */
export class Loading {
  isRunning = false;
  startedUnixSeconds = 0;
  totalBytes = 0;
  loadedBytes = 0;
  /** What the file says the data took when it was written. */
  usedMemoryBytes = 0;
  /** Of the last file. */
  keysLoaded = 0;
  keysExpired = 0;
  /** What the last snapshot said of replication. */
  place = new StreamPlace();
  readonly #kernel: Kernel;
  #startedMs = 0;
  #sliceEndMs = 0;
  #sliceMs = sliceMsMin;
  #logNextMs = 0;
  #requests = 0;
  #isStopped = false;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** `totalBytes`: of all files that will be read. */
  begin(totalBytes: number): void {
    const kernel = this.#kernel;
    const nowMs = kernel.env.clock.monotonicMs();
    this.isRunning = true;
    this.startedUnixSeconds = Math.floor(kernel.env.clock.wallMs() / 1000);
    this.totalBytes = totalBytes;
    this.loadedBytes = 0;
    this.usedMemoryBytes = 0;
    this.keysLoaded = 0;
    this.keysExpired = 0;
    this.#startedMs = nowMs;
    this.#sliceMs = sliceMsMin;
    this.#sliceEndMs = nowMs + this.#sliceMs;
    this.#logNextMs = nowMs + logEveryMs;
    kernel.refreshGates();
  }

  end(): void {
    this.isRunning = false;
    this.#kernel.refreshGates();
  }

  /** The server ends: whoever loads is to leave off, and is told by `advance`. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Since `begin`. */
  get elapsedMs(): number {
    return this.#kernel.env.clock.monotonicMs() - this.#startedMs;
  }

  /** By the speed so far. */
  get etaSeconds(): number {
    if (this.loadedBytes === 0) return 1;
    const restBytes = Math.max(0, this.totalBytes - this.loadedBytes);
    return Math.floor(((this.elapsedMs / 1000) * restBytes) / this.loadedBytes);
  }

  /** So many bytes more have been taken in. Resolves when clients have been heard, if it is their turn. Rejects when the server ends. */
  async advance(bytes: number): Promise<void> {
    this.loadedBytes += bytes;
    const { clock, timers } = this.#kernel.env;
    const nowMs = clock.monotonicMs();
    if (this.#isStopped) throw new Error('the server ends while it loads');
    if (nowMs < this.#sliceEndMs) return;
    if (nowMs >= this.#logNextMs) this.#log(nowMs);
    const requests = this.#requestsSoFar();
    // Nobody was there in the last turn: fewer turns.
    this.#sliceMs = requests === this.#requests ? Math.min(sliceMsMax, this.#sliceMs * 2) : sliceMsMin;
    this.#requests = requests;
    await new Promise<void>((resolve) => timers.afterTurn(resolve));
    this.#kernel.syncWallTime();
    this.#sliceEndMs = clock.monotonicMs() + this.#sliceMs;
  }

  #requestsSoFar(): number {
    const { clients, stats } = this.#kernel;
    return stats.bytesIn + clients.size;
  }

  #log(nowMs: number): void {
    this.#logNextMs = nowMs + logEveryMs;
    const percent = ((this.loadedBytes / Math.max(1, this.totalBytes)) * 100).toFixed(1);
    this.#kernel.log.notice(
      `Loading: ${percent}% of ${this.totalBytes} bytes, ${this.keysLoaded} keys so far, about ${this.etaSeconds} seconds to go`,
    );
  }
}
