import { CutSnapshot } from '@kvartz/persistence';
import type { Kernel } from '../kernel.ts';
import type { PieceSource, SnapshotRequest, SnapshotSource } from './snapshot-source.ts';

/** A slice takes this share of the time that the turn before it took, ... */
const share = 0.35;
/** ... but so long at least, or nothing would come of it, ... */
const sliceMsMin = 0.1;
/** ... and so long at most, or requests would feel it. */
const sliceMsMax = 1;
/** The same while somebody waits for the end. */
const urgentSliceMs = 10;
/** Keys of a slice at most: where time stands still (the simulator), a snapshot takes several turns all the same. */
const sliceKeysMax = 8192;

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
 * The pieces of one cut. While one is wanted, each turn of the event loop has a slice, which takes a share of the time that the
 * requests of the turn took: a server with nothing else to do is quick about it, and a busy one keeps most of its throughput.
 */
class CutPieces implements PieceSource {
  readonly #kernel: Kernel;
  readonly #snapshot: CutSnapshot;
  readonly #isUrgent: boolean;
  #isComplete = false;
  #isAborted = false;
  /** Who waits for a piece. */
  #resolve: ((piece: Uint8Array | undefined) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  /** When the last slice ended, and when and at which key the present one does. */
  #lastEndMs = 0;
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

  next(): Promise<Uint8Array | undefined> {
    const piece = this.#snapshot.take();
    if (piece !== undefined || this.#isComplete || this.#isAborted) return Promise.resolve(piece);
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#wait();
    });
  }

  abort(): void {
    this.#isAborted = true;
    this.#snapshot.abort();
    this.#resolve?.(undefined);
    this.#resolve = undefined;
  }

  #wait(): void {
    const { clock, timers } = this.#kernel.env;
    this.#lastEndMs = clock.monotonicMs();
    timers.afterTurn(() => this.#runSlice());
  }

  #runSlice(): void {
    const resolve = this.#resolve;
    if (resolve === undefined) return;
    const snapshot = this.#snapshot;
    try {
      this.#beginSlice();
      this.#isComplete = snapshot.step(() => this.#isOver());
    } catch (error) {
      this.#resolve = undefined;
      this.#reject?.(error);
      return;
    }
    const piece = snapshot.take();
    if (piece === undefined && !this.#isComplete) return this.#wait();
    this.#resolve = undefined;
    resolve(piece);
  }

  #beginSlice(): void {
    const nowMs = this.#kernel.env.clock.monotonicMs();
    const busyMs = nowMs - this.#lastEndMs;
    const sliceMs = Math.min(sliceMsMax, Math.max(sliceMsMin, busyMs * share));
    this.#endMs = nowMs + (this.#isUrgent ? urgentSliceMs : sliceMs);
    this.#endKey = this.#snapshot.keysDone + sliceKeysMax;
  }

  #isOver(): boolean {
    return this.#kernel.env.clock.monotonicMs() >= this.#endMs || this.#snapshot.keysDone >= this.#endKey;
  }
}
