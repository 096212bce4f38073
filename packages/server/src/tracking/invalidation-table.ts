import type { ByteBuffer } from '@kvartz/base';
import { halfSipHash13 } from '@kvartz/engine';
import { ReaderShard } from './reader-shard.ts';

/** Growing one table of a million keys would hold up everybody for longer than growing one of so many. */
const shardBits = 6;
const shardCount = 1 << shardBits;
/** From this many clients of a key on, those that are gone are looked for when their number has doubled. */
const purgeAtClients = 16;

/**
 * Which clients have read which key, and so perhaps hold it: key -> ids, in 64 shards by hash. A client that is gone stays
 * until its keys change, or until a key has too many.
 */
export class InvalidationTable {
  readonly #shards = Array.from({ length: shardCount }, () => new ReaderShard());
  readonly #hashKey: readonly [number, number];
  readonly #isAlive: (id: number) => boolean;
  keyCount = 0;
  /** Pairs of key and client. */
  itemCount = 0;

  /** `hashKey`: two secret random integers of 32 bits. */
  constructor(hashKey: readonly [number, number], isAlive: (id: number) => boolean) {
    this.#hashKey = hashKey;
    this.#isAlive = isAlive;
  }

  #hashOf(key: ByteBuffer, start: number, end: number): number {
    return halfSipHash13(key, start, end, this.#hashKey[0] | 0, this.#hashKey[1] | 0);
  }

  #shardOf(hash: number): ReaderShard {
    return this.#shards[hash >>> (32 - shardBits)];
  }

  remember(id: number, key: ByteBuffer, start: number, end: number): void {
    const hash = this.#hashOf(key, start, end);
    const shard = this.#shardOf(hash);
    const cell = shard.find(hash, key, start, end);
    if (cell < 0) {
      shard.add(hash, key, start, end, id);
      this.keyCount++;
      this.itemCount++;
      return;
    }
    const readers = shard.readersAt(cell);
    if (readers === id) return;
    if (typeof readers === 'number') shard.setReadersAt(cell, new Set([readers, id]));
    else if (readers.has(id)) return;
    else {
      if (readers.size >= purgeAtClients && (readers.size & (readers.size - 1)) === 0) this.#purge(readers);
      readers.add(id);
    }
    this.itemCount++;
  }

  #purge(readers: Set<number>): void {
    for (const id of readers) if (!this.#isAlive(id) && readers.delete(id)) this.itemCount--;
  }

  /** Forgets the key and returns who has read it, in the order of their ids. */
  take(key: ByteBuffer, start: number, end: number): readonly number[] {
    if (this.keyCount === 0) return nobody;
    const hash = this.#hashOf(key, start, end);
    const shard = this.#shardOf(hash);
    const cell = shard.find(hash, key, start, end);
    return cell < 0 ? nobody : this.#takeFrom(shard, cell);
  }

  #takeFrom(shard: ReaderShard, cell: number): readonly number[] {
    const readers = shard.readersAt(cell);
    const ids = typeof readers === 'number' ? [readers] : [...readers].toSorted((a, b) => a - b);
    shard.remove(cell);
    this.keyCount--;
    this.itemCount -= ids.length;
    return ids;
  }

  /** Forgets a key that `random` (32 bits) chooses; undefined when there is none. */
  takeAny(random: number): { readonly key: string; readonly ids: readonly number[] } | undefined {
    if (this.keyCount === 0) return undefined;
    let at = random >>> (32 - shardBits);
    while (this.#shards[at].count === 0) at = (at + 1) % shardCount;
    const shard = this.#shards[at];
    const cell = shard.anyCell(random);
    const key = shard.nameAt(cell);
    return { key, ids: this.#takeFrom(shard, cell) };
  }

  clear(): void {
    if (this.keyCount === 0) return;
    for (const shard of this.#shards) shard.clear();
    this.keyCount = 0;
    this.itemCount = 0;
  }
}

const nobody: readonly number[] = [];
