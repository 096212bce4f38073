import type { ByteBuffer, Random } from '@kvartz/base';
import { type CommandContext, type EffectPart, type KeyEvent, KeyEvents } from '@kvartz/commands';
import type { Keyspace, ValueType } from '@kvartz/engine';
import type { Args, ReplyWriter } from '@kvartz/resp';
import type { Client } from './client.ts';
import type { Kernel } from './kernel.ts';

/**
 * What a command sees while it runs. There is one, used again for each command: `kernel`, `reply` and `random` stay, the
 * rest is set by `Kernel.run` before the command starts.
 */
export class ServerContext implements CommandContext {
  readonly kernel: Kernel;
  readonly reply: ReplyWriter;
  readonly random: Random;
  readonly databases: Keyspace[];
  readonly isClusterEnabled: boolean;
  client: Client;
  db: Keyspace;
  dbIndex = 0;
  nowMs = 0;
  /** `keyspace_hits` and `keyspace_misses` of INFO. */
  keyspaceHits = 0;
  keyspaceMisses = 0;
  /** `expired_subkeys` of INFO. */
  expiredFields = 0;
  /** Changes since the start (`rdb_changes_since_last_save` counts from the last save). */
  dirty = 0;
  /** Effects that the running command gave in place of its own request; undefined: the request as it came. */
  effects: (readonly EffectPart[])[] | undefined;
  /** Set while EXEC runs its queue. */
  isInExec = false;
  /** Set while the command of a client that has waited is run again. */
  readyKey = 0;

  constructor(kernel: Kernel, reply: ReplyWriter, random: Random, databases: Keyspace[], noClient: Client) {
    this.kernel = kernel;
    this.reply = reply;
    this.random = random;
    this.databases = databases;
    this.isClusterEnabled = kernel.config.clusterEnabled;
    this.client = noClient;
    this.db = databases[0];
  }

  get mustObey(): boolean {
    return this.client.mustBeObeyed;
  }

  get bulkBytesMax(): number {
    return this.client.mustBeObeyed ? Infinity : this.kernel.config.protoMaxBulkLenBytes;
  }

  get hllSparseBytesMax(): number {
    return this.kernel.config.hllSparseMaxBytes;
  }

  get isPropagating(): boolean {
    return this.kernel.effects.isOn;
  }

  touch(args: Args, index: number, event: KeyEvent): void {
    this.dirty++;
    if (this.kernel.observers.isOn) {
      this.kernel.observers.changed(this.dbIndex, args.buffer, args.start[index], args.end[index], event);
    }
  }

  touchKey(dbIndex: number, key: ByteBuffer, start: number, end: number, event: KeyEvent): void {
    this.dirty++;
    if (this.kernel.observers.isOn) this.kernel.observers.changed(dbIndex, key, start, end, event);
  }

  countChanges(count: number): void {
    this.dirty += count;
  }

  wake(args: Args, index: number): void {
    if (!this.kernel.observers.isOn) return;
    this.kernel.blocking.keyChanged(this.dbIndex, args.buffer, args.start[index], args.end[index], KeyEvents.none);
  }

  missed(args: Args, index: number): void {
    this.missedKey(args.buffer, args.start[index], args.end[index]);
  }

  missedKey(key: ByteBuffer, start: number, end: number): void {
    this.keyspaceMisses++;
    if (this.kernel.observers.isOn) this.kernel.notifications.tell(this.dbIndex, KeyEvents.keyMiss, key, start, end);
  }

  notify(args: Args, index: number, event: KeyEvent): void {
    if (!this.kernel.observers.isOn) return;
    this.kernel.notifications.tell(this.dbIndex, event, args.buffer, args.start[index], args.end[index]);
  }

  touchDatabase(dbIndex: number, otherIndex = dbIndex): void {
    this.dirty++;
    if (!this.kernel.observers.isOn) return;
    this.kernel.observers.databaseChanges(dbIndex, otherIndex);
    if (dbIndex === otherIndex) this.kernel.tracking.flushed();
  }

  touchAllDatabases(): void {
    this.dirty++;
    this.kernel.persistence.snapshots.flushed();
    if (!this.kernel.observers.isOn) return;
    for (let i = 0; i < this.databases.length; i++) this.kernel.observers.databaseChanges(i, i);
    this.kernel.tracking.flushed();
  }

  propagate(...parts: readonly EffectPart[]): void {
    if (!this.isPropagating) return;
    (this.effects ??= []).push(parts);
  }

  propagateNothing(): void {
    this.effects ??= [];
  }

  block(
    args: Args,
    keys: readonly number[],
    type: ValueType,
    timeoutMs: number,
    refusal: 'null' | 'nullArray',
    isTied = false,
  ): void {
    if (!this.isInExec) this.kernel.blocking.block(this.client, args, keys, type, timeoutMs, isTied);
    else if (refusal === 'null') this.reply.null();
    else this.reply.nullArray();
  }
}
