import type { ByteBuffer } from '@kvartz/base';
import { halfSipHash13 } from '@kvartz/engine';
import { ByteKeyShard } from './byte-key-shard.ts';

/** Growing one table of a million keys would hold up everybody for longer than growing one of so many. */
const shardBits = 6;
const shardCount = 1 << shardBits;

/**
 * A map whose keys are bytes, `(buffer, start, end)`: looking one up makes no string. For names by the hundred thousand that
 * requests ask for; where there are few, a Map of strings does as well.
 */
export class ByteKeyMap<V> {
  size = 0;
  readonly #shards = Array.from({ length: shardCount }, () => new ByteKeyShard<V>());
  readonly #hashKey0: number;
  readonly #hashKey1: number;

  /** `hashKey`: two secret random integers of 32 bits. */
  constructor(hashKey: readonly [number, number]) {
    this.#hashKey0 = hashKey[0] | 0;
    this.#hashKey1 = hashKey[1] | 0;
  }

  get(key: ByteBuffer, start: number, end: number): V | undefined {
    const hash = halfSipHash13(key, start, end, this.#hashKey0, this.#hashKey1);
    return this.#shards[hash >>> (32 - shardBits)].get(hash, key, start, end);
  }

  set(key: ByteBuffer, start: number, end: number, value: V): void {
    const hash = halfSipHash13(key, start, end, this.#hashKey0, this.#hashKey1);
    const shard = this.#shards[hash >>> (32 - shardBits)];
    this.size -= shard.count;
    shard.set(hash, key, start, end, value);
    this.size += shard.count;
  }

  /** False when there was no such key. */
  delete(key: ByteBuffer, start: number, end: number): boolean {
    const hash = halfSipHash13(key, start, end, this.#hashKey0, this.#hashKey1);
    const isDeleted = this.#shards[hash >>> (32 - shardBits)].delete(hash, key, start, end);
    if (isDeleted) this.size--;
    return isDeleted;
  }

  /** A key that `random` (32 bits) chooses, one character per byte; undefined when there is none. */
  anyKey(random: number): string | undefined {
    if (this.size === 0) return undefined;
    let at = random >>> (32 - shardBits);
    while (this.#shards[at].count === 0) at = (at + 1) % shardCount;
    return this.#shards[at].anyKey(random);
  }

  /** One character per byte, in no order. */
  *keys(): Generator<string> {
    for (const shard of this.#shards) yield* shard.keys();
  }

  clear(): void {
    if (this.size === 0) return;
    for (const shard of this.#shards) shard.clear();
    this.size = 0;
  }
}
