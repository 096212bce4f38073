import type { Random } from '@kvartz/base';
import type { EntryRef } from './entry.ts';
import type { Keyspace } from './keyspace.ts';

/** What decides who goes first: the longest unused, the least used, the first to expire, or chance. */
export type EvictionOrder = 'lru' | 'lfu' | 'ttl' | 'random';

/** One of the policies of `maxmemory-policy` that evict anything. */
export interface EvictionPolicy {
  readonly order: EvictionOrder;
  /** Only keys with an expiry may go. */
  readonly isVolatile: boolean;
}

/** An entry that was met at random, and what there is to say of it. Nothing here keeps it alive. */
export class DrawnEntry {
  entry: EntryRef = 0;
  slot = 0;
  /** As it stands in the entry's cell. */
  hash = 0;
  clock = 0;
  /** Infinity: it does not expire. */
  expireAtMs = Infinity;
}

const poolSize = 16;
/** After so many rounds without an entry there is none: all that is left has expired, and waits for the master's word. */
const roundsMax = 100;

/**
 * Approximates the order in which keys should go, as Redis does: each choice draws some keys at random from each database,
 * and keeps the best 16 of all that were drawn so far:
 *
 *   scores   [ -Infinity ... -Infinity | 3000 | 7000 | ... | 91000 ]     the last one goes next
 *
 * A place remembers an entry by reference, slot and hash, never by its key: whether it is still there costs one search.
 * Who was used since it was drawn is passed over (Redis evicts it).
 * Source: https://redis.io/docs/latest/develop/reference/eviction/
 */
export class EvictionPool {
  readonly #random: Random;
  readonly #scores = new Float64Array(poolSize).fill(-Infinity);
  readonly #places: DrawnEntry[] = Array.from({ length: poolSize }, () => new DrawnEntry());
  readonly #keyspaces: (Keyspace | undefined)[] = Array.from({ length: poolSize });
  readonly #drawn: DrawnEntry[] = [];
  #nextDatabase = 0;
  #policy: EvictionPolicy | undefined;
  /** Where the entry is that `next` chose. */
  keyspace: Keyspace | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  /** An entry to evict, of `keyspace`; 0 when nothing may go. `samples`: keys drawn per database. */
  next(keyspaces: readonly Keyspace[], policy: EvictionPolicy, samples: number): EntryRef {
    if (policy.order === 'random') return this.#drawAny(keyspaces, policy.isVolatile);
    if (this.#policy !== policy) this.#forget(policy);
    for (let round = 0; round < roundsMax; round++) {
      let candidates = 0;
      for (const keyspace of keyspaces) {
        const count = policy.isVolatile ? keyspace.expiringCount : keyspace.keyCount;
        if (count === 0) continue;
        candidates += count;
        this.#fill(keyspace, policy, samples);
      }
      if (candidates === 0) return 0;
      const e = this.#take(policy);
      if (e !== 0) return e;
    }
    return 0;
  }

  #drawAny(keyspaces: readonly Keyspace[], isExpiring: boolean): EntryRef {
    // From each database in turn, whatever its size.
    for (let tries = 0; tries < keyspaces.length; tries++) {
      const keyspace = keyspaces[(this.#nextDatabase = (this.#nextDatabase + 1) % keyspaces.length)];
      const e = keyspace.randomEntry(this.#random, isExpiring);
      if (e === 0) continue;
      this.keyspace = keyspace;
      return e;
    }
    return 0;
  }

  #fill(keyspace: Keyspace, policy: EvictionPolicy, samples: number): void {
    const scores = this.#scores;
    const drawn = this.#drawn;
    while (drawn.length < samples) drawn.push(new DrawnEntry());
    const count = keyspace.draw(this.#random, policy.isVolatile, drawn, samples);
    for (let i = 0; i < count; i++) {
      const one = drawn[i];
      const score = keyspace.dispensability(one, policy.order);
      if (score <= scores[0] || this.#holds(one.entry)) continue;
      let at = 0;
      while (at + 1 < poolSize && scores[at + 1] < score) at++;
      // The least dispensable leaves at the front, and its place is used for the next drawing.
      drawn[i] = this.#places[0];
      for (let j = 0; j < at; j++) this.#move(j + 1, j);
      scores[at] = score;
      this.#places[at] = one;
      this.#keyspaces[at] = keyspace;
    }
  }

  #holds(e: EntryRef): boolean {
    for (let i = 0; i < poolSize; i++) {
      if (this.#places[i].entry === e && this.#keyspaces[i] !== undefined) return true;
    }
    return false;
  }

  /** The most dispensable of those that are still there; 0 when none is. */
  #take(policy: EvictionPolicy): EntryRef {
    const last = poolSize - 1;
    for (;;) {
      const keyspace = this.#keyspaces[last];
      if (keyspace === undefined) return 0;
      const place = this.#places[last];
      const score = this.#scores[last];
      for (let i = last; i > 0; i--) this.#move(i - 1, i);
      this.#places[0] = place;
      this.#vacate(0);
      if (!keyspace.redraw(place)) continue;
      if (policy.isVolatile && place.expireAtMs === Infinity) continue;
      if (keyspace.dispensability(place, policy.order) < score) continue;
      this.keyspace = keyspace;
      return place.entry;
    }
  }

  #move(from: number, to: number): void {
    this.#scores[to] = this.#scores[from];
    this.#places[to] = this.#places[from];
    this.#keyspaces[to] = this.#keyspaces[from];
  }

  #vacate(at: number): void {
    this.#scores[at] = -Infinity;
    this.#keyspaces[at] = undefined;
  }

  #forget(policy: EvictionPolicy): void {
    this.#policy = policy;
    for (let i = 0; i < poolSize; i++) this.#vacate(i);
  }
}
