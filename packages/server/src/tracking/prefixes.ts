import { latin1Bytes } from '@kvartz/base';
import type { Client } from '../client.ts';

/** A prefix that clients want to hear of. */
interface Prefix {
  readonly clients: Set<Client>;
  /** Keys that have changed in this turn, with the client that changed each first; undefined: nobody did. */
  readonly changed: Map<string, Client | undefined>;
}

/** Keys that one client is to be told of. */
export type Deliver = (client: Client, keys: readonly Uint8Array[]) => void;

/** Prefixes of CLIENT TRACKING BCAST, and what has changed under them. Strings of one character per byte. */
export class Prefixes {
  readonly #prefixes = new Map<string, Prefix>();
  /** Lengths that prefixes have: a key is looked up once for each. */
  #lengths: number[] = [];
  #hasChanges = false;

  get count(): number {
    return this.#prefixes.size;
  }

  add(client: Client, name: string): void {
    let prefix = this.#prefixes.get(name);
    if (prefix === undefined) {
      prefix = { clients: new Set(), changed: new Map() };
      this.#prefixes.set(name, prefix);
      this.#refreshLengths();
    }
    prefix.clients.add(client);
  }

  remove(client: Client, name: string): void {
    const prefix = this.#prefixes.get(name);
    prefix?.clients.delete(client);
    if (prefix?.clients.size !== 0) return;
    this.#prefixes.delete(name);
    this.#refreshLengths();
  }

  #refreshLengths(): void {
    this.#lengths = [...new Set(Array.from(this.#prefixes.keys(), (name) => name.length))];
  }

  changed(key: string, author: Client | undefined): void {
    for (const length of this.#lengths) {
      if (length > key.length) continue;
      const prefix = this.#prefixes.get(key.slice(0, length));
      if (prefix === undefined || prefix.changed.has(key)) continue;
      prefix.changed.set(key, author);
      this.#hasChanges = true;
    }
  }

  /** Tells what has changed since the last time: one message for each prefix and client, both and the keys in order. */
  deliver(tell: Deliver): void {
    if (!this.#hasChanges) return;
    this.#hasChanges = false;
    for (const name of [...this.#prefixes.keys()].toSorted()) {
      const { changed, clients } = this.#prefixes.get(name)!;
      if (changed.size === 0) continue;
      const names = [...changed.keys()].toSorted();
      const all = names.map(latin1Bytes);
      for (const client of clients) {
        const isOwnLeftOut = client.tracking?.options.isNoLoop === true;
        const keys = isOwnLeftOut ? all.filter((_, i) => changed.get(names[i]) !== client) : all;
        if (keys.length > 0) tell(client, keys);
      }
      changed.clear();
    }
  }
}
