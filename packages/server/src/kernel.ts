import { type ByteBuffer, type Connection, type Env, Prng, type Random } from '@kvartz/base';
import { EventClass } from '@kvartz/commands';
import { Arena, Keyspace } from '@kvartz/engine';
import { ProtocolError, QueryBufferError, ReplyBufferError } from '@kvartz/resp';
import { Admission } from './admission.ts';
import { Blocking } from './blocking/blocking.ts';
import { Client, Gate, Halt } from './client.ts';
import type { ClusterService } from './cluster-service.ts';
import type { RenamedCommand, ServerConfig } from './config/index.ts';
import { ServerContext } from './context.ts';
import { Cron } from './cron.ts';
import { execute } from './dispatch.ts';
import { EffectJournal } from './effect-journal.ts';
import { ClientEviction } from './eviction/client-eviction.ts';
import { Eviction } from './eviction/eviction.ts';
import { HotKeys } from './hot-keys/hot-keys.ts';
import { KeyObservers } from './key-observers.ts';
import { LatencyMonitor } from './latency/latency-monitor.ts';
import { Listeners } from './listeners.ts';
import { KeptRequests } from './kept-requests.ts';
import type { Log } from './log.ts';
import { Monitors } from './monitors.ts';
import { noConnection, refuseConnection } from './no-connection.ts';
import { Output } from './output.ts';
import { OutputHold } from './output-hold.ts';
import { enforceOutputLimits } from './output-limits.ts';
import type { ProcessFacts } from './process-facts.ts';
import { ClientPause } from './client-pause.ts';
import { newKeyspace } from './new-keyspace.ts';
import { KeyNotifications } from './pubsub/key-notifications.ts';
import { Persistence } from './persistence/persistence.ts';
import { Shutdown } from './persistence/shutdown.ts';
import { randomHex } from './random-hex.ts';
import { AckHold } from './replication/ack-hold.ts';
import { Replication } from './replication/replication.ts';
import { PubSub } from './pubsub/pub-sub.ts';
import { Pushes } from './pubsub/pushes.ts';
import { RequestRunner } from './request-runner.ts';
import { Slowlog } from './slowlog.ts';
import { KernelStats } from './stats.ts';
import { serverTable } from './all-commands.ts';
import { Tracking } from './tracking/tracking.ts';
import type { CommandTable } from './table.ts';
import { Watches } from './watches.ts';

export interface KernelOptions {
  readonly env: Env;
  readonly config: ServerConfig;
  readonly log: Log;
  readonly process: ProcessFacts;
  /** Directives `rename-command`. */
  readonly renamedCommands?: readonly RenamedCommand[];
  /** A client has asked for the end, data are saved and all is closed: the app ends the process. */
  readonly onShutdown: () => void;
  /** Port 0 means any free port, as callers in code and tests want it, and not none. */
  readonly isAnyPort?: boolean;
  /** Bytes of one arena segment; the default is right but for tests. */
  readonly segmentBytes?: number;
  /** Poisons freed memory and asserts every ref: for tests. */
  readonly isChecked?: boolean;
}

/**
 * One node: databases, connections and commands, assembled over an Env. It owns no thread and does no I/O of its own;
 * all that happens starts with a call of the Env (bytes from a connection, a timer, the end of a turn).
 */
export class Kernel {
  readonly env: Env;
  readonly config: ServerConfig;
  readonly log: Log;
  readonly processFacts: ProcessFacts;
  readonly arena: Arena;
  readonly databases: Keyspace[];
  readonly table: CommandTable;
  readonly clients = new Map<number, Client>();
  readonly output = new Output();
  readonly outputHold = new OutputHold(this);
  readonly keptRequests = new KeptRequests();
  readonly pushes = new Pushes(() => this.scheduleFlush());
  readonly pubSub: PubSub;
  readonly monitors = new Monitors(this);
  readonly latency = new LatencyMonitor();
  readonly hotKeys = new HotKeys(this);
  readonly notifications: KeyNotifications;
  readonly observers = new KeyObservers(this);
  readonly context: ServerContext;
  readonly stats: KernelStats;
  readonly slowlog: Slowlog;
  readonly watches = new Watches();
  readonly tracking: Tracking;
  readonly effects = new EffectJournal();
  readonly admission: Admission;
  readonly clientPause: ClientPause;
  readonly blocking: Blocking;
  readonly eviction: Eviction;
  readonly clientEviction: ClientEviction;
  readonly listeners: Listeners;
  readonly persistence: Persistence;
  readonly shutdown = new Shutdown(this);
  readonly replication: Replication;
  readonly ackHold: AckHold;
  /** 40 hex digits, new at every start. */
  readonly runId: string;
  /** For sampling (RANDOMKEY, eviction), where speed matters and secrecy does not. */
  readonly random: Random;
  readonly onShutdown: () => void;
  readonly isAnyPort: boolean;
  cluster: ClusterService | undefined;

  /** Bits of Gate that hold for every client. */
  gates = 0;
  /** DEBUG SET-ACTIVE-EXPIRE 0 leaves expired keys to those who look for them. */
  isActiveExpireOn = true;

  /** Wall time in milliseconds and monotonic time of the chunk that is processed. */
  nowMs = 0;
  monotonicMs = 0;
  #wallOffsetMs = 0;
  readonly #hashKey: readonly [number, number];
  #nextClientId = 1;
  #isFlushScheduled = false;
  readonly #cron: Cron;
  readonly #runner = new RequestRunner(this);
  readonly #flush: () => void;

  constructor(options: KernelOptions) {
    const { env, config } = options;
    this.env = env;
    this.config = config;
    this.log = options.log;
    this.processFacts = options.process;
    this.isAnyPort = options.isAnyPort ?? false;
    this.onShutdown = options.onShutdown;
    this.random = new Prng(env.random.uint32());
    this.pubSub = new PubSub(this.pushes, [env.random.uint32(), env.random.uint32()]);
    this.notifications = new KeyNotifications(this.pubSub);
    this.runId = randomHex(env.random, 40);
    this.arena = new Arena({
      ...(options.segmentBytes !== undefined && { segmentBytes: options.segmentBytes }),
      ...(options.isChecked !== undefined && { checked: options.isChecked }),
    });
    this.#hashKey = [env.random.uint32(), env.random.uint32()];
    this.databases = Array.from({ length: config.clusterEnabled ? 1 : config.databases }, () => this.newKeyspace());
    this.table = serverTable(options.renamedCommands);
    this.stats = new KernelStats();
    this.slowlog = new Slowlog();
    this.admission = new Admission(config);
    this.#flush = () => this.#flushOrGather();
    const noClient = new Client(0, this, noConnection, this.admission.openLimits, 0);
    this.context = new ServerContext(this, this.output.writer, this.random, this.databases, noClient);
    this.tracking = new Tracking(this);
    this.clientPause = new ClientPause(this);
    this.blocking = new Blocking(this);
    this.eviction = new Eviction(this);
    this.clientEviction = new ClientEviction(this);
    this.listeners = new Listeners(this);
    this.persistence = new Persistence(this);
    this.replication = new Replication(this);
    this.ackHold = new AckHold(this);
    this.#cron = new Cron(this);
    this.syncWallTime();
    this.refreshGates();
    config.onChange(() => this.refreshGates());
  }

  /**
   * Listens, loads the data and begins to serve. Rejects with a SystemError where an address cannot be had, and with a
   * DataFileError where the data cannot be loaded; it is then stopped.
   */
  async start(): Promise<void> {
    this.stats.startedMs = this.monotonicMs;
    await this.cluster?.start();
    // Before anybody is let in.
    this.setGate(Gate.loading, true);
    await this.listeners.open();
    try {
      await this.persistence.load();
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#cron.start();
    this.replication.start();
    for (const kind of this.listeners.kinds) this.log.notice(`Ready to accept connections ${kind}`);
  }

  /** Closes listeners and connections, after what was answered has been handed to the transport. */
  async stop(): Promise<void> {
    this.#cron.stop();
    this.hotKeys.stop();
    this.blocking.stop();
    this.eviction.stop();
    this.replication.stop();
    this.ackHold.stop();
    this.#flushTurn();
    await this.listeners.close();
    await this.persistence.stop();
    for (const client of this.clients.values()) client.connection.end();
    await this.cluster?.stop();
  }

  /** An empty database, as those of this node are. */
  newKeyspace(): Keyspace {
    return newKeyspace(this, this.#hashKey);
  }

  // Time

  /** Binds wall time to monotonic time again: the wall clock is read a few times a second, not at every request. */
  syncWallTime(): void {
    this.#wallOffsetMs = this.env.clock.wallMs() - this.env.clock.monotonicMs();
    this.refreshTime();
  }

  refreshTime(): void {
    this.monotonicMs = this.env.clock.monotonicMs();
    const nowMs = Math.floor(this.monotonicMs + this.#wallOffsetMs);
    if (nowMs === this.nowMs) return;
    this.nowMs = nowMs;
    this.context.nowMs = nowMs;
    for (const database of this.databases) database.nowMs = nowMs;
  }

  // Connections

  accept(connection: Connection): Client | undefined {
    this.refreshTime();
    this.stats.connectionsReceived++;
    const refusal = this.admission.refusal(connection, this.clients.size);
    if (refusal !== undefined) {
      this.stats.connectionsRejected++;
      refuseConnection(connection, refusal);
      return undefined;
    }
    const client = new Client(this.#nextClientId++, this, connection, this.admission.openLimits, this.monotonicMs);
    this.admission.deauthenticated(client);
    this.clients.set(client.id, client);
    connection.attach(client);
    return client;
  }

  /** Bytes from a connection: the hot path starts here. */
  receive(client: Client, input: ByteBuffer, start: number, end: number): void {
    // Once a turn is enough, as in Redis; after a command that took long, `runTimed` reads the clock again.
    if (!this.#isFlushScheduled) this.refreshTime();
    client.lastActiveMs = this.monotonicMs;
    client.bytesIn += end - start;
    this.stats.bytesIn += end - start;
    client.decoder.feed(input, start, end);
    if (client.halts === 0) this.runRequests(client);
    else client.decoder.retain();
    if (client.halts !== 0) this.keptRequests.settle(client);
    if (this.clientEviction.isOn) this.clientEviction.note(client);
  }

  /** Runs the requests that the client's decoder holds, until they end or the client must wait. */
  runRequests(client: Client): void {
    this.beginReplies(client);
    this.scheduleFlush();
    try {
      this.#runner.run(client);
    } catch (error) {
      this.unreadable(client, error);
    }
  }

  /** What a client sent, or asked for, cannot be handled: it is told why where that helps, and loses its connection. */
  unreadable(client: Client, error: unknown): void {
    if (error instanceof QueryBufferError || error instanceof ReplyBufferError) {
      this.stats.queryBufferLimitDisconnections++;
      this.log.warning(`Closing client id=${client.id} addr=${client.connection.remote}: ${error.message}`);
      this.output.cancel(client);
      this.kill(client);
    } else if (error instanceof ProtocolError) {
      this.stats.protocolErrors++;
      this.log.verbose(`Protocol error (${error.message}) from client: ${client.connection.remote}`);
      this.output.begin(client);
      this.output.writer.error(`ERR ${error.message}`);
      this.stats.noteErrors(this.output.writer);
      this.closeAfterReply(client);
    } else throw error;
  }

  /** No more requests are taken; the connection closes when its replies have left. */
  closeAfterReply(client: Client): void {
    client.halts |= Halt.closing;
    this.closing.add(client);
    this.scheduleFlush();
  }

  /** Whose connections end when their replies have left. */
  readonly closing = new Set<Client>();

  /** Closes a connection at once; replies that have not left are lost. */
  kill(client: Client): void {
    client.halts |= Halt.closing;
    // What comes now is for others.
    this.blocking.forget(client);
    client.connection.destroy();
  }

  closed(client: Client): void {
    client.halts |= Halt.closed | Halt.closing;
    this.clients.delete(client.id);
    this.closing.delete(client);
    this.output.release(client);
    this.keptRequests.forget(client);
    this.watches.unwatch(client);
    this.pubSub.forget(client);
    this.tracking.disable(client);
    this.monitors.remove(client);
    this.clientEviction.forget(client);
    this.clientPause.forget(client);
    this.blocking.forget(client);
    this.replication.forget(client);
    this.ackHold.forget(client);
    this.observers.refresh();
  }

  /** The peer has taken all its replies. */
  drained(client: Client): void {
    if (client.replica !== undefined) this.replication.drained(client.replica);
    client.softLimitSinceMs = 0;
    if (this.clientEviction.isOn) this.clientEviction.note(client);
    this.output.release(client);
    if ((client.halts & Halt.congested) === 0) return;
    client.halts &= ~Halt.congested;
    this.resume(client);
  }

  /** The peer sends no more; what it has sent is still answered, unless it waits for something else than its own replies. */
  peerEnded(client: Client): void {
    const isWaitingToSend =
      client.halts !== 0 && (client.halts & ~(Halt.congested | Halt.unsynced | Halt.unacked)) === 0;
    if (isWaitingToSend) client.hasPeerEnded = true;
    else if (this.outputHold.isOn) this.closeAfterReply(client);
    else client.connection.end();
  }

  /** Goes on with the requests of a client that had to wait. */
  resume(client: Client): void {
    if (client.halts !== 0) return;
    if (this.#runner.isRunning) {
      this.env.timers.afterTurn(() => this.resume(client));
      return;
    }
    this.refreshTime();
    const held = client.heldCommand;
    if (held !== undefined) {
      client.heldCommand = undefined;
      this.beginReplies(client);
      this.scheduleFlush();
      execute(this, client, held);
    }
    if (client.halts === 0) this.runRequests(client);
    this.keptRequests.settle(client);
    if (client.hasPeerEnded && client.halts === 0) this.closeAfterReply(client);
  }

  outputGrew(client: Client): void {
    enforceOutputLimits(this, client);
    if (this.clientEviction.isOn) this.clientEviction.note(client);
  }

  // Output

  /** Directs replies to this client; what was pushed to it before comes before them. */
  beginReplies(client: Client): void {
    this.output.begin(client);
    if (client.pushes !== undefined) this.pushes.moveTo(client, this.output.writer);
  }

  /** Sees to it that what commands write from here on leaves at the end of the turn. */
  scheduleFlush(): void {
    if (this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    this.env.timers.afterTurn(this.#flush);
  }

  /** One sync is to cover as many as possible: those whose requests are there already are heard first. */
  #flushOrGather(): void {
    if (this.effects.isOn && this.persistence.appendOnlyFile.writer.gathers()) this.env.timers.afterTurn(this.#flush);
    else this.#flushTurn();
  }

  #flushTurn(): void {
    this.tracking.broadcast();
    this.#isFlushScheduled = false;
    this.flushOutput();
    if (this.clientEviction.isOn) this.clientEviction.enforce();
    // A huge value was deleted: what it took is not left to wait for the next tick.
    if (!this.arena.lazyFree.isEmpty) this.#cron.freeSoon();
    if (this.closing.size > 0 && !this.outputHold.isOn) {
      for (const client of this.closing) if (!this.ackHold.endLater(client)) client.connection.end();
      this.closing.clear();
    }
  }

  /** Hands over what has been written so far: effects before the replies that acknowledge them. */
  flushOutput(): void {
    this.effects.deliver();
    if (this.outputHold.isOn) this.outputHold.flush();
    else {
      this.output.flush();
      this.pushes.flush();
    }
    if (this.replication.isPumping) this.replication.pump();
  }

  /** DISCARD, and whatever else ends a transaction: the queue and the watches go. */
  discardTransaction(client: Client): void {
    client.transaction = undefined;
    client.gates &= ~Gate.multi;
    this.watches.unwatch(client);
    this.observers.refresh();
  }

  /** The data set is being read from disk. */
  get isLoading(): boolean {
    return (this.gates & Gate.loading) !== 0;
  }

  // Configuration

  refreshGates(): void {
    const { config } = this;
    this.admission.refresh();
    let gates = this.gates & keptGates;
    if (config.clusterEnabled) gates |= Gate.cluster;
    if (config.maxmemoryBytes > 0) gates |= Gate.memory;
    const slowUs = config.slowlogLogSlowerThanUs;
    const slowMs = config.latencyMonitorThresholdMs;
    const isTimed = (slowUs >= 0 && slowUs < alwaysTimedBelowUs) || (slowMs > 0 && slowMs * 1000 < alwaysTimedBelowUs);
    if (isTimed || !this.monitors.isEmpty || this.hotKeys.isRunning) gates |= Gate.timed;
    this.latency.thresholdMs = slowMs;
    this.gates = gates;
    // Without a password nobody has to authenticate, not even those who came while there was one.
    if (!this.admission.needsPassword) {
      for (const client of this.clients.values()) this.admission.authenticated(client);
    }
    this.slowlog.configure(slowUs, config.slowlogMaxLen);
    this.notifications.configure(config.notifyKeyspaceEvents);
    for (const database of this.databases) {
      database.limits = config.collectionLimits;
      database.tellsAdded = this.notifications.tells(EventClass.newKey) && !this.persistence.loading.isRunning;
    }
    this.observers.refresh();
    this.eviction.configure();
    this.clientEviction.configure();
  }

  setGate(gate: number, isOn: boolean): void {
    if (isOn) this.gates |= gate;
    else this.gates &= ~gate;
  }
}

/** Below this threshold the slow log (or the latency monitor) asks for the time of every command, not only of those that can be slow. */
const alwaysTimedBelowUs = 5_000;

/** Set by others than the configuration. */
const keptGates =
  Gate.pauseAll | Gate.pauseWrite | Gate.loading | Gate.misconf | Gate.readonly | Gate.stale | Gate.noReplicas;
