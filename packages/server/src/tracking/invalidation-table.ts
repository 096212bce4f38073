import { type ByteBuffer, latin1Of } from '@kvartz/base';

/** Growing one map of a million keys would hold up everybody for longer than growing one of so many. */
const shardCount = 64;
/** From this many clients of a key on, those that are gone are looked for when their number has doubled. */
const purgeAtClients = 16;

/** The client, or the clients, by id. */
type Readers = number | Set<number>;

/**
 * Which clients have read which key, and so perhaps hold it: key -> ids, in 64 maps by the last bytes of the key. Keys are
 * strings of one character per byte. A client that is gone stays until its keys change, or until a key has too many.
 */
export class InvalidationTable {
  readonly #shards: Map<string, Readers>[] = Array.from({ length: shardCount }, () => new Map());
  /** Where `takeAny` goes on in each shard. */
  readonly #walks: (IterableIterator<string> | undefined)[] = [];
  readonly #isAlive: (id: number) => boolean;
  keyCount = 0;
  /** Pairs of key and client. */
  itemCount = 0;

  constructor(isAlive: (id: number) => boolean) {
    this.#isAlive = isAlive;
  }

  remember(id: number, key: ByteBuffer, start: number, end: number): void {
    const shard = this.#shards[shardOf(key, start, end)];
    const name = latin1Of(key.u8, start, end);
    const readers = shard.get(name);
    if (readers === id) return;
    if (readers === undefined) {
      shard.set(name, id);
      this.keyCount++;
      this.itemCount++;
    } else if (typeof readers === 'number') {
      shard.set(name, new Set([readers, id]));
      this.itemCount++;
    } else if (!readers.has(id)) {
      if (readers.size >= purgeAtClients && (readers.size & (readers.size - 1)) === 0) this.#purge(readers);
      readers.add(id);
      this.itemCount++;
    }
  }

  #purge(readers: Set<number>): void {
    for (const id of readers) if (!this.#isAlive(id) && readers.delete(id)) this.itemCount--;
  }

  /** Forgets the key and returns who has read it. */
  take(key: ByteBuffer, start: number, end: number): readonly number[] {
    if (this.keyCount === 0) return nobody;
    return this.#takeFrom(this.#shards[shardOf(key, start, end)], latin1Of(key.u8, start, end));
  }

  #takeFrom(shard: Map<string, Readers>, name: string): readonly number[] {
    const readers = shard.get(name);
    if (readers === undefined) return nobody;
    shard.delete(name);
    this.keyCount--;
    const ids = typeof readers === 'number' ? [readers] : [...readers].toSorted((a, b) => a - b);
    this.itemCount -= ids.length;
    return ids;
  }

  /** Forgets one key, of a shard that `random` (32 bits) chooses; undefined when there is none. */
  takeAny(random: number): { readonly key: string; readonly ids: readonly number[] } | undefined {
    if (this.keyCount === 0) return undefined;
    let at = random % shardCount;
    while (this.#shards[at].size === 0) at = (at + 1) % shardCount;
    const key = this.#nextOf(at);
    return { key, ids: this.#takeFrom(this.#shards[at], key) };
  }

  /** Each walk goes on where it was: from its beginning it would meet the gaps of all that was taken before. */
  #nextOf(at: number): string {
    for (;;) {
      const walk = (this.#walks[at] ??= this.#shards[at].keys());
      const next = walk.next();
      if (next.done !== true) return next.value;
      this.#walks[at] = undefined;
    }
  }

  clear(): void {
    for (const shard of this.#shards) shard.clear();
    this.#walks.length = 0;
    this.keyCount = 0;
    this.itemCount = 0;
  }
}

const nobody: readonly number[] = [];

/** Keys differ at their end, mostly. */
function shardOf({ u8 }: ByteBuffer, start: number, end: number): number {
  let hash = end - start;
  for (let i = Math.max(start, end - 4); i < end; i++) hash = Math.imul(hash, 31) + u8[i];
  return (hash ^ (hash >>> 7)) & (shardCount - 1);
}
