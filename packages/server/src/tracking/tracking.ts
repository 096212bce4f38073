import { type ByteBuffer, latin1Of } from '@kvartz/base';
import { CommandFlag, findKeys, KeyPositions } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import { type Client, Gate } from '../client.ts';
import type { Kernel } from '../kernel.ts';
import type { ServerCommand } from '../table.ts';
import { ClientTracking, type TrackingOptions } from './client-tracking.ts';
import { InvalidationTable } from './invalidation-table.ts';
import { Invalidations } from './invalidations.ts';
import { Prefixes } from './prefixes.ts';

/** Keys above `tracking-table-max-keys` that one command, or one tick, invalidates at most. */
const evictedAtOnce = 100;

/**
 * The help for client-side caches: who may hold which key, and telling them when it changes.
 *
 * A client in the default mode has `Gate.tracking` shut, and the keys of its read-only commands are remembered after each;
 * when one of them changes, is removed or expires, it is forgotten and its readers are told. A client in BCAST mode costs
 * nothing when it reads; it is told at the end of the turn of all keys with its prefixes.
 */
export class Tracking {
  readonly #kernel: Kernel;
  readonly #table: InvalidationTable;
  readonly #prefixes = new Prefixes();
  readonly #invalidations: Invalidations;
  readonly #clients = new Set<Client>();
  readonly #found = new KeyPositions();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    const { random } = kernel.env;
    this.#table = new InvalidationTable(
      [random.uint32(), random.uint32()],
      (id) => kernel.clients.get(id)?.tracking !== undefined,
    );
    this.#invalidations = new Invalidations(kernel.pushes, kernel.clients);
  }

  get isEmpty(): boolean {
    return this.#clients.size === 0;
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  get keyCount(): number {
    return this.#table.keyCount;
  }

  get itemCount(): number {
    return this.#table.itemCount;
  }

  get prefixCount(): number {
    return this.#prefixes.count;
  }

  /** Prefixes are added to those that the client has. */
  enable(client: Client, options: TrackingOptions, prefixes: readonly string[]): void {
    const tracking = (client.tracking ??= new ClientTracking(options));
    tracking.options = options;
    tracking.isRedirectBroken = false;
    if (options.isBroadcast) {
      for (const prefix of prefixes.length === 0 ? [''] : prefixes) {
        tracking.prefixes.add(prefix);
        this.#prefixes.add(client, prefix);
      }
    } else client.setGate(Gate.tracking, true);
    this.#clients.add(client);
    this.#kernel.observers.refresh();
  }

  /** CLIENT TRACKING OFF, and clients that are gone. */
  disable(client: Client): void {
    const { tracking } = client;
    if (tracking === undefined) return;
    for (const prefix of tracking.prefixes) this.#prefixes.remove(client, prefix);
    client.tracking = undefined;
    client.setGate(Gate.tracking, false);
    this.#clients.delete(client);
    if (this.isEmpty) this.#table.clear();
    this.#kernel.observers.refresh();
  }

  /** A request of a client with `Gate.tracking` is over: what CLIENT CACHING said held for it, or for all up to EXEC. */
  requestOver(client: Client): void {
    if (client.tracking !== undefined && client.transaction === undefined) client.tracking.isCachingGiven = false;
  }

  /** A command of a client with `Gate.tracking` has run: remembers the keys that it read. */
  remember(client: Client, command: ServerCommand, args: Args): void {
    if ((command.flags & CommandFlag.readonly) === 0 || client.tracking?.remembers !== true) return;
    const found = this.#found;
    const count = findKeys(command.spec, args, found);
    for (let i = 0; i < count; i++) {
      const at = found.indexes[i];
      this.#table.remember(client.id, args.buffer, args.start[at], args.end[at]);
    }
    this.limit();
  }

  /** Forgets keys, as chance will have it, until there are no more than are allowed; if they are many, some now. */
  limit(): void {
    const keysMax = this.#kernel.config.trackingTableMaxKeys;
    if (keysMax === 0) return;
    for (let left = evictedAtOnce; left > 0 && this.#table.keyCount > keysMax; left--) {
      const taken = this.#table.takeAny(this.#kernel.random.uint32());
      if (taken === undefined) return;
      this.#tell(taken.ids, undefined, taken.key, 0, taken.key.sizeBytes);
    }
  }

  /** `author`: whose command changed the key; undefined: nobody's (it has expired, or was evicted). */
  keyChanged(key: ByteBuffer, start: number, end: number, author: Client | undefined): void {
    if (this.#prefixes.count > 0) {
      this.#prefixes.changed(latin1Of(key.u8, start, end), author);
      this.#kernel.scheduleFlush();
    }
    const ids = this.#table.take(key, start, end);
    if (ids.length > 0) this.#tell(ids, author, key, start, end);
  }

  #tell(ids: readonly number[], author: Client | undefined, key: ByteBuffer, start: number, end: number): void {
    for (const id of ids) {
      const client = this.#kernel.clients.get(id);
      // It may have gone on to BCAST since it read the key.
      if (client?.tracking === undefined || client.tracking.options.isBroadcast) continue;
      if (client === author && client.tracking.options.isNoLoop) continue;
      this.#invalidations.tellKey(client, key, start, end);
    }
  }

  /** FLUSHALL, FLUSHDB: everybody is told that all keys are gone, whichever database it was. */
  flushed(): void {
    this.#table.clear();
    for (const client of this.#clients) this.#invalidations.tellAll(client);
  }

  /** The turn ends: what has changed under prefixes is told. */
  broadcast(): void {
    this.#prefixes.deliver((client, keys) => this.#invalidations.tellKeys(client, keys));
  }
}
