import type { Timer } from '@kvartz/base';
import { type EntryRef, Evacuation, EvictionPool, type EvictionPolicy, type Keyspace, NO_EXPIRY } from '@kvartz/engine';
import type { Args } from '@kvartz/resp';
import { type Client, Gate } from '../client.ts';
import type { Kernel } from '../kernel.ts';
import type { ServerCommand } from '../table.ts';
import { MemoryLimit } from './memory-limit.ts';
import { MemoryNeed } from './memory-need.ts';
import { evictionPolicies } from './policies.ts';

/** `done`: memory is within its limit. `running`: not yet, but what is asked for may go on. `failed`: nothing may go. */
type Outcome = 'done' | 'running' | 'failed';

/**
 * Keeps memory below `maxmemory`: before a command that may use more of it, and in the background, keys go as
 * `maxmemory-policy` says until there is room. A command waits for that half a millisecond (more with a higher
 * `maxmemory-eviction-tenacity`), the rest follows in slices of the same length.
 */
export class Eviction {
  readonly limit: MemoryLimit;
  readonly #kernel: Kernel;
  readonly #pool: EvictionPool;
  readonly #evacuation: Evacuation;
  readonly #need = new MemoryNeed();
  /** Undefined: `noeviction`. */
  #policy: EvictionPolicy | undefined;
  #timer: Timer | undefined;
  /** Monotonic milliseconds since when memory has been over its limit; 0: it is not. */
  #exceededSinceMs = 0;
  #exceededMs = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.limit = new MemoryLimit(kernel.arena);
    this.#pool = new EvictionPool(kernel.random);
    this.#evacuation = new Evacuation(kernel.arena, (keyspace, e) => this.#evictStray(keyspace, e));
  }

  /** Takes up what CONFIG SET has changed. */
  configure(): void {
    const { config, databases, replication } = this.#kernel;
    this.#policy = evictionPolicies.get(config.maxmemoryPolicy);
    // What a replica has to keep its master decides.
    const isMastersMatter = replication.isReplica && config.replication.ignoresMaxmemory;
    this.limit.configure(isMastersMatter ? 0 : config.maxmemoryBytes);
    for (const database of databases) {
      database.accessPolicy = this.#policy?.order === 'lfu' ? 'lfu' : 'lru';
      database.setLfuRates(config.lfuLogFactor, config.lfuDecayMinutes);
    }
    if (this.#policy !== undefined && this.limit.excessOf(0, 0) !== 'none') this.#continueLater();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Before a command that may use memory. False: there is none. */
  makeRoom(client: Client, command: ServerCommand, args: Args): boolean {
    const need = this.#need;
    need.measure(client, command, args);
    if (this.limit.excessOf(need.bytes, need.blockBytes) === 'none') {
      if (this.#exceededSinceMs !== 0 && this.#timer === undefined) this.#endExcess();
      return true;
    }
    // Nothing that could go would be enough.
    if (need.bytes > this.limit.limitBytes) return false;
    // While writes are held, so that somebody can compare or copy the data, it does not change.
    if ((this.#kernel.gates & (Gate.pauseAll | Gate.pauseWrite)) !== 0) return true;
    return this.#run(need.bytes, need.blockBytes) !== 'failed';
  }

  /** Once a tick of the cron. */
  settle(): void {
    this.limit.settle();
  }

  /** `total_eviction_exceeded_time` of INFO, in milliseconds. */
  get exceededMs(): number {
    return this.#exceededMs;
  }

  /** `current_eviction_exceeded_time`. */
  get exceededForMs(): number {
    return this.#exceededSinceMs === 0 ? 0 : this.#kernel.env.clock.monotonicMs() - this.#exceededSinceMs;
  }

  /** CONFIG RESETSTAT. */
  resetStats(): void {
    this.#exceededMs = 0;
    this.#exceededSinceMs = 0;
  }

  #run(needBytes: number, blockBytes: number): Outcome {
    const { env, latency, nowMs } = this.#kernel;
    const startMs = env.clock.monotonicMs();
    const outcome = this.#evict(startMs, needBytes, blockBytes);
    if (latency.thresholdMs > 0) latency.sample('eviction-cycle', env.clock.monotonicMs() - startMs, nowMs);
    if (outcome === 'running') this.#continueLater();
    if (outcome === 'done') this.#endExcess();
    else if (this.#exceededSinceMs === 0) this.#exceededSinceMs = env.clock.monotonicMs();
    return outcome;
  }

  #evict(startMs: number, needBytes: number, blockBytes: number): Outcome {
    const { arena, databases, env } = this.#kernel;
    const { limit } = this;
    const { lazyFree } = arena;
    const startBytes = arena.usedBytes;
    // Other sizes may have to go before one block finds room; but not the whole data for the sake of one.
    const roomPriceBytes = Math.max(limit.limitBytes * roomPriceRatio, roomPriceFactor * blockBytes);
    for (let i = 1; ; i++) {
      const excess = limit.excessOf(needBytes, blockBytes);
      if (excess === 'none') return 'done';
      const isOverTime = i % clockEvery === 0 && this.#isOverTime(env.clock.monotonicMs() - startMs, blockBytes);
      // What was deleted and waits to be freed comes first.
      if (!lazyFree.isEmpty && !isOverTime) lazyFree.run(reclaimUnits);
      else if (excess === 'room' && this.#isTimeToMove(i) && this.#evacuation.run(databases, blockBytes)) continue;
      else if (this.#policy === undefined) return 'failed';
      else if (isOverTime) return 'running';
      else if (excess === 'room' && startBytes - arena.usedBytes > roomPriceBytes) return 'done';
      else if (!this.#evictOne(this.#policy)) return 'failed';
    }
  }

  /** What the policy chooses goes first; without one, moving is all that can be tried. */
  #isTimeToMove(step: number): boolean {
    return this.#policy === undefined ? step === 1 : step % evacuateEvery === 0;
  }

  /** What would take memory from the system beyond the limit may take longer. */
  #isOverTime(elapsedMs: number, blockBytes: number): boolean {
    const limitMs = timeLimitMs(this.#kernel.config.maxmemoryEvictionTenacity);
    if (elapsedMs <= limitMs) return false;
    return blockBytes === 0 || elapsedMs > limitMs * patience || this.limit.hasRoom(blockBytes);
  }

  #evictOne(policy: EvictionPolicy): boolean {
    const kernel = this.#kernel;
    const e = this.#pool.next(kernel.databases, policy, kernel.config.maxmemorySamples);
    const keyspace = this.#pool.keyspace;
    if (e === 0 || keyspace === undefined) return false;
    this.#remove(keyspace, e);
    return true;
  }

  /** A key stands in the way, and there is no other place for it: it goes, if the policy allows that. */
  #evictStray(keyspace: Keyspace, e: EntryRef): boolean {
    const policy = this.#policy;
    if (policy === undefined || (policy.isVolatile && keyspace.expireAtMs(e) === NO_EXPIRY)) return false;
    this.#remove(keyspace, e);
    return true;
  }

  #remove(keyspace: Keyspace, e: EntryRef): void {
    const kernel = this.#kernel;
    const { buffer, end, start } = keyspace.keyOf(e);
    kernel.observers.evicted(kernel.databases.indexOf(keyspace), buffer, start, end);
    keyspace.removeEntry(e);
  }

  #continueLater(): void {
    this.#timer ??= this.#kernel.env.timers.after(pauseMs, () => {
      this.#timer = undefined;
      const kernel = this.#kernel;
      kernel.refreshTime();
      // Whoever holds the writes ends that, and then commands come.
      if ((kernel.gates & (Gate.pauseAll | Gate.pauseWrite)) === 0) this.#run(0, 0);
      kernel.scheduleFlush();
    });
  }

  #endExcess(): void {
    if (this.#exceededSinceMs === 0) return;
    this.#exceededMs += this.exceededForMs;
    this.#exceededSinceMs = 0;
  }
}

/** Redis's scale: half a millisecond at 10, 15% more with each step up to a minute and a half, and no limit at 100. */
export function timeLimitMs(tenacity: number): number {
  if (tenacity <= 10) return 0.05 * tenacity;
  return tenacity < 100 ? 0.5 * 1.15 ** (tenacity - 10) : Infinity;
}

const pauseMs = 1;
/** How many keys go between two looks at the clock. */
const clockEvery = 16;
/** A unit is a block freed, at about 100 ns. */
const reclaimUnits = 256;
const patience = 100;
/** Keys that go between two attempts to find room by moving others. */
const evacuateEvery = 32;
const roomPriceFactor = 16;
const roomPriceRatio = 1 / 64;
