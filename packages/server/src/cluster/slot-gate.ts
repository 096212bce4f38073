import {
  type ClusterConfig,
  type ClusterStateName,
  type EndpointType,
  type NodeId,
  type NodeRecord,
  preferredEndpoint,
} from '@kvartz/cluster';
import { SLOT_COUNT } from '@kvartz/router';

/** What is to be known of a request whose slot is not simply ours. */
export interface SlotRequest {
  readonly slot: number;
  /** READONLY was called on the connection. */
  readonly isReadonlyClient: boolean;
  /** ASKING came just before. */
  readonly isAsking: boolean;
  readonly isWrite: boolean;
  readonly isReadonlyCommand: boolean;
  /** SSUBSCRIBE, SUNSUBSCRIBE, SPUBLISH. */
  readonly isShardChannel: boolean;
  /** Asked only for a slot that moves. */
  readonly countKeys: () => KeyCount;
}

/** Keys of a request that are here, and that are not. */
export interface KeyCount {
  readonly present: number;
  readonly missing: number;
  /** They are not all the same one. */
  readonly hasSeveral: boolean;
}

/** Where the gate looks, at every question that is not the usual one. */
export interface SlotGateSource {
  readonly config: ClusterConfig;
  /** A slot is served only once it is ours on disk, too; see ClusterBus.durableConfig. */
  readonly durableConfig: ClusterConfig;
  readonly clusterState: ClusterStateName;
  /** Slots of ours that another node may own, with that node. */
  readonly disputes: ReadonlyMap<number, NodeId>;
}

export interface SlotGatePolicy {
  readonly allowReadsWhenDown: boolean;
  readonly allowShardChannelsWhenDown: boolean;
  readonly endpointType: EndpointType;
}

export const CROSSSLOT = "CROSSSLOT Keys in request don't hash to the same slot";
export const NOT_SERVED = 'CLUSTERDOWN Hash slot not served';
const DOWN = 'CLUSTERDOWN The cluster is down';
const DOWN_FOR_WRITES = 'CLUSTERDOWN The cluster is down and only accepts read commands';
const TRYAGAIN = 'TRYAGAIN Multiple keys request during rehashing of slot';

/**
 * Who may be served here. The usual question costs one load: `isServed[slot] === 1` says that the slot is ours, does not
 * move, and the cluster is up. Everything else is `redirect`, with Redis's answers in Redis's order.
 */
export class SlotGate {
  readonly isServed = new Uint8Array(SLOT_COUNT);
  readonly #source: SlotGateSource;

  constructor(source: SlotGateSource) {
    this.#source = source;
    this.update();
  }

  /** To be called when slots, moves of slots or the cluster's state have changed, in memory or on disk. */
  update(): void {
    const { config, durableConfig: durable, clusterState: state, disputes } = this.#source;
    this.isServed.fill(0);
    if (state !== 'ok') return;
    for (const { first, last } of config.slots.rangesOf(config.myId)) this.isServed.fill(1, first, last + 1);
    if (durable.slots !== config.slots) {
      for (let slot = 0; slot < SLOT_COUNT; slot++) {
        if (durable.slots.ownerOf(slot) !== config.myId) this.isServed[slot] = 0;
      }
    }
    for (const slot of config.migrating.keys()) this.isServed[slot] = 0;
    for (const slot of config.importing.keys()) this.isServed[slot] = 0;
    for (const slot of disputes.keys()) this.isServed[slot] = 0;
  }

  /** The first key's slot has no owner: that is said before anything else about the request. */
  isUnassigned(slot: number): boolean {
    return this.#source.config.slots.ownerOf(slot) === undefined;
  }

  /** The whole error, or undefined when the request may run here. */
  redirect(request: SlotRequest, policy: SlotGatePolicy): string | undefined {
    const { slot } = request;
    const { config, durableConfig, clusterState, disputes } = this.#source;
    const rival = disputes.get(slot);
    const owner = rival === undefined ? config.ownerOf(slot) : config.nodes.get(rival);
    if (owner === undefined) return NOT_SERVED;
    if (clusterState !== 'ok') {
      const isAllowed = request.isShardChannel ? policy.allowShardChannelsWhenDown : policy.allowReadsWhenDown;
      if (!isAllowed) return DOWN;
      if (request.isWrite) return DOWN_FOR_WRITES;
    }
    const isMine = owner.id === config.myId;
    const target = isMine ? config.migrating.get(slot) : undefined;
    const isImporting = config.importing.has(slot);
    if (target !== undefined || isImporting) {
      const { present, missing, hasSeveral } = request.countKeys();
      if (target !== undefined && missing > 0) {
        return present > 0 ? TRYAGAIN : move('ASK', slot, config.nodes.get(target)!, policy);
      }
      if (isImporting && request.isAsking) return hasSeveral && missing > 0 ? TRYAGAIN : undefined;
    }
    // Ours in memory only: what a crash would undo is not promised to anybody.
    if (isMine) return durableConfig.slots.ownerOf(slot) === owner.id ? undefined : NOT_SERVED;
    const isReplicaOfOwner = config.me.masterId === owner.id;
    if (isReplicaOfOwner && request.isReadonlyClient && request.isReadonlyCommand) return undefined;
    return move('MOVED', slot, owner, policy);
  }

  /**
   * The same for a client that waits for a key that is not there: it is told where to go, but a slot that moves, in or out,
   * is waited for here until it has moved. That reads may be allowed while the cluster is down does not help it.
   */
  redirectBlocked(slot: number, isReadonlyClient: boolean, policy: SlotGatePolicy): string | undefined {
    const { config, clusterState, disputes } = this.#source;
    if (clusterState !== 'ok') return DOWN;
    const rival = disputes.get(slot);
    const owner = rival === undefined ? config.ownerOf(slot) : config.nodes.get(rival);
    if (owner?.id === config.myId || config.importing.has(slot)) return undefined;
    if (owner === undefined) return NOT_SERVED;
    if (isReadonlyClient && config.me.masterId === owner.id) return undefined;
    return move('MOVED', slot, owner, policy);
  }
}

function move(word: 'MOVED' | 'ASK', slot: number, node: NodeRecord, policy: SlotGatePolicy): string {
  return `${word} ${slot} ${preferredEndpoint(node, policy.endpointType) ?? ''}:${node.port}`;
}
