import { latin1Bytes, type Timer } from '@kvartz/base';
import { answerPsync, Backlog, ReplicationIds } from '@kvartz/replication';
import { type Client, Gate } from '../client.ts';
import type { EffectSink } from '../effects.ts';
import type { Kernel } from '../kernel.ts';
import { enforceOutputLimits } from '../output-limits.ts';
import { randomHex } from '../random-hex.ts';
import { AttachedReplica } from './attached-replica.ts';
import { FullSync } from './full-sync.ts';
import { type FollowOptions, ReplicaRole } from './replica-role.ts';
import { Waiters } from './waiters.ts';

/** A place in a history. */
export interface StreamPosition {
  readonly replId: string;
  readonly offset: number;
}

const ping = latin1Bytes('*1\r\n$4\r\nPING\r\n');
const getAck = latin1Bytes('*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n');

/**
 * One node's part in replication. A master's effects go into the backlog, from which its replicas are sent; a replica puts into its
 * own what its master has sent it, byte for byte, so that offsets mean the same all along a chain and after a promotion.
 */
export class Replication implements EffectSink {
  readonly ids: ReplicationIds;
  /** Undefined: the node follows nobody. */
  role: ReplicaRole | undefined;
  readonly replicas = new Map<Client, AttachedReplica>();
  readonly waiters: Waiters;
  readonly fullSync: FullSync;
  /** PSYNC that was answered: whole data sets, continued streams, and those that could not be continued. */
  fullSyncs = 0;
  partialSyncs = 0;
  partialSyncsRefused = 0;
  readonly #kernel: Kernel;
  #backlog: Backlog | undefined;
  /** What is in the databases is what the history says. */
  #hasHistory = true;
  /** Monotonic milliseconds since when there has been no replica. */
  #aloneSinceMs = 0;
  #pingedMs = 0;
  #isAckWanted = false;
  /** Offsets of the stream, and what the append-only file had when it was there. */
  readonly #fsyncMarks: { readonly fileOffset: number; readonly offset: number }[] = [];
  #fsyncedOffset = 0;
  #timer: Timer | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.ids = new ReplicationIds(randomHex(kernel.env.random, 40));
    this.waiters = new Waiters(kernel, this);
    this.fullSync = new FullSync(kernel, this);
    kernel.config.onChange(() => this.#configure());
  }

  get isReplica(): boolean {
    return this.role !== undefined;
  }

  /** master_repl_offset: bytes of the stream so far, without those of the turn that is under way. */
  get offset(): number {
    return this.#backlog?.endOffset ?? 0;
  }

  /** The stream of the last `repl-backlog-size` bytes. */
  get backlog(): Backlog {
    return (this.#backlog ??= this.#newBacklog());
  }

  get hasBacklog(): boolean {
    return this.#backlog !== undefined;
  }

  /** Somebody follows, or is to be asked: each turn ends with `pump`. */
  get isPumping(): boolean {
    return this.replicas.size > 0 || this.#isAckWanted;
  }

  /** From where this node could follow somebody else without a new data set. */
  get position(): StreamPosition | undefined {
    if (this.#backlog === undefined || !this.#hasHistory) return undefined;
    return { replId: this.ids.replId, offset: this.#backlog.endOffset };
  }

  /** What REPLCONF ACK says beside the offset. */
  get fsyncedWords(): readonly string[] {
    const { effects, persistence } = this.#kernel;
    if (!persistence.appendOnlyFile.isOn) return [];
    effects.deliver();
    const { appendedOffset, durableOffset } = persistence.appendOnlyFile.writer;
    this.#fsyncMarks.push({ fileOffset: appendedOffset, offset: this.offset });
    while (this.#fsyncMarks[0]?.fileOffset <= durableOffset) this.#fsyncedOffset = this.#fsyncMarks.shift()!.offset;
    return ['FACK', String(this.#fsyncedOffset)];
  }

  // The stream

  /** Effects of this node's own commands, once a turn, or bytes of the master's stream that have been applied. */
  append(bytes: Uint8Array, start: number, end: number): void {
    this.backlog.append(bytes, start, end);
  }

  /** After the effects of the turn have been delivered: whoever follows is sent what it has not got. */
  pump(): void {
    if (this.#isAckWanted) {
      this.#isAckWanted = false;
      if (!this.isReplica) this.backlog.append(getAck, 0, getAck.length);
    }
    for (const replica of this.replicas.values()) replica.pump();
  }

  /** Replicas are to say how far they are, at the end of this turn. */
  askForAcks(): void {
    if (this.replicas.size === 0) return;
    this.#isAckWanted = true;
    this.#kernel.scheduleFlush();
  }

  /** The next effect begins with SELECT: somebody follows from here on who does not know the database. */
  selectAnew(): void {
    this.#kernel.effects.beginStream();
  }

  // Masters

  /** PSYNC from a client, which is a replica from now on. `wanted`: the first byte that it lacks, counted from 1. */
  psync(client: Client, replId: string, wanted: number): void {
    const kernel = this.#kernel;
    const replica = this.#attach(client);
    const hadNone = this.#backlog === undefined;
    // What nobody has followed is a history that nobody can continue.
    if (hadNone && !this.isReplica) this.ids.adopt(randomHex(kernel.env.random, 40));
    const { backlog } = this;
    kernel.effects.deliver();
    const answer = hadNone
      ? { kind: 'full' as const, reason: undefined }
      : answerPsync(this.ids, backlog, replId, wanted);
    const who = `Replica ${client.connection.remote}`;
    replica.ackMs = kernel.monotonicMs;
    if (answer.kind === 'continue') {
      kernel.log.notice(
        `Partial resynchronization request from ${who} accepted. Sending ${backlog.endOffset - answer.offset} bytes of backlog starting from offset ${wanted}.`,
      );
      this.partialSyncs++;
      // Not by way of the replies of the turn, which may have to wait for the disk.
      const head = latin1Bytes(replica.canPsync2 ? `+CONTINUE ${this.ids.replId}\r\n` : '+CONTINUE\r\n');
      client.connection.write(head, 0, head.length);
      replica.reader = backlog.read(answer.offset);
      this.online(replica);
      return;
    }
    if (replId !== '?') {
      this.partialSyncsRefused++;
      kernel.log.notice(`Partial resynchronization not accepted: ${answer.reason ?? 'there is no backlog'}`);
    }
    kernel.log.notice(`${who} asks for synchronization: full resync requested`);
    this.fullSyncs++;
    this.fullSync.request(replica);
  }

  /** What a client has said of itself that may become a replica. */
  infoOf(client: Client): AttachedReplica {
    return (client.replica ??= new AttachedReplica(client));
  }

  /** The client becomes a replica. */
  #attach(client: Client): AttachedReplica {
    const replica = this.infoOf(client);
    replica.state = 'wait_bgsave';
    this.replicas.set(client, replica);
    this.#refreshSink();
    return replica;
  }

  /** It follows the stream from its place in the backlog on. */
  online(replica: AttachedReplica): void {
    replica.state = 'online';
    replica.isAwaited = false;
    replica.ackMs = this.#kernel.monotonicMs;
    this.#kernel.log.notice(`Synchronization with replica ${replica.client.connection.remote} succeeded`);
    this.refreshGates();
    this.#kernel.scheduleFlush();
  }

  acked(replica: AttachedReplica, offset: number, fsyncedOffset: number): void {
    replica.ackMs = this.#kernel.monotonicMs;
    replica.ackOffset = Math.max(replica.ackOffset, offset);
    replica.fsyncedOffset = Math.max(replica.fsyncedOffset, fsyncedOffset);
    if (replica.isAwaited) this.online(replica);
    this.waiters.settle();
    this.#kernel.ackHold.settle();
  }

  /** A connection has closed. */
  forget(client: Client): void {
    const replica = this.replicas.get(client);
    this.waiters.forget(client);
    if (replica === undefined) return;
    this.#kernel.log.notice(`Connection with replica ${client.connection.remote} lost.`);
    this.replicas.delete(client);
    this.fullSync.forget(replica);
    replica.close();
    this.#aloneSinceMs = this.#kernel.monotonicMs;
    this.refreshGates();
  }

  drained(replica: AttachedReplica): void {
    replica.drained();
    this.fullSync.drained(replica);
  }

  /** Replicas that are close enough for `min-replicas-to-write`. */
  get goodReplicas(): number {
    const { config, monotonicMs } = this.#kernel;
    let count = 0;
    for (const replica of this.replicas.values()) {
      if (replica.state === 'online' && replica.lagSeconds(monotonicMs) <= config.replication.minReplicasMaxLagSeconds)
        count++;
    }
    return count;
  }

  dropReplicas(reason: string): void {
    if (this.replicas.size === 0) return;
    this.#kernel.log.notice(`Disconnecting ${this.replicas.size} replicas: ${reason}`);
    for (const client of this.replicas.keys()) {
      // At once, and not when its connection has closed: the backlog may start over now.
      this.forget(client);
      this.#kernel.kill(client);
    }
  }

  // Roles

  /** The data set is loaded: `replicaof` takes effect. */
  start(): void {
    const kernel = this.#kernel;
    const { replicaOf } = kernel.config.replication;
    const { place } = kernel.persistence.loading;
    if (place.position !== undefined) this.restore(place.position, replicaOf !== undefined);
    if (replicaOf !== undefined) this.follow(replicaOf.host, replicaOf.port, { streamDb: place.dbIndex });
    this.refreshGates();
    this.#schedule();
  }

  #schedule(): void {
    this.#timer = this.#kernel.env.timers.after(1000, () => {
      this.#tick();
      this.#schedule();
    });
  }

  /** REPLICAOF: from now on the data set is another node's. */
  follow(host: string, port: number, options: FollowOptions = {}): void {
    const kernel = this.#kernel;
    kernel.effects.deliver();
    this.role?.stop();
    if (!this.isReplica) this.#hasHistory = this.#backlog !== undefined;
    this.role = new ReplicaRole(kernel, this, host, port, options);
    this.#becomeRole();
    this.dropReplicas('the node follows another master');
    this.role.connect();
  }

  /** REPLICAOF NO ONE: a history of our own begins, which is the old one up to here. */
  lead(): void {
    if (this.role === undefined) return;
    const kernel = this.#kernel;
    this.role.stop();
    this.role = undefined;
    const newId = randomHex(kernel.env.random, 40);
    // After a full sync that failed half of a data set is there, which nobody else has had.
    if (this.#hasHistory) this.ids.promote(newId, this.offset);
    else this.ids.adopt(newId);
    this.#hasHistory = true;
    this.#becomeRole();
    this.selectAnew();
    // They come again and go on, under the new id.
    this.dropReplicas('the node is a master now');
    const { replId, secondId = 'none' } = this.ids;
    kernel.log.notice(
      `Setting secondary replication ID to ${secondId}, valid up to offset: ${this.offset + 1}. New replication ID is ${replId}`,
    );
  }

  /** All data came from the master just now, up to this offset of its history. */
  adopt(replId: string, offset: number): void {
    this.ids.adopt(replId);
    this.#hasHistory = true;
    this.backlog.restart(offset);
    this.#fsyncMarks.length = 0;
    this.#fsyncedOffset = 0;
  }

  /** The master goes by another id since its promotion; its past is ours. */
  renameHistory(newId: string): void {
    if (newId === this.ids.replId) return;
    this.ids.rename(newId, this.offset);
    // They know the old id only.
    this.dropReplicas('the master has a new replication id');
  }

  /** What is in the databases is no state that any master had. */
  forgetHistory(): void {
    this.#hasHistory = false;
  }

  // Files

  /** What a snapshot of this moment says of its place in the history; nothing while half of a transaction has been done. */
  aux(): readonly (readonly [name: string, value: string])[] {
    const { effects } = this.#kernel;
    effects.deliver();
    const { position } = this;
    if (position === undefined || effects.pendingBytes > 0) return [];
    return [
      ['repl-stream-db', String(this.role?.streamDb ?? Math.max(0, effects.dbIndex))],
      ['repl-id', position.replId],
      ['repl-offset', String(position.offset)],
    ];
  }

  /**
   * The snapshot that was loaded says where in which history it stands. A replica goes on from there; a master begins a history of
   * its own there, so that replicas that have no more than the snapshot go on, too.
   */
  restore({ offset, replId }: StreamPosition, isReplica: boolean): void {
    this.backlog.restart(offset);
    this.ids.adopt(replId);
    if (!isReplica) this.ids.promote(randomHex(this.#kernel.env.random, 40), offset);
    this.#aloneSinceMs = this.#kernel.monotonicMs;
    this.#refreshSink();
  }

  // Time

  /** Once a second. */
  #tick(): void {
    const { config, monotonicMs } = this.#kernel;
    this.role?.tick();
    this.fullSync.keepAlive();
    this.#watchReplicas();
    if (
      this.replicas.size > 0 &&
      !this.isReplica &&
      monotonicMs - this.#pingedMs >= config.replication.pingSeconds * 1000
    ) {
      this.#pingedMs = monotonicMs;
      this.#kernel.effects.deliver();
      this.backlog.append(ping, 0, ping.length);
    }
    if (this.replicas.size > 0) this.#kernel.scheduleFlush();
    else this.#dropBacklog();
    this.refreshGates();
  }

  refreshGates(): void {
    const { config, databases } = this.#kernel;
    const kernel = this.#kernel;
    kernel.setGate(Gate.readonly, this.isReplica && config.replication.isReadOnly);
    kernel.setGate(
      Gate.stale,
      this.isReplica && !config.replication.servesStaleData && this.role?.state !== 'connected',
    );
    const min = config.replication.minReplicasToWrite;
    kernel.setGate(Gate.noReplicas, !this.isReplica && min > 0 && this.goodReplicas < min);
    // Nothing expires while keys are loaded, whoever decides about it.
    if (kernel.persistence.loading.isRunning) return;
    for (const database of databases) database.expiryMode = this.isReplica ? 'hide' : 'delete';
    this.#refreshSink();
    kernel.ackHold.refresh();
  }

  stop(): void {
    this.#timer?.cancel();
    this.role?.stop();
    this.fullSync.stop();
    this.waiters.stop();
  }

  #becomeRole(): void {
    this.refreshGates();
    this.#kernel.eviction.configure();
  }

  /** A replica's stream is its master's: what its own commands do is not in it. */
  #refreshSink(): void {
    // What is to wait for replicas has an offset before the first of them comes.
    const isAwaited = this.#kernel.config.replication.minReplicasToAck > 0;
    const isWanted = !this.isReplica && (this.#backlog !== undefined || this.replicas.size > 0 || isAwaited);
    this.#kernel.effects.replicas = isWanted ? this : undefined;
  }

  #newBacklog(): Backlog {
    return new Backlog(this.#kernel.config.replication.backlogBytes);
  }

  #configure(): void {
    if (this.#backlog !== undefined) {
      this.#backlog.capacityBytes = this.#kernel.config.replication.backlogBytes;
      this.#backlog.trim();
    }
    this.refreshGates();
  }

  #watchReplicas(): void {
    const { config, monotonicMs } = this.#kernel;
    for (const replica of this.replicas.values()) {
      const { client } = replica;
      // Those that do not take the stream keep it all in the backlog.
      enforceOutputLimits(this.#kernel, client);
      if (replica.state === 'online' && monotonicMs - replica.ackMs > config.replication.timeoutSeconds * 1000) {
        this.#kernel.log.warning(`Disconnecting timedout replica ${client.connection.remote}`);
        this.#kernel.kill(client);
      }
    }
  }

  /** Without replicas for `repl-backlog-ttl` seconds the backlog goes, and with it the history: whoever comes needs everything. */
  #dropBacklog(): void {
    const { config, monotonicMs } = this.#kernel;
    if (this.#backlog === undefined || this.isReplica || config.replication.backlogTtlSeconds === 0) return;
    if (config.replication.minReplicasToAck > 0) return;
    if (monotonicMs - this.#aloneSinceMs < config.replication.backlogTtlSeconds * 1000) return;
    this.#kernel.effects.deliver();
    this.#backlog = undefined;
    this.ids.adopt(randomHex(this.#kernel.env.random, 40));
    this.#refreshSink();
    this.#kernel.log.notice('Replication backlog freed after a time without connected replicas.');
  }
}
