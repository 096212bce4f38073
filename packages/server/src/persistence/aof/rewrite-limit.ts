import type { Kernel } from '../../kernel.ts';

/** As in Redis: after so many failures in a row rewrites that come by themselves wait, ... */
const failuresMax = 3;
/** ... a minute first, then twice as long each time, up to an hour. */
const delayMinutesMax = 60;
/** A first base, or one that replaces files that are not relied on, is tried sooner: until it is there writes are refused, or not safe. */
const beginDelayMsMax = 30_000;

/** Keeps rewrites that fail from taking up the server. */
export class RewriteLimit {
  /** In a row. */
  failureCount = 0;
  readonly #kernel: Kernel;
  #delayMinutes = 0;
  #nextMs = 0;
  #beginDelayMs = 0;
  #nextBeginMs = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  succeeded(): void {
    this.failureCount = 0;
    this.#beginDelayMs = 0;
    this.#nextBeginMs = 0;
  }

  failed(): void {
    this.failureCount++;
    this.#beginDelayMs = Math.min(Math.max(1000, this.#beginDelayMs * 2), beginDelayMsMax);
    this.#nextBeginMs = this.#kernel.monotonicMs + this.#beginDelayMs;
  }

  /** For rewrites by size, and scheduled ones. */
  isHeldBack(): boolean {
    const { log, monotonicMs } = this.#kernel;
    if (this.failureCount < failuresMax) {
      this.#delayMinutes = 0;
      this.#nextMs = 0;
      return false;
    }
    if (this.#nextMs !== 0) {
      if (monotonicMs < this.#nextMs) return true;
      this.#nextMs = 0;
      return false;
    }
    this.#delayMinutes = Math.min(Math.max(1, this.#delayMinutes * 2), delayMinutesMax);
    this.#nextMs = monotonicMs + this.#delayMinutes * 60_000;
    log.warning(
      'Background AOF rewrite has repeatedly failed and triggered the limit, will retry in ' +
        `${this.#delayMinutes} minutes`,
    );
    return true;
  }

  get mayBegin(): boolean {
    return this.#kernel.monotonicMs >= this.#nextBeginMs;
  }
}
