import { assert } from '@kvartz/base';
import { SlotMap, type SlotRange } from '@kvartz/router';
import { hashText, type NodeId } from './node-id.ts';

/** `pfail`: this node cannot reach it; `fail`: a majority of the masters could not. */
export type Health = 'ok' | 'pfail' | 'fail';

/** What the cluster knows of one node. A value: a change makes a new record. */
export interface NodeRecord {
  readonly id: NodeId;
  /** Empty: unknown (our own before the first MEET, or `noaddr`). */
  readonly host: string;
  readonly port: number;
  readonly busPort: number;
  /** Announced for clients; empty: none. */
  readonly hostname: string;
  /** A master and its replicas share it; empty: not known yet. */
  readonly shardId: string;
  /** The master that this node replicates; undefined: it is a master itself. */
  readonly masterId: NodeId | undefined;
  readonly configEpoch: number;
  readonly health: Health;
  /** The address that we knew turned out to be somebody else's. */
  readonly hasNoAddress: boolean;
}

interface Fields {
  readonly myId: NodeId;
  readonly currentEpoch: number;
  readonly lastVoteEpoch: number;
  readonly nodes: ReadonlyMap<NodeId, NodeRecord>;
  readonly slots: SlotMap<NodeId>;
  readonly migrating: ReadonlyMap<number, NodeId>;
  readonly importing: ReadonlyMap<number, NodeId>;
}

/**
 * What one node knows of the cluster and keeps in `nodes.conf`: an immutable value. Changes are pure functions from one
 * config to the next (`this` when nothing changes), and one assignment in the core publishes them.
 *
 * Invariants: `me` is among the nodes; only known nodes own slots or are named by migrating and importing; replicas own
 * no slots; currentEpoch is at least every configEpoch.
 */
export class ClusterConfig implements Fields {
  readonly myId: NodeId;
  /** The greatest epoch that this node has heard of. */
  readonly currentEpoch: number;
  /** The epoch in which this node voted last. */
  readonly lastVoteEpoch: number;
  readonly nodes: ReadonlyMap<NodeId, NodeRecord>;
  readonly slots: SlotMap<NodeId>;
  /** Slots of ours that are on their way to another node. */
  readonly migrating: ReadonlyMap<number, NodeId>;
  /** Slots of others that are on their way to us. */
  readonly importing: ReadonlyMap<number, NodeId>;
  #membersDigest = -1;

  constructor(fields: Fields) {
    this.myId = fields.myId;
    this.currentEpoch = fields.currentEpoch;
    this.lastVoteEpoch = fields.lastVoteEpoch;
    this.nodes = fields.nodes;
    this.slots = fields.slots;
    this.migrating = fields.migrating;
    this.importing = fields.importing;
    assert(this.nodes.has(this.myId), `the node ${this.myId} itself is not in its configuration`);
  }

  /** A node that knows nobody. */
  static alone(me: NodeRecord): ClusterConfig {
    return new ClusterConfig({
      myId: me.id,
      currentEpoch: me.configEpoch,
      lastVoteEpoch: 0,
      nodes: new Map([[me.id, me]]),
      slots: SlotMap.empty<NodeId>(),
      migrating: noMoves,
      importing: noMoves,
    });
  }

  get me(): NodeRecord {
    return this.nodes.get(this.myId)!;
  }

  ownerOf(slot: number): NodeRecord | undefined {
    const id = this.slots.ownerOf(slot);
    return id === undefined ? undefined : this.nodes.get(id);
  }

  /** A master with slots: those vote on failures and failovers, and their number is the cluster's size. */
  isVoter(id: NodeId): boolean {
    return this.slots.slotCountOf(id) > 0;
  }

  get voterCount(): number {
    return this.slots.owners.length;
  }

  /** Votes that make a majority. A cluster without slots has none, and cannot decide anything. */
  get quorum(): number {
    return Math.floor(this.voterCount / 2) + 1;
  }

  replicasOf(id: NodeId): NodeRecord[] {
    return [...this.nodes.values()].filter((node) => node.masterId === id);
  }

  get maxEpoch(): number {
    let max = this.currentEpoch;
    for (const node of this.nodes.values()) if (node.configEpoch > max) max = node.configEpoch;
    return max;
  }

  /**
   * Equal where two nodes know the same nodes, in whatever order. Addresses are not part of it: two nodes may rightly
   * see a third at different ones.
   */
  get membersDigest(): number {
    if (this.#membersDigest < 0) {
      let sum = 0;
      for (const id of this.nodes.keys()) sum = (sum + hashText(id)) >>> 0;
      this.#membersDigest = sum;
    }
    return this.#membersDigest;
  }

  /** Adds a node or replaces what is known of it. One that becomes a replica leaves its slots to nobody. */
  withNode(node: NodeRecord): ClusterConfig {
    const old = this.nodes.get(node.id);
    if (old === node) return this;
    const nodes = new Map(this.nodes);
    nodes.set(node.id, node);
    const slots = node.masterId === undefined ? this.slots : this.slots.withoutNode(node.id);
    return this.#with({ nodes, slots });
  }

  /** Changes some fields of a known node. */
  withNodeFields(id: NodeId, fields: Partial<Omit<NodeRecord, 'id'>>): ClusterConfig {
    const old = this.nodes.get(id);
    assert(old !== undefined, `node ${id} is not known`);
    let isSame = true;
    for (const [name, value] of Object.entries(fields)) if (old[name as keyof NodeRecord] !== value) isSame = false;
    return isSame ? this : this.withNode({ ...old, ...fields });
  }

  /** Forgets a node, its slots, and the moves of slots from and to it. */
  withoutNode(id: NodeId): ClusterConfig {
    assert(id !== this.myId, 'a node cannot forget itself');
    if (!this.nodes.has(id)) return this;
    const nodes = new Map(this.nodes);
    nodes.delete(id);
    return this.#with({
      nodes,
      slots: this.slots.withoutNode(id),
      migrating: withoutTarget(this.migrating, id),
      importing: withoutTarget(this.importing, id),
    });
  }

  /** Ownership by the greater configEpoch: `id` gets the slot unless an owner with the same epoch or a greater has it. */
  withSlotOwner(slot: number, id: NodeId, configEpoch: number): ClusterConfig {
    const owner = this.ownerOf(slot);
    if (owner !== undefined && (owner.id === id || owner.configEpoch >= configEpoch)) return this;
    return this.withSlots([{ first: slot, last: slot }], id);
  }

  /** Gives slots to a node, or to nobody, whatever the epochs. Moves of slots that are no longer ours end. */
  withSlots(ranges: readonly SlotRange[], id: NodeId | undefined): ClusterConfig {
    assert(id === undefined || this.nodes.get(id)?.masterId === undefined, `slots for the replica ${id}`);
    assert(id === undefined || this.nodes.has(id), `slots for the unknown node ${id}`);
    const slots = this.slots.withOwner(ranges, id);
    return this.#with({ slots, migrating: stillOwned(this.migrating, slots, this.myId) });
  }

  withMigrating(slot: number, target: NodeId | undefined): ClusterConfig {
    return this.#with({ migrating: withMove(this.migrating, slot, target) });
  }

  withImporting(slot: number, source: NodeId | undefined): ClusterConfig {
    return this.#with({ importing: withMove(this.importing, slot, source) });
  }

  withoutMoves(): ClusterConfig {
    return this.#with({ migrating: noMoves, importing: noMoves });
  }

  withCurrentEpoch(currentEpoch: number): ClusterConfig {
    return currentEpoch === this.currentEpoch ? this : this.#with({ currentEpoch });
  }

  withLastVoteEpoch(lastVoteEpoch: number): ClusterConfig {
    return lastVoteEpoch === this.lastVoteEpoch ? this : this.#with({ lastVoteEpoch });
  }

  /** Gives this node an epoch that nobody has: what a manual change, a collision or an election ends with. */
  withNewEpochForMe(): ClusterConfig {
    const currentEpoch = this.maxEpoch + 1;
    return this.#with({ currentEpoch }).withNodeFields(this.myId, { configEpoch: currentEpoch });
  }

  #with(change: Partial<Fields>): ClusterConfig {
    return new ClusterConfig({
      myId: this.myId,
      currentEpoch: this.currentEpoch,
      lastVoteEpoch: this.lastVoteEpoch,
      nodes: this.nodes,
      slots: this.slots,
      migrating: this.migrating,
      importing: this.importing,
      ...change,
    });
  }
}

const noMoves: ReadonlyMap<number, NodeId> = new Map();

function withMove(moves: ReadonlyMap<number, NodeId>, slot: number, id: NodeId | undefined): Map<number, NodeId> {
  const changed = new Map(moves);
  if (id === undefined) changed.delete(slot);
  else changed.set(slot, id);
  return changed;
}

function withoutTarget(moves: ReadonlyMap<number, NodeId>, id: NodeId): ReadonlyMap<number, NodeId> {
  return new Map([...moves].filter(([, target]) => target !== id));
}

function stillOwned(
  moves: ReadonlyMap<number, NodeId>,
  slots: SlotMap<NodeId>,
  id: NodeId,
): ReadonlyMap<number, NodeId> {
  if (moves.size === 0) return moves;
  return new Map([...moves].filter(([slot]) => slots.ownerOf(slot) === id));
}
