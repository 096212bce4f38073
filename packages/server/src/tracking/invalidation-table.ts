import { ByteBuffer, latin1Bytes } from '@kvartz/base';
import { ByteKeyMap } from '../byte-key-map.ts';

/** The client, or the clients, by id. */
type Readers = number | Set<number>;

/** From this many clients of a key on, those that are gone are looked for when their number has doubled. */
const purgeAtClients = 16;

/**
 * Which clients have read which key, and so perhaps hold it. A client that is gone stays until its keys change, or until a
 * key has too many.
 */
export class InvalidationTable {
  readonly #readers: ByteKeyMap<Readers>;
  readonly #isAlive: (id: number) => boolean;
  /** Pairs of key and client. */
  itemCount = 0;

  /** `hashKey`: two secret random integers of 32 bits. */
  constructor(hashKey: readonly [number, number], isAlive: (id: number) => boolean) {
    this.#readers = new ByteKeyMap(hashKey);
    this.#isAlive = isAlive;
  }

  get keyCount(): number {
    return this.#readers.size;
  }

  remember(id: number, key: ByteBuffer, start: number, end: number): void {
    const readers = this.#readers.get(key, start, end);
    if (readers === id) return;
    if (readers === undefined) this.#readers.set(key, start, end, id);
    else if (typeof readers === 'number') this.#readers.set(key, start, end, new Set([readers, id]));
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
    const readers = this.#readers.get(key, start, end);
    if (readers === undefined) return nobody;
    this.#readers.delete(key, start, end);
    const ids = typeof readers === 'number' ? [readers] : [...readers].toSorted((a, b) => a - b);
    this.itemCount -= ids.length;
    return ids;
  }

  /** Forgets a key that `random` (32 bits) chooses; undefined when there is none. */
  takeAny(random: number): { readonly key: ByteBuffer; readonly ids: readonly number[] } | undefined {
    const name = this.#readers.anyKey(random);
    if (name === undefined) return undefined;
    const key = ByteBuffer.from(latin1Bytes(name));
    return { key, ids: this.take(key, 0, key.sizeBytes) };
  }

  clear(): void {
    this.#readers.clear();
    this.itemCount = 0;
  }
}

const nobody: readonly number[] = [];
