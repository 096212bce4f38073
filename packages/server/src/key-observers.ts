import { ByteBuffer, latin1Bytes } from '@kvartz/base';
import { type KeyEvent, KeyEvents } from '@kvartz/commands';
import type { Keyspace, Span } from '@kvartz/engine';
import type { Client } from './client.ts';
import type { Kernel } from './kernel.ts';

/**
 * Tells those who want to know which keys change: WATCH, clients that are blocked, client-side caches, keyspace
 * notifications. While nobody does, a write pays for one test of `isOn`.
 */
export class KeyObservers {
  /** Somebody wants to know. */
  isOn = false;
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Somebody has begun or ended to be interested. While files are loaded nobody is told. */
  refresh(): void {
    const { blocking, notifications, persistence, tracking, watches } = this.#kernel;
    const isAsked = !watches.isEmpty || !blocking.isEmpty || !tracking.isEmpty || notifications.isOn;
    this.isOn = isAsked && !persistence.loading.isRunning;
  }

  /** A command has changed a key; only called while `isOn`. */
  changed(dbIndex: number, key: ByteBuffer, start: number, end: number, event: KeyEvent): void {
    this.#changedBy(this.#kernel.context.client, dbIndex, key, start, end, event);
  }

  /** `author`: whose command it was; undefined: time has done it. */
  #changedBy(
    author: Client | undefined,
    dbIndex: number,
    key: ByteBuffer,
    start: number,
    end: number,
    event: KeyEvent,
  ): void {
    const { blocking, notifications, tracking, watches } = this.#kernel;
    if (!watches.isEmpty) watches.keyChanged(dbIndex, key, start, end);
    blocking.keyChanged(dbIndex, key, start, end, event);
    if (!tracking.isEmpty) tracking.keyChanged(key, start, end, author);
    if (notifications.isOn) notifications.tell(dbIndex, event, key, start, end);
  }

  /** A database is about to change as a whole, or two are about to be swapped; only called while `isOn`. */
  databaseChanges(dbIndex: number, otherIndex: number): void {
    const { blocking, watches } = this.#kernel;
    const exists = (text: string): boolean => this.#keyExists(dbIndex, text) || this.#keyExists(otherIndex, text);
    watches.databaseChanged(dbIndex, exists);
    if (otherIndex !== dbIndex) watches.databaseChanged(otherIndex, exists);
    blocking.databasesChange(dbIndex, otherIndex);
  }

  /** A key was removed because its time was over; its bytes are still there. */
  expired(keyspace: Keyspace, { buffer, end, start }: Span): void {
    const { databases, effects, stats } = this.#kernel;
    stats.expiredKeys++;
    const dbIndex = databases.indexOf(keyspace);
    effects.recordDelete(dbIndex, buffer, start, end);
    if (this.isOn) this.#gone(dbIndex, buffer, start, end, KeyEvents.expired);
  }

  /** Fields of a hash have expired; `isGone`: and the key goes with the last of them. */
  fieldsExpired(keyspace: Keyspace, { buffer, end, start }: Span, isGone: boolean): void {
    if (!this.isOn) return;
    const dbIndex = this.#kernel.databases.indexOf(keyspace);
    this.#changedBy(undefined, dbIndex, buffer, start, end, KeyEvents.hashExpired);
    if (isGone) this.#gone(dbIndex, buffer, start, end, KeyEvents.del);
  }

  /** A key was removed to make room; its bytes are still there. */
  evicted(dbIndex: number, key: ByteBuffer, start: number, end: number): void {
    const { effects, stats } = this.#kernel;
    stats.evictedKeys++;
    effects.recordDelete(dbIndex, key, start, end);
    if (this.isOn) this.#gone(dbIndex, key, start, end, KeyEvents.evicted);
  }

  /** The key lives on at another node: its watchers and readers are told, but it is no event. */
  left(key: ByteBuffer, start: number, end: number): void {
    const { tracking, watches } = this.#kernel;
    watches.keyChanged(0, key, start, end);
    if (!tracking.isEmpty) tracking.keyChanged(key, start, end, undefined);
  }

  #gone(dbIndex: number, key: ByteBuffer, start: number, end: number, event: KeyEvent): void {
    const { blocking, notifications, tracking, watches } = this.#kernel;
    watches.keyChanged(dbIndex, key, start, end);
    blocking.keyGone(dbIndex, key, start, end, event);
    if (!tracking.isEmpty) tracking.keyChanged(key, start, end, undefined);
    notifications.tell(dbIndex, event, key, start, end);
  }

  /** `text` has one character per byte. */
  #keyExists(dbIndex: number, text: string): boolean {
    const key = ByteBuffer.from(latin1Bytes(text));
    return this.#kernel.databases[dbIndex].peek(key, 0, key.sizeBytes) !== 0;
  }
}
