import { setTimeout as sleep } from 'node:timers/promises';
import { Prng } from '@kvartz/base';
import { Pipeline, type Request } from '../../conformance/support/pipeline.ts';
import { textOfReply } from '../../conformance/support/reply.ts';

export interface HitRatioPlan {
  readonly policy: string;
  /** Different keys that are asked for. */
  readonly keys: number;
  /** How many of them fit. */
  readonly resident: number;
  /** Reads before counting begins, and while it lasts. */
  readonly warmup: number;
  readonly reads: number;
  /** So many in a second, so that the clocks of a second's resolution have something to tell. */
  readonly readsPerSecond: number;
  readonly seed: number;
}

export interface HitRatio {
  readonly hits: number;
  /** Keys at the end. */
  readonly keys: number;
}

const batch = 200;
const valueBytes = 100;
const zipfExponent = 0.99;

/**
 * A cache read by many: keys with Zipf's frequencies, each read that misses is followed by a write. All servers get the
 * same reads at the same time. Each may hold as much as `resident` keys took it when they were all there was.
 */
export async function compareHitRatios(ports: readonly number[], plan: HitRatioPlan): Promise<HitRatio[]> {
  const caches = await Promise.all(ports.map((port) => Cache.connect(port, plan)));
  const random = new Prng(plan.seed);
  const frequencies = zipf(plan.keys);
  const startMs = performance.now();
  const total = plan.warmup + plan.reads;
  for (let done = 0; done < total; done += batch) {
    const wait = startMs + (done / plan.readsPerSecond) * 1000 - performance.now();
    if (wait > 1) await sleep(wait);
    const keys = Array.from({ length: batch }, () => `key:${draw(frequencies, random)}`);
    const isCounted = done >= plan.warmup;
    await Promise.all(caches.map((cache) => cache.read(keys, isCounted)));
    // As many keys as the first one has: how many fit exactly is not the question here.
    if (done < plan.warmup && done % (plan.warmup / 4) < batch) await evenOut(caches);
  }
  return Promise.all(caches.map((cache) => cache.finish(plan.reads)));
}

async function evenOut(caches: readonly Cache[]): Promise<void> {
  const [wanted, ...counts] = await Promise.all(caches.map((cache) => cache.keyCount()));
  for (const [i, count] of counts.entries()) await caches[i + 1].scaleLimit(wanted / count);
}

class Cache {
  readonly #pipeline: Pipeline;
  #limitBytes = 0;
  #hits = 0;

  private constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
  }

  static async connect(port: number, { policy, resident }: HitRatioPlan): Promise<Cache> {
    const cache = new Cache(await Pipeline.connect(port));
    await cache.#ask([['FLUSHALL'], ['CONFIG', 'SET', 'maxmemory', '0', 'maxmemory-policy', policy]]);
    for (let i = 0; i < resident; i += batch) {
      await cache.#ask(Array.from({ length: batch }, (_, j) => ['SET', `first:${i + j}`, value]));
    }
    const [info] = await cache.#ask([['INFO', 'memory']]);
    cache.#limitBytes = Number(/used_memory:(\d+)/.exec(info)?.[1]);
    await cache.scaleLimit(1);
    return cache;
  }

  async read(keys: readonly string[], isCounted: boolean): Promise<void> {
    const replies = await this.#pipeline.send(keys.map((key) => ['GET', key]));
    const missed = keys.filter((_, i) => replies[i].head.length < valueBytes);
    if (isCounted) this.#hits += keys.length - missed.length;
    if (missed.length === 0) return;
    for (const reply of await this.#ask(missed.map((key) => ['SET', key, value]))) {
      if (reply !== 'OK') throw new Error(`a write was refused: ${reply}`);
    }
  }

  async keyCount(): Promise<number> {
    return Number((await this.#ask([['DBSIZE']]))[0]);
  }

  async scaleLimit(factor: number): Promise<void> {
    this.#limitBytes = Math.floor(this.#limitBytes * factor);
    await this.#ask([['CONFIG', 'SET', 'maxmemory', String(this.#limitBytes)]]);
  }

  async finish(reads: number): Promise<HitRatio> {
    const keys = await this.keyCount();
    await this.#ask([['CONFIG', 'SET', 'maxmemory', '0'], ['FLUSHALL']]);
    this.#pipeline.close();
    return { hits: this.#hits / reads, keys };
  }

  async #ask(requests: readonly Request[]): Promise<string[]> {
    return (await this.#pipeline.send(requests)).map(textOfReply);
  }
}

const value = 'x'.repeat(valueBytes);

/** By rank: the share of all reads that go to this key or a more frequent one. */
function zipf(keys: number): Float64Array {
  const sums = new Float64Array(keys);
  let sum = 0;
  for (let i = 0; i < keys; i++) sums[i] = sum += (i + 1) ** -zipfExponent;
  return sums.map((one) => one / sum);
}

function draw(sums: Float64Array, random: Prng): number {
  const wanted = random.ratio();
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
