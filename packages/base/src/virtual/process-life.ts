import type { ScheduledEvent } from './event-heap.ts';
import type { Scheduler } from './scheduler.ts';

/**
 * The life of one process: every callback into it goes through here. A crashed process hears nothing any more; a paused
 * one (SIGSTOP, a long garbage collection, a virtual machine that moves) hears all of it, in order, when it resumes.
 */
export class ProcessLife {
  isAlive = true;
  isPaused = false;
  readonly #scheduler: Scheduler;
  #missed: (() => void)[] = [];

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  at(timeMs: number, callback: () => void): ScheduledEvent {
    return this.#scheduler.at(timeMs, () => this.#enter(callback));
  }

  afterTurn(callback: () => void): void {
    this.#scheduler.afterTurn(() => this.#enter(callback));
  }

  /** For what the machine does in the name of the process: happens even after its end, and waits while it is paused. */
  atOfMachine(timeMs: number, callback: () => void): ScheduledEvent {
    return this.#scheduler.at(timeMs, () => {
      if (this.isAlive && this.isPaused) this.#missed.push(callback);
      else callback();
    });
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    const missed = this.#missed;
    this.#missed = [];
    for (const callback of missed) this.at(this.#scheduler.nowMs, callback);
  }

  end(): void {
    this.isAlive = false;
    this.#missed = [];
  }

  #enter(callback: () => void): void {
    if (!this.isAlive) return;
    if (this.isPaused) this.#missed.push(callback);
    else callback();
  }
}
