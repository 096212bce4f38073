import type { Timer } from '@kvartz/base';
import type { Kernel } from './kernel.ts';

/** A slice of work takes so long at most, ... */
const sliceMs = 1;
/** ... and the next one comes after this: a quarter of the time, at Redis's default effort, while there is work. */
const pauseMs = 3;

/**
 * Work that is cut into slices which requests do not feel: removing expired keys that nobody asks for, and giving back
 * memory of what was dropped. Woken by the cron; goes on by itself until nothing is left.
 */
export class Background {
  readonly #kernel: Kernel;
  #timer: Timer | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  wake(): void {
    if (this.#timer === undefined) this.#runSlice();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #runSlice(): void {
    const kernel = this.#kernel;
    this.#timer = undefined;
    kernel.refreshTime();
    const effort = kernel.config.activeExpireEffort;
    const endMs = kernel.monotonicMs + sliceMs * (1 + (effort - 1) * 0.25);
    const startMs = kernel.monotonicMs;
    const isMoreDue = kernel.isActiveExpireOn && !kernel.isLoading && this.#expire(effort, endMs);
    kernel.latency.sample('expire-cycle', kernel.env.clock.monotonicMs() - startMs, kernel.nowMs);
    const isMoreToFree = this.#free(endMs);
    // What expired is an effect, which leaves even when nobody sends requests.
    kernel.scheduleFlush();
    if (isMoreDue || isMoreToFree) this.#timer = kernel.env.timers.after(pauseMs, () => this.#runSlice());
  }

  /** True: more keys, or fields of hashes, are due. */
  #expire(effort: number, endMs: number): boolean {
    const { databases, env, nowMs } = this.#kernel;
    for (const database of databases) {
      while (
        database.expiringCount + database.partlyExpiringCount > 0 &&
        !database.expireCycle({ keysMax: 64, cellsMax: 2048, effort }, nowMs).isDone
      ) {
        if (env.clock.monotonicMs() >= endMs) return true;
      }
    }
    return false;
  }

  /** True: more memory waits. */
  #free(endMs: number): boolean {
    const { databases, env } = this.#kernel;
    for (const database of databases) {
      while (database.freeSome(1000)) if (env.clock.monotonicMs() >= endMs) return true;
    }
    return false;
  }
}
