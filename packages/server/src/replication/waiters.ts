import type { Timer } from '@kvartz/base';
import type { Client } from '../client.ts';
import type { Kernel } from '../kernel.ts';
import type { Replication } from './replication.ts';

/** A client that waits until its writes are with others. */
interface Waiter {
  /** Undefined: it is the server. */
  readonly client: Client | undefined;
  readonly isEnough: () => boolean;
  readonly done: () => void;
  readonly timer: Timer | undefined;
}

/** WAIT. */
export class Waiters {
  readonly #kernel: Kernel;
  readonly #replication: Replication;
  readonly #waiting = new Set<Waiter>();

  constructor(kernel: Kernel, replication: Replication) {
    this.#kernel = kernel;
    this.#replication = replication;
  }

  /** Replicas that have this offset. */
  countAt(offset: number): number {
    let count = 0;
    for (const replica of this.#replication.replicas.values()) {
      if (replica.state === 'online' && replica.ackOffset >= offset) count++;
    }
    return count;
  }

  /** Resolves when `isEnough`, or after `timeoutMs` (0: never). */
  wait(client: Client | undefined, isEnough: () => boolean, timeoutMs: number): Promise<void> {
    if (isEnough()) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = timeoutMs > 0 ? this.#kernel.env.timers.after(timeoutMs, () => this.#end(waiter)) : undefined;
      const waiter: Waiter = { client, isEnough, done: resolve, timer };
      this.#waiting.add(waiter);
    });
  }

  /** Somebody has heard something. */
  settle(): void {
    for (const waiter of this.#waiting) if (waiter.isEnough()) this.#end(waiter);
  }

  forget(client: Client): void {
    for (const waiter of this.#waiting) if (waiter.client === client) this.#end(waiter);
  }

  stop(): void {
    for (const waiter of this.#waiting) this.#end(waiter);
  }

  #end(waiter: Waiter): void {
    waiter.timer?.cancel();
    this.#waiting.delete(waiter);
    waiter.done();
  }
}
