import type { Timer } from '@kvartz/base';
import { trimSpareBuffers } from '@kvartz/resp';
import { Background } from './background.ts';
import type { Client } from './client.ts';
import type { Kernel } from './kernel.ts';
import { enforceOutputLimits } from './output-limits.ts';

/** What a node does `hz` times a second, whether or not requests come. */
export class Cron {
  readonly #kernel: Kernel;
  readonly #background: Background;
  #timer: Timer | undefined;
  #isRunning = false;
  #tick = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#background = new Background(kernel);
  }

  start(): void {
    this.#isRunning = true;
    this.#schedule();
  }

  stop(): void {
    this.#isRunning = false;
    this.#timer?.cancel();
    this.#background.stop();
  }

  /** There is memory to be given back. */
  freeSoon(): void {
    if (this.#isRunning) this.#background.wake();
  }

  #schedule(): void {
    const hz = this.#kernel.config.hz;
    this.#timer = this.#kernel.env.timers.after(1000 / hz, () => {
      this.#run(hz);
      if (this.#isRunning) this.#schedule();
    });
  }

  #run(hz: number): void {
    const kernel = this.#kernel;
    kernel.syncWallTime();
    this.#tick++;
    this.#background.wake();
    kernel.eviction.settle();
    kernel.arena.reserveAhead();
    if (!kernel.isLoading) kernel.persistence.tick();
    this.#watchClients(hz);
    kernel.tracking.limit();
    if (this.#tick % (hz * trimSeconds) === 0) {
      trimSpareBuffers();
      kernel.output.trim();
    }
    const { stats, monotonicMs } = kernel;
    stats.commandRate.sample(stats.commandsProcessed, monotonicMs);
    stats.inputRate.sample(stats.bytesIn, monotonicMs);
    stats.outputRate.sample(kernel.output.bytesWritten, monotonicMs);
    stats.peakMemoryBytes = Math.max(stats.peakMemoryBytes, kernel.arena.usedBytes);
  }

  /** Each client once a second: idle timeout and soft output limits. */
  #watchClients(hz: number): void {
    const kernel = this.#kernel;
    const timeoutMs = kernel.config.timeoutSeconds * 1000;
    for (const client of kernel.clients.values()) {
      if (client.id % hz !== this.#tick % hz) continue;
      if (kernel.clientEviction.isOn) kernel.clientEviction.note(client);
      const isWaiting = client.blocked !== undefined;
      if (timeoutMs > 0 && !isWaiting && kernel.monotonicMs - client.lastActiveMs > timeoutMs) this.#closeIdle(client);
      else if (client.connection.queuedBytes > 0) enforceOutputLimits(kernel, client);
    }
  }

  #closeIdle(client: Client): void {
    this.#kernel.log.verbose('Closing idle client');
    this.#kernel.kill(client);
  }
}

/** Buffers for large requests and replies that nobody has needed for so long go back to the system. */
const trimSeconds = 5;
