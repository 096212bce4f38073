import type { Client } from '../client.ts';
import { clientMemory } from '../client-memory.ts';
import type { Kernel } from '../kernel.ts';

/** As last counted. */
interface Share {
  bytes: number;
  /** Where the client stands among those that may be closed; -1: it may not be. */
  bucket: number;
}

/**
 * `maxmemory-clients`: when all clients together take more than that, the largest are closed, until they do not. A client is
 * counted after its requests and when its output grows or shrinks; the limit is looked at when the turn ends. Clients stand
 * in buckets by the power of two of their size, so that the largest is found without looking at all of them.
 */
export class ClientEviction {
  /** There is a limit. While there is none nothing is counted. */
  isOn = false;
  readonly #kernel: Kernel;
  #limitBytes = 0;
  #totalBytes = 0;
  readonly #shares = new Map<Client, Share>();
  readonly #buckets: Set<Client>[] = [];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Takes up what CONFIG SET has changed. */
  configure(): void {
    const { clients, config } = this.#kernel;
    this.#limitBytes = config.maxmemoryClientsBytes;
    const isOn = this.#limitBytes > 0;
    if (isOn !== this.isOn) {
      this.isOn = isOn;
      this.#shares.clear();
      this.#buckets.length = 0;
      this.#totalBytes = 0;
      if (isOn) for (const client of clients.values()) this.note(client);
    }
    if (isOn) this.#kernel.scheduleFlush();
  }

  /** Counts a client anew. */
  note(client: Client): void {
    if (!this.#kernel.clients.has(client.id)) return;
    const bytes = clientMemory(client);
    const bucket = client.isNoEvict ? -1 : 31 - Math.clz32(Math.min(bytes, 2 ** 31));
    let share = this.#shares.get(client);
    if (share === undefined) {
      share = { bytes: 0, bucket: -1 };
      this.#shares.set(client, share);
    }
    this.#totalBytes += bytes - share.bytes;
    share.bytes = bytes;
    if (bucket === share.bucket) return;
    this.#buckets[share.bucket]?.delete(client);
    if (bucket >= 0) (this.#buckets[bucket] ??= new Set()).add(client);
    share.bucket = bucket;
  }

  /** A client is gone. */
  forget(client: Client): void {
    const share = this.#shares.get(client);
    if (share === undefined) return;
    this.#totalBytes -= share.bytes;
    this.#buckets[share.bucket]?.delete(client);
    this.#shares.delete(client);
  }

  /** Closes clients until those that are left keep within the limit. */
  enforce(): void {
    while (this.#totalBytes > this.#limitBytes) {
      const largest = this.#largest();
      if (largest === undefined) return;
      const bytes = this.#shares.get(largest)?.bytes;
      this.#kernel.log.notice(
        `Evicting client id=${largest.id} addr=${largest.connection.remote} tot-mem=${bytes}: all clients take ` +
          `${this.#totalBytes} bytes, maxmemory-clients is ${this.#limitBytes}`,
      );
      this.#kernel.stats.evictedClients++;
      this.forget(largest);
      this.#kernel.kill(largest);
    }
  }

  #largest(): Client | undefined {
    for (let i = this.#buckets.length - 1; i >= 0; i--) {
      let largest: Client | undefined;
      let most = 0;
      for (const client of this.#buckets[i] ?? []) {
        const bytes = this.#shares.get(client)?.bytes ?? 0;
        if (bytes <= most) continue;
        most = bytes;
        largest = client;
      }
      if (largest !== undefined) return largest;
    }
    return undefined;
  }
}
