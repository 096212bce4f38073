import { Prng } from '../prng.ts';
import { DiskQueue } from './disk-queue.ts';
import { ProcessLife } from './process-life.ts';
import { Scheduler } from './scheduler.ts';
import { VirtualClock } from './virtual-clock.ts';
import { VirtualDisk } from './virtual-disk.ts';
import { VirtualEnv } from './virtual-env.ts';
import { VirtualNetwork, type NetworkOptions } from './virtual-network.ts';
import { VirtualTimers } from './virtual-timers.ts';
import { VirtualTransport } from './virtual-transport.ts';
import { VirtualVolume } from './virtual-volume.ts';

export interface WorldOptions {
  /** Any safe integer. The same seed, the same code and the same calls give the same run, event by event. */
  readonly seed: number;
  /** Wall time of all hosts at the beginning, in milliseconds since the epoch. */
  readonly wallMs?: number;
  readonly network?: NetworkOptions;
}

export interface EnvOptions {
  /** Where relative paths start; made when absent. */
  readonly rootFolder?: string;
  /** How far the host's wall clock is off. */
  readonly wallOffsetMs?: number;
}

const defaultWallMs = 1_735_689_600_000; // 2025-01-01

/**
 * Virtual time, a virtual network and virtual machines: many processes, each with an Env of its own, in one real one.
 *
 *   const world = new VirtualWorld({ seed: 7 });
 *   const env = world.env('10.0.0.1');            // hand it to whatever takes an Env
 *   world.network.partition(['10.0.0.1']);
 *   await world.runUntil(() => isFailed(), { limitMs: 60_000 });
 */
export class VirtualWorld {
  readonly seed: number;
  readonly network: VirtualNetwork;
  readonly scheduler = new Scheduler();
  readonly #random: Prng;
  readonly #wallMs: number;
  readonly #volumes = new Map<string, VirtualVolume>();
  readonly #envs = new Set<VirtualEnv>();

  constructor({ seed, wallMs = defaultWallMs, network }: WorldOptions) {
    this.seed = seed;
    this.#wallMs = wallMs;
    this.#random = new Prng(seed);
    this.network = new VirtualNetwork(this.scheduler, this.#random.fork(), network);
  }

  /** Milliseconds of virtual time since the beginning. */
  get nowMs(): number {
    return this.scheduler.nowMs;
  }

  /** A new process on the host of this name, which is made when it is new. Its disk is the host's. */
  env(hostName: string, { rootFolder = '/', wallOffsetMs = 0 }: EnvOptions = {}): VirtualEnv {
    const host = this.network.host(hostName);
    const life = new ProcessLife(this.scheduler);
    const random = this.#random.fork();
    const volume = this.volume(hostName);
    volume.makeFolder(rootFolder);
    const env = new VirtualEnv({
      host,
      life,
      random,
      clock: new VirtualClock(this.scheduler, this.#wallMs + wallOffsetMs, random.below(1_000_000)),
      timers: new VirtualTimers(this.scheduler, life),
      transport: new VirtualTransport(this.network, host, life),
      disk: new VirtualDisk(volume, new DiskQueue(this.scheduler, this.#random.fork(), life), rootFolder),
    });
    this.#envs.add(env);
    return env;
  }

  /** The disk of a host, for faults and for looking at it. */
  volume(hostName: string): VirtualVolume {
    let volume = this.#volumes.get(hostName);
    if (volume === undefined) {
      volume = new VirtualVolume(this.#random.fork());
      this.#volumes.set(hostName, volume);
    }
    return volume;
  }

  /** The machine stops: its processes die, its peers hear nothing, and its disk loses what was not synced. */
  powerOff(hostName: string): void {
    this.network.host(hostName).isDown = true;
    for (const env of this.#envs) {
      if (env.host !== hostName) continue;
      env.crash();
      this.#envs.delete(env);
    }
    this.volume(hostName).losePower();
  }

  /** The machine is back, without processes; make them with `env`. */
  powerOn(hostName: string): void {
    const host = this.network.host(hostName);
    host.isDown = false;
    this.network.retryStalled(host);
  }

  /** Runs for so long, synchronously: for code that uses no promises. */
  advance(ms: number): void {
    this.scheduler.advance(this.nowMs + ms);
  }

  /** Runs for so long and lets promises settle after every turn. */
  async run(ms: number): Promise<void> {
    await this.scheduler.run(this.nowMs + ms);
  }

  /** Runs until the condition holds, which is looked at after every turn; throws when it takes longer than the limit. */
  async runUntil(isDone: () => boolean, { limitMs }: { readonly limitMs: number }): Promise<void> {
    const isReached = await this.scheduler.run(this.nowMs + limitMs, isDone);
    if (!isReached) throw new Error(`not reached within ${limitMs} ms of virtual time (seed ${this.seed}): ${isDone}`);
  }

  /** Runs until the promise settles, and returns what it gives. */
  async complete<T>(promise: Promise<T>, { limitMs = 60_000 } = {}): Promise<T> {
    let isSettled = false;
    const settled = promise.finally(() => (isSettled = true));
    settled.catch(() => {}); // awaited below
    await this.runUntil(() => isSettled, { limitMs });
    return settled;
  }
}
