import type { Timer, Timers } from '../env.ts';
import type { ProcessLife } from './process-life.ts';
import type { Scheduler } from './scheduler.ts';

/** As Node's shortest timeout; without a least delay a timer that arms itself again would stop virtual time. */
const delayMsMin = 1;

export class VirtualTimers implements Timers {
  readonly #scheduler: Scheduler;
  readonly #life: ProcessLife;

  constructor(scheduler: Scheduler, life: ProcessLife) {
    this.#scheduler = scheduler;
    this.#life = life;
  }

  after(delayMs: number, callback: () => void): Timer {
    let isCancelled = false;
    // A paused process may cancel a timer that has come due and waits for it to resume.
    const event = this.#life.at(this.#scheduler.nowMs + Math.max(delayMs, delayMsMin), () => {
      if (!isCancelled) callback();
    });
    return {
      cancel: () => {
        isCancelled = true;
        this.#scheduler.cancel(event);
      },
    };
  }

  afterTurn(callback: () => void): void {
    this.#life.afterTurn(callback);
  }
}
