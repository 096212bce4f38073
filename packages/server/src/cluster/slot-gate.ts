import { type ClusterConfig, type ClusterStateName, type EndpointType, preferredEndpoint } from '@kvartz/cluster';
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

export interface SlotGatePolicy {
  readonly allowReadsWhenDown: boolean;
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
  #config: ClusterConfig;
  #state: ClusterStateName = 'fail';

  constructor(config: ClusterConfig) {
    this.#config = config;
  }

  /** `durable`: a slot is served only once it is ours on disk, too; see ClusterBus.durableConfig. */
  update(config: ClusterConfig, durable: ClusterConfig, state: ClusterStateName): void {
    this.#config = config;
    this.#state = state;
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
  }

  /** The first key's slot has no owner: that is said before anything else about the request. */
  isUnassigned(slot: number): boolean {
    return this.#config.slots.ownerOf(slot) === undefined;
  }

  /** The whole error, or undefined when the request may run here. */
  redirect(request: SlotRequest, policy: SlotGatePolicy): string | undefined {
    const { slot } = request;
    const config = this.#config;
    const owner = config.ownerOf(slot);
    if (owner === undefined) return NOT_SERVED;
    if (this.#state !== 'ok') {
      if (!policy.allowReadsWhenDown) return DOWN;
      if (request.isWrite) return DOWN_FOR_WRITES;
    }
    const isMine = owner.id === config.myId;
    const target = isMine ? config.migrating.get(slot) : undefined;
    const isImporting = config.importing.has(slot);
    if (target !== undefined || isImporting) {
      const { present, missing, hasSeveral } = request.countKeys();
      if (target !== undefined && missing > 0) {
        return present > 0 ? TRYAGAIN : this.#move('ASK', slot, target, policy);
      }
      if (isImporting && request.isAsking) return hasSeveral && missing > 0 ? TRYAGAIN : undefined;
    }
    if (isMine) return undefined;
    const isReplicaOfOwner = config.me.masterId === owner.id;
    if (isReplicaOfOwner && request.isReadonlyClient && request.isReadonlyCommand) return undefined;
    return this.#move('MOVED', slot, owner.id, policy);
  }

  #move(word: 'MOVED' | 'ASK', slot: number, id: string, policy: SlotGatePolicy): string {
    const node = this.#config.nodes.get(id)!;
    return `${word} ${slot} ${preferredEndpoint(node, policy.endpointType) ?? ''}:${node.port}`;
  }
}
