import type { Random } from '@kvartz/base';
import type { ClusterConfig, NodeRecord } from './cluster-config.ts';
import type { ClusterStateName, Effect, EventName, LinkId } from './effects.ts';
import { type Message, type MessageKindName } from './messages.ts';
import type { NodeId } from './node-id.ts';
import { type Outbound, Peer } from './peer.ts';
import type { CoreSettings } from './settings.ts';

/** Messages by kind, as CLUSTER INFO counts them. */
export interface MessageStats {
  readonly sent: Partial<Record<MessageKindName, number>>;
  readonly received: Partial<Record<MessageKindName, number>>;
}

/** What the chapters of the core share: the configuration, the peers, the time, and the list of effects. */
export class CoreState {
  readonly random: Random;
  settings: CoreSettings;
  config: ClusterConfig;
  nowMs = 0;
  clusterState: ClusterStateName = 'fail';
  clusterStateReason = 'the node has just started';
  readonly peers = new Map<NodeId, Peer>();
  readonly stats: MessageStats = { sent: {}, received: {} };
  /** What a heartbeat says of our replication offset. */
  replOffset = 0;
  #effects: Effect[] = [];

  constructor(settings: CoreSettings, config: ClusterConfig, random: Random) {
    this.settings = settings;
    this.config = config;
    this.random = random;
    for (const id of config.nodes.keys()) if (id !== config.myId) this.peers.set(id, new Peer(id));
  }

  get me(): NodeRecord {
    return this.config.me;
  }

  emit(effect: Effect): void {
    this.#effects.push(effect);
  }

  takeEffects(): Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  event(name: EventName, about: NodeId | undefined, text: string): void {
    this.emit({ kind: 'event', name, about, text });
  }

  send(link: LinkId, message: Message): void {
    const { sent } = this.stats;
    sent[message.kind] = (sent[message.kind] ?? 0) + 1;
    this.emit({ kind: 'send', link, message });
  }

  /** On our link when it is up, else on the one that the peer opened. False: on neither. */
  sendTo(peer: Peer, message: Message): boolean {
    const link = peer.isUp ? peer.link : peer.inboundLink;
    if (link === 0) return false;
    this.send(link, message);
    return true;
  }

  broadcast(message: Message): void {
    for (const peer of this.peers.values()) this.sendTo(peer, message);
  }

  /** Uniform integer in [0, count), near enough for timing and choosing. */
  below(count: number): number {
    return this.random.uint32() % count;
  }

  changeNode(id: NodeId, fields: Partial<Omit<NodeRecord, 'id'>>): void {
    this.config = this.config.withNodeFields(id, fields);
  }

  /** Puts off the next attempt to connect: soon at first, then less and less often, never all nodes at once. */
  backOff(end: Outbound): void {
    const maxMs = Math.min(Math.max(this.settings.nodeTimeoutMs / 2, 500), 5_000);
    const delayMs = Math.min(100 * 2 ** Math.min(end.failures, 10), maxMs);
    end.failures++;
    end.connectAtMs = this.nowMs + delayMs * (0.75 + this.below(512) / 1_024);
  }
}
