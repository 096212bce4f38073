import { assert } from '../assert.ts';
import type { Prng } from '../prng.ts';
import type { ProcessLife } from './process-life.ts';
import type { Scheduler } from './scheduler.ts';

const latencyMsMin = 0.02;
const latencyMsSpread = 0.3;

/** Disk operations of one process: each takes a little time, and those of a process that has ended never finish. */
export class DiskQueue {
  readonly #scheduler: Scheduler;
  readonly #random: Prng;
  readonly life: ProcessLife;

  constructor(scheduler: Scheduler, random: Prng, life: ProcessLife) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.life = life;
  }

  /** Runs the operation a little later; it happens at once and as a whole. */
  later<T>(operation: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const delayMs = latencyMsMin + latencyMsSpread * this.#random.ratio();
      this.life.at(this.#scheduler.nowMs + delayMs, () => {
        try {
          resolve(operation());
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  }

  /** Inline operations of a dead process are a bug of whoever runs it on. */
  checkAlive(): void {
    assert(this.life.isAlive, 'a process that has ended uses its disk');
  }
}
