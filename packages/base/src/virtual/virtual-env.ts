import type { Env } from '../env.ts';
import type { Prng } from '../prng.ts';
import type { ProcessLife } from './process-life.ts';
import type { VirtualClock } from './virtual-clock.ts';
import type { VirtualDisk } from './virtual-disk.ts';
import type { VirtualHost } from './virtual-host.ts';
import type { VirtualTimers } from './virtual-timers.ts';
import type { VirtualTransport } from './virtual-transport.ts';

export interface VirtualEnvParts {
  readonly host: VirtualHost;
  readonly life: ProcessLife;
  readonly clock: VirtualClock;
  readonly random: Prng;
  readonly timers: VirtualTimers;
  readonly transport: VirtualTransport;
  readonly disk: VirtualDisk;
}

/** The Env of one process in a VirtualWorld, and what can happen to that process. */
export class VirtualEnv implements Env {
  readonly clock: VirtualClock;
  readonly random: Prng;
  readonly timers: VirtualTimers;
  readonly transport: VirtualTransport;
  readonly disk: VirtualDisk;
  readonly #host: VirtualHost;
  readonly #life: ProcessLife;

  constructor(parts: VirtualEnvParts) {
    this.#host = parts.host;
    this.#life = parts.life;
    this.clock = parts.clock;
    this.random = parts.random;
    this.timers = parts.timers;
    this.transport = parts.transport;
    this.disk = parts.disk;
  }

  /** Name and address of the machine. */
  get host(): string {
    return this.#host.name;
  }

  get isAlive(): boolean {
    return this.#life.isAlive;
  }

  /** The process stands still (SIGSTOP): its machine still accepts and buffers; nothing is handed over. */
  pause(): void {
    this.#life.pause();
  }

  resume(): void {
    this.#life.resume();
  }

  /**
   * The process is killed: it hears nothing more, its peers see their connections close, and files keep what was written,
   * synced or not, because the machine goes on. For a machine that stops see VirtualWorld.powerOff.
   */
  crash(): void {
    if (!this.#life.isAlive) return;
    this.#life.end();
    this.#host.unlistenAll(this.#life);
    for (const connection of this.#host.connections) if (connection.life === this.#life) connection.abandon();
  }
}
