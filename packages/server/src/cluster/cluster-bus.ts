import type { Connection, Env, Listener, Lock, Timer } from '@kvartz/base';
import {
  ClusterConfig,
  ClusterCore,
  type ClusterStateName,
  type CoreSettings,
  type Effect,
  type EventName,
  type Input,
  type LinkFacts,
  type LinkId,
  type Message,
  type NodeId,
  type OperatorCommand,
  tickMs,
} from '@kvartz/cluster';
import type { SlotRanges } from '@kvartz/router';
import { listenOnAll } from '../bind.ts';
import type { Log } from '../log.ts';
import { BusLink, type BusLinkOwner, hostOf } from './bus-link.ts';
import { newIdentity, withShardId } from './identity.ts';
import { lockNodesConf } from './nodes-conf-lock.ts';
import { NodesConfStore } from './nodes-conf-store.ts';
import { Outbox } from './outbox.ts';

export interface ClusterBusOptions {
  readonly env: Env;
  readonly log: Log;
  readonly settings: CoreSettings;
  /** Where the bus listens; `listenPort` may differ from the announced one. */
  readonly bind: readonly string[];
  readonly listenPort: number;
  readonly secret: Uint8Array | undefined;
  readonly nodesConfPath: string;
  /** Redirections have to be worked out anew. */
  readonly onSlotsChanged: () => void;
  /** Keys of these slots are another node's now. */
  readonly onSlotsLost: (slots: SlotRanges) => void;
  /** A client of another node published something. */
  readonly onPublished: (channel: Uint8Array, payload: Uint8Array, isSharded: boolean) => void;
  /** For those who watch a node from outside: each decision of the core, each message that arrives. */
  readonly onEvent?: (event: ClusterEvent) => void;
  readonly onMessage?: (message: Message) => void;
}

/** What became of an operator's command. */
export type CommandResult =
  | { readonly error: string }
  | {
      readonly error?: undefined;
      readonly epoch: number;
      readonly isNew: boolean;
      /** Settles when the change is on disk; rejects when it could not be written (it is tried again). */
      readonly isSaved: Promise<void>;
    };

/** A decision of the core, for whoever asks why. */
export interface ClusterEvent {
  readonly wallMs: number;
  readonly name: EventName;
  readonly about: NodeId | undefined;
  readonly text: string;
}

/** Peers that connected and have not said hello. */
const strangersMax = 256;
const helloTimeoutMs = 5_000;
/** For a peer that is sent away to read the reason. */
const refusalMs = 1_000;
/** Bytes that a peer may leave unread before its link is given up (a claim has at most some 50 KB). */
const queuedBytesMax = 8 * 1024 * 1024;
/** Published messages are dropped beyond this, so that they never cost a link its heartbeats. */
const publishedQueueBytesMax = 4 * 1024 * 1024;
const eventsMax = 1_000;
/** Complaints about what strangers send, in any ten seconds. */
const complaintsMax = 10;

/**
 * The shell of the cluster core: it gives it time and what arrives, and does what it says. There is nothing to decide
 * here but the order of saving and sending: an effect that follows a barrier `save` waits until nodes.conf is on disk.
 */
export class ClusterBus implements BusLinkOwner {
  readonly core: ClusterCore;
  readonly secret: Uint8Array | undefined;
  readonly store: NodesConfStore;
  readonly #outbox: Outbox;
  readonly #options: ClusterBusOptions;
  readonly #env: Env;
  readonly #lock: Lock;
  readonly #links = new Map<LinkId, BusLink>();
  readonly #events: ClusterEvent[] = [];
  #listeners: Listener[] = [];
  #tick: Timer | undefined;
  #nextInbound = -1;
  #isStopped = false;
  #complaints = 0;
  #complaintsSinceMs = 0;
  /** Links closed because the peer did not read. */
  overLimitCount = 0;
  /** Of links that are gone. */
  #closedBytes = { in: 0, out: 0 };

  private constructor(options: ClusterBusOptions, initial: ClusterConfig, store: NodesConfStore, lock: Lock) {
    this.#lock = lock;
    this.#options = options;
    this.#env = options.env;
    this.secret = options.secret;
    this.store = store;
    this.#outbox = new Outbox(store);
    this.core = new ClusterCore(options.settings, initial, options.env.random);
  }

  /**
   * Takes up the identity in nodes.conf, or makes one, and opens the bus. Rejects with a NodesConfFileError, a
   * SettingsError or a SystemError (`EADDRINUSE`).
   */
  static async start(options: ClusterBusOptions): Promise<ClusterBus> {
    const { env, log, nodesConfPath } = options;
    const lock = await lockNodesConf(env.disk, nodesConfPath);
    let bus: ClusterBus | undefined;
    try {
      const store = new NodesConfStore(env, nodesConfPath, log, () => bus?.saveProgressed());
      const initial = (await store.load()) ?? newIdentity(options.settings, env.random);
      bus = new ClusterBus(options, withShardId(initial, env.random), store, lock);
      const how = store.saved === undefined ? 'No cluster configuration found' : 'Node configuration loaded';
      log.notice(`${how}, I'm ${bus.core.config.myId}`);
      await bus.#open();
      return bus;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async #open(): Promise<void> {
    const { bind, listenPort } = this.#options;
    const listenOptions = { noDelay: true, keepAliveSeconds: 60 };
    this.#listeners = await listenOnAll(this.#env.transport, bind, listenPort, listenOptions, (connection) =>
      this.#accept(connection),
    );
    this.#onTick();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#tick?.cancel();
    await Promise.all(this.#listeners.map((listener) => listener.close()));
    for (const link of this.#links.values()) link.destroy();
    this.#links.clear();
    await this.store.close();
    await this.#lock.release();
  }

  get random(): Env['random'] {
    return this.#env.random;
  }

  /** The last decisions of the core, oldest first. */
  get events(): readonly ClusterEvent[] {
    return this.#events;
  }

  /** Bus traffic since the start. */
  get bytes(): { readonly in: number; readonly out: number } {
    const total = { ...this.#closedBytes };
    for (const link of this.#links.values()) {
      total.in += link.bytesIn;
      total.out += link.bytesOut;
    }
    return total;
  }

  setSettings(settings: CoreSettings): void {
    this.#perform(this.core.step({ kind: 'settings', nowMs: this.#nowMs(), settings }));
  }

  command(command: OperatorCommand): CommandResult {
    const effects = this.core.step({ kind: 'command', nowMs: this.#nowMs(), command });
    const refused = effects.find((effect) => effect.kind === 'refused');
    if (refused !== undefined) return { error: refused.error };
    const done = effects.find((effect) => effect.kind === 'done');
    let settle!: (error: Error | undefined) => void;
    const isSaved = new Promise<void>((resolve, reject) => {
      settle = (error) => (error === undefined ? resolve() : reject(error));
    });
    isSaved.catch(() => {}); // who does not wait for it need not hear of it
    this.#perform(effects, settle);
    return { epoch: done?.epoch ?? 0, isNew: done?.isNew ?? false, isSaved };
  }

  publish(channel: Uint8Array, payload: Uint8Array, isSharded: boolean): void {
    this.#step({ kind: 'publish', nowMs: this.#nowMs(), channel, payload, isSharded });
  }

  /** The open links, for CLUSTER LINKS. */
  links(): LinkFacts[] {
    const facts: LinkFacts[] = [];
    const wallOffsetMs = this.#env.clock.wallMs() - this.#nowMs();
    for (const id of this.core.config.nodes.keys()) {
      const peer = this.core.peer(id);
      if (peer === undefined) continue;
      for (const linkId of [peer.link, peer.inboundLink]) {
        const link = this.#links.get(linkId);
        if (link?.isOpen !== true) continue;
        const createdMs = Math.round(link.createdMs + wallOffsetMs);
        facts.push({ isOutbound: linkId > 0, nodeId: id, createdMs, queuedBytes: link.connection.queuedBytes });
      }
    }
    return facts;
  }

  #nowMs(): number {
    return this.#env.clock.monotonicMs();
  }

  #onTick(): void {
    if (this.#isStopped) return;
    this.#tick = this.#env.timers.after(tickMs, () => this.#onTick());
    this.#step({ kind: 'tick', nowMs: this.#nowMs() });
    this.#closeStrangers();
  }

  #step(input: Input): void {
    this.#perform(this.core.step(input));
  }

  // Effects

  #perform(effects: readonly Effect[], onDone?: (error: Error | undefined) => void): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'save': {
          const ticket = this.store.save(this.core.config);
          if (effect.isBarrier) this.#outbox.barrier(ticket);
          break;
        }
        case 'connect':
          this.#connect(effect.link, effect.host, effect.port);
          break;
        case 'disconnect':
          this.#disconnect(effect.link);
          break;
        case 'send':
          this.#outbox.add(() => this.#send(effect.link, effect.message), 'message');
          break;
        case 'slotsChanged':
          // At once for what we have lost; what we have won is served when it is on disk.
          this.#options.onSlotsChanged();
          this.#outbox.add(this.#options.onSlotsChanged, 'local');
          break;
        case 'slotsLost':
          this.#outbox.add(() => this.#options.onSlotsLost(effect.slots), 'local');
          break;
        case 'event':
          this.#note(effect);
          break;
        case 'published':
          this.#options.onPublished(effect.channel, effect.payload, effect.isSharded);
          break;
        case 'done':
          if (onDone !== undefined) this.#outbox.add(onDone, 'answer');
          break;
        case 'stateChanged':
        case 'refused':
          break;
      }
    }
  }

  /** The store has written, or failed to. */
  saveProgressed(): void {
    this.#outbox.release();
  }

  get config(): ClusterConfig {
    return this.core.config;
  }

  get disputes(): ReadonlyMap<number, NodeId> {
    return this.core.disputes;
  }

  get clusterState(): ClusterStateName {
    return this.core.clusterState;
  }

  /** What this node may act on: what it knows, or, while something essential of that is not on disk yet, what is. */
  get durableConfig(): ClusterConfig {
    return this.#outbox.isOpen ? this.core.config : (this.store.saved ?? this.core.config);
  }

  #note({ name, about, text }: Extract<Effect, { kind: 'event' }>): void {
    const event = { wallMs: this.#env.clock.wallMs(), name, about, text };
    this.#options.onEvent?.(event);
    this.#events.push(event);
    if (this.#events.length > eventsMax) this.#events.splice(0, eventsMax / 2);
    this.#options.log[levelOf[name] ?? 'notice'](text);
  }

  // Links

  #connect(id: LinkId, host: string, port: number): void {
    const connection = this.#env.transport.connect({ kind: 'tcp', host, port });
    this.#links.set(id, new BusLink(id, connection, this, this.#nowMs()));
  }

  #accept(connection: Connection): void {
    const strangers = [...this.#links.values()].filter((link) => link.id < 0 && !link.isOpen).length;
    const link = new BusLink(this.#nextInbound--, connection, this, this.#nowMs());
    if (this.#isStopped || strangers >= strangersMax) {
      link.destroy();
      return;
    }
    this.#links.set(link.id, link);
  }

  #disconnect(id: LinkId): void {
    const link = this.#links.get(id);
    if (link === undefined) return;
    this.#forget(link);
    link.destroy();
  }

  #send(id: LinkId, message: Message): void {
    const link = this.#links.get(id);
    if (link === undefined) return;
    if (message.kind === 'publish' && link.connection.queuedBytes > publishedQueueBytesMax) {
      this.#complain(`Cluster bus: messages for ${link.connection.remote} dropped: it does not read fast enough`);
      return;
    }
    if (link.connection.queuedBytes > queuedBytesMax) {
      this.overLimitCount++;
      this.#disconnect(id);
      this.#step({ kind: 'linkDown', nowMs: this.#nowMs(), link: id, reason: 'the peer does not read' });
      return;
    }
    link.send(message);
  }

  linkOpened(link: BusLink): void {
    const nowMs = this.#nowMs();
    if (link.id > 0) {
      this.#step({ kind: 'linkUp', nowMs, link: link.id });
      return;
    }
    const { local, remote } = link.connection;
    this.#step({ kind: 'linkAccepted', nowMs, link: link.id, localHost: hostOf(local), remoteHost: hostOf(remote) });
  }

  linkMessage(link: BusLink, message: Message): void {
    this.#options.onMessage?.(message);
    this.#step({ kind: 'frame', nowMs: this.#nowMs(), link: link.id, message });
  }

  linkClosed(link: BusLink, reason: string, isPeersFault: boolean): void {
    if (this.#links.get(link.id) !== link) return;
    this.#forget(link);
    if (isPeersFault) {
      this.#complain(`Cluster bus: link with ${link.connection.remote} closed: ${reason}`);
      // It has been told why; one that does not read that does not keep its connection.
      this.#env.timers.after(refusalMs, () => link.connection.destroy());
    }
    if (!this.#isStopped) this.#step({ kind: 'linkDown', nowMs: this.#nowMs(), link: link.id, reason });
  }

  #forget(link: BusLink): void {
    this.#links.delete(link.id);
    this.#closedBytes.in += link.bytesIn;
    this.#closedBytes.out += link.bytesOut;
  }

  #closeStrangers(): void {
    const nowMs = this.#nowMs();
    for (const link of this.#links.values()) {
      if (link.id < 0 && !link.isOpen && nowMs - link.createdMs > helloTimeoutMs) this.#disconnect(link.id);
    }
  }

  /** Anybody can make a log grow by sending garbage: a few lines tell as much. */
  #complain(text: string): void {
    const nowMs = this.#nowMs();
    if (nowMs - this.#complaintsSinceMs > 10_000) {
      this.#complaintsSinceMs = nowMs;
      this.#complaints = 0;
    }
    if (++this.#complaints <= complaintsMax) this.#options.log.warning(text);
  }
}

const levelOf: Partial<Record<EventName, keyof Log>> = {
  clusterState: 'warning',
  fail: 'warning',
  handshakeTimeout: 'verbose',
  linkDown: 'verbose',
  currentEpoch: 'verbose',
};
