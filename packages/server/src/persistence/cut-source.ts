import { CutSnapshot } from '@kvartz/persistence';
import type { Kernel } from '../kernel.ts';
import type { PieceSource, SnapshotRequest, SnapshotSource } from './snapshot-source.ts';

/** Of a busy server's time a snapshot takes this share: slices, and what those write that change keys. */
const share = 0.22;
/** A slice is not begun below this, ... */
const sliceMsMin = 0.05;
/** ... and takes so long at most, or requests would feel it. */
const sliceMsMax = 0.5;
/** While nobody asks for anything. */
const idleSliceMs = 0.2;
/** While somebody waits for the end. */
const urgentSliceMs = 10;
/** Keys of a slice at most: where time stands still (the simulator), a snapshot takes several turns all the same. */
const sliceKeysMax = 8192;
/** What a key costs, until slices have shown it. */
const keyMsAtFirst = 0.0004;

/** Takes snapshots by cuts, in slices between requests. */
export class CutSource implements SnapshotSource {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  begin(request: SnapshotRequest): PieceSource {
    return new CutPieces(this.#kernel, request);
  }
}

/**
 * The pieces of one cut. While one is wanted, turns of the event loop end with a slice. A server with nothing else to do is quick
 * about it. A busy one keeps most of its throughput: the time of requests earns the snapshot a share, from which goes what the
 * slices take and what keys take that are written because they change.
 */
class CutPieces implements PieceSource {
  readonly #kernel: Kernel;
  readonly #snapshot: CutSnapshot;
  readonly #isUrgent: boolean;
  #isComplete = false;
  #isAborted = false;
  /** Who waits for a piece. */
  #resolve: ((piece: Uint8Array<ArrayBuffer> | undefined) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  /** As the last slice left it: the time, commands processed, keys written. */
  #lastEndMs = 0;
  #lastCommands = 0;
  #lastKeys = 0;
  /** Time that slices may take. */
  #creditMs = 0;
  #keyMs = keyMsAtFirst;
  #endMs = 0;
  #endKey = 0;

  constructor(kernel: Kernel, request: SnapshotRequest) {
    this.#kernel = kernel;
    this.#isUrgent = request.pace === 'urgent';
    this.#snapshot = new CutSnapshot(kernel.databases, request);
  }

  get keysTotal(): number {
    return this.#snapshot.keysTotal;
  }

  get keysDone(): number {
    return this.#snapshot.keysDone;
  }

  next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const piece = this.#snapshot.take();
    if (piece !== undefined || this.#isComplete || this.#isAborted) return Promise.resolve(piece);
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#wait();
    });
  }

  reuse(piece: Uint8Array<ArrayBuffer>): void {
    this.#snapshot.reuse(piece);
  }

  abort(): void {
    this.#isAborted = true;
    this.#snapshot.abort();
    this.#resolve?.(undefined);
    this.#resolve = undefined;
  }

  #wait(): void {
    const { env, stats } = this.#kernel;
    this.#lastEndMs = env.clock.monotonicMs();
    this.#lastCommands = stats.commandsProcessed;
    this.#lastKeys = this.#snapshot.keysDone;
    env.timers.afterTurn(() => this.#runSlice());
  }

  #runSlice(): void {
    if (this.#resolve === undefined) return;
    const nowMs = this.#kernel.env.clock.monotonicMs();
    const sliceMs = this.#sliceMs(nowMs);
    const snapshot = this.#snapshot;
    try {
      // Keys that changed may have made a piece meanwhile.
      if (!snapshot.hasPiece && sliceMs >= sliceMsMin) this.#step(nowMs, sliceMs);
    } catch (error) {
      this.#resolve = undefined;
      this.#reject?.(error);
      return;
    }
    const piece = snapshot.take();
    if (piece === undefined && !this.#isComplete) return this.#wait();
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve(piece);
  }

  #step(nowMs: number, sliceMs: number): void {
    const snapshot = this.#snapshot;
    const keysBefore = snapshot.keysDone;
    this.#endMs = nowMs + sliceMs;
    this.#endKey = keysBefore + sliceKeysMax;
    this.#isComplete = snapshot.step(() => this.#isOver());
    const tookMs = this.#kernel.env.clock.monotonicMs() - nowMs;
    const keys = snapshot.keysDone - keysBefore;
    this.#creditMs -= tookMs;
    if (keys > 0) this.#keyMs += (tookMs / keys - this.#keyMs) / 16;
  }

  #sliceMs(nowMs: number): number {
    if (this.#isUrgent) return urgentSliceMs;
    if (this.#kernel.stats.commandsProcessed === this.#lastCommands) {
      this.#creditMs = 0;
      return idleSliceMs;
    }
    const spentMs = (this.#snapshot.keysDone - this.#lastKeys) * this.#keyMs;
    const earnedMs = (share * (nowMs - this.#lastEndMs) - spentMs) / (1 - share);
    this.#creditMs = Math.min(sliceMsMax, Math.max(-sliceMsMax, this.#creditMs + earnedMs));
    return this.#creditMs;
  }

  #isOver(): boolean {
    return this.#kernel.env.clock.monotonicMs() >= this.#endMs || this.#snapshot.keysDone >= this.#endKey;
  }
}
