import type { Timer, Timers } from '@kvartz/base';

/** Longer delays make `setTimeout` fire at once. */
const delayMsMax = 2 ** 31 - 1;

/** Timers of the event loop. Like `setTimeout`, a timer that waits keeps the process alive. */
export class RealTimers implements Timers {
  after(delayMs: number, callback: () => void): Timer {
    return new RealTimer(delayMs, callback);
  }

  afterTurn(callback: () => void): void {
    setImmediate(callback);
  }
}

class RealTimer implements Timer {
  readonly #callback: () => void;
  readonly #dueMs: number;
  #handle: NodeJS.Timeout;

  constructor(delayMs: number, callback: () => void) {
    this.#callback = callback;
    this.#dueMs = performance.now() + delayMs;
    this.#handle = this.#wait(delayMs);
  }

  cancel(): void {
    clearTimeout(this.#handle);
  }

  #wait(restMs: number): NodeJS.Timeout {
    return setTimeout(this.#fire, Math.min(Math.ceil(restMs), delayMsMax));
  }

  // setTimeout counts whole milliseconds of the loop's own clock and can fire up to one too early.
  readonly #fire = (): void => {
    const restMs = this.#dueMs - performance.now();
    if (restMs > 0) this.#handle = this.#wait(restMs);
    else this.#callback();
  };
}
