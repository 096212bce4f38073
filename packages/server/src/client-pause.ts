import type { Timer } from '@kvartz/base';
import type { Args } from '@kvartz/resp';
import { type Client, Gate, Halt } from './client.ts';
import type { Kernel } from './kernel.ts';

/** CLIENT PAUSE, and a shutdown that is under way: clients that they concern wait, with their request, until it is over. */
export class ClientPause {
  readonly #kernel: Kernel;
  readonly #waiting = new Set<Client>();
  #timer: Timer | undefined;
  #isHoldingWrites = false;
  /** Wall milliseconds; 0: nobody is paused. */
  untilMs = 0;
  kind: 'all' | 'write' = 'write';

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** A longer or stricter pause that is under way stays, as in Redis. */
  begin(untilMs: number, kind: 'all' | 'write'): void {
    const isActive = this.untilMs > this.#kernel.nowMs;
    this.untilMs = isActive ? Math.max(this.untilMs, untilMs) : untilMs;
    this.kind = isActive && this.kind === 'all' ? 'all' : kind;
    this.#setGates();
    this.#timer?.cancel();
    this.#timer = this.#kernel.env.timers.after(Math.max(0, this.untilMs - this.#kernel.nowMs), () => this.end());
  }

  end(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.untilMs = 0;
    this.#setGates();
    this.#release();
  }

  /** What is changed from here on would be lost: nobody changes anything, whatever CLIENT UNPAUSE says. */
  holdWrites(isOn: boolean): void {
    this.#isHoldingWrites = isOn;
    this.#setGates();
    if (!isOn) this.#release();
  }

  #setGates(): void {
    const isPaused = this.untilMs !== 0;
    this.#kernel.setGate(Gate.pauseAll, isPaused && this.kind === 'all');
    this.#kernel.setGate(Gate.pauseWrite, this.#isHoldingWrites || (isPaused && this.kind === 'write'));
  }

  /** Those who still have to wait are held again. */
  #release(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    // Not now: CLIENT UNPAUSE is a command that runs, and has yet to write its own reply.
    this.#kernel.env.timers.afterTurn(() => {
      for (const client of waiting) {
        if ((client.halts & Halt.closed) !== 0) continue;
        client.halts &= ~Halt.suspended;
        client.connection.resumeReading();
        this.#kernel.resume(client);
      }
    });
  }

  hold(client: Client, args: Args): void {
    client.heldCommand = args.clone();
    client.halts |= Halt.suspended;
    client.connection.pauseReading();
    this.#waiting.add(client);
  }

  forget(client: Client): void {
    this.#waiting.delete(client);
  }

  get waitingCount(): number {
    return this.#waiting.size;
  }
}
