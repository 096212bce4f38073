import type { Clock } from '../env.ts';
import type { Scheduler } from './scheduler.ts';

/** A host's clocks: both run with virtual time; the wall clock can be wrong and can be set. */
export class VirtualClock implements Clock {
  readonly #scheduler: Scheduler;
  readonly #monotonicStartMs: number;
  #wallStartMs: number;

  constructor(scheduler: Scheduler, wallStartMs: number, monotonicStartMs: number) {
    this.#scheduler = scheduler;
    this.#wallStartMs = wallStartMs;
    this.#monotonicStartMs = monotonicStartMs;
  }

  wallMs(): number {
    return Math.floor(this.#wallStartMs + this.#scheduler.nowMs);
  }

  monotonicMs(): number {
    return this.#monotonicStartMs + this.#scheduler.nowMs;
  }

  /** Somebody sets the machine's clock. */
  jumpWall(byMs: number): void {
    this.#wallStartMs += byMs;
  }
}
