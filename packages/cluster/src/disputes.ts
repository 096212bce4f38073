import { formatSlotRanges, hasSlot, slotRangesOf, type SlotRanges, slotsIn } from '@kvartz/router';
import type { CoreState } from './core-state.ts';
import type { Heartbeats } from './heartbeats.ts';
import type { Heartbeat } from './messages.ts';
import type { NodeId } from './node-id.ts';
import type { Peer } from './peer.ts';

/** Somebody is said to own a slot of ours. */
interface Dispute {
  readonly owner: NodeId;
  readonly epoch: number;
  /** An answer to a ping with this token, or a later one, settles it. */
  readonly token: number;
}

/**
 * Slots of ours that another may own. A message that says so may be old: it may have waited in a connection that was cut,
 * or come from a node that has missed that the owner gave the slots to us (under a smaller epoch than its own, when the two
 * could not hear one another). So such slots are served no more at once; but lost, with their keys, only when the other
 * says, in answer to a question asked after that, that its claim stands.
 */
export class Disputes {
  readonly #state: CoreState;
  readonly #heartbeats: Heartbeats;
  #bySlot: ReadonlyMap<number, Dispute> = new Map();
  #owners: ReadonlyMap<number, NodeId> = new Map();

  constructor(state: CoreState, heartbeats: Heartbeats) {
    this.#state = state;
    this.#heartbeats = heartbeats;
  }

  /** By slot, who is said to own it. A new map whenever it changes. */
  get owners(): ReadonlyMap<number, NodeId> {
    return this.#owners;
  }

  /** `from` says that slots of ours are the owner's, with its epoch. */
  open(slots: SlotRanges, owner: NodeId, epoch: number, from: NodeId): void {
    const news = [...slotsIn(slots)].filter((slot) => this.#bySlot.get(slot)?.owner !== owner);
    if (news.length === 0) return;
    const disputes = new Map(this.#bySlot);
    for (const slot of news) disputes.set(slot, { owner, epoch, token: this.#heartbeats.nextToken });
    this.#set(disputes);
    const what = formatSlotRanges(slotRangesOf(news));
    const says = from === owner ? '' : `, says node ${from}`;
    this.#state.event(
      'slots',
      owner,
      `node ${owner} may own our slots ${what} with configEpoch ${epoch}${says}: asking`,
    );
    const peer = this.#state.peers.get(owner);
    if (peer?.isUp === true) this.#heartbeats.ping(peer);
  }

  /** The node has answered us, and says which version of its claim is the present one: if it is the one that we have, it counts. */
  settle(sender: Peer, { token, claimVersion }: Heartbeat): void {
    const { claim } = sender;
    if (this.#bySlot.size === 0 || claim === undefined || claim.version !== claimVersion) return;
    const state = this.#state;
    const disputes = new Map(this.#bySlot);
    const lost: number[] = [];
    const kept: number[] = [];
    for (const [slot, dispute] of this.#bySlot) {
      if (dispute.owner !== sender.id || token < dispute.token) continue;
      disputes.delete(slot);
      if (state.config.slots.ownerOf(slot) !== state.config.myId) continue;
      const isTheirs = hasSlot(claim.slots, slot) && claim.configEpoch > state.me.configEpoch;
      (isTheirs ? lost : kept).push(slot);
    }
    if (disputes.size === this.#bySlot.size) return;
    this.#set(disputes);
    if (kept.length > 0) {
      const what = formatSlotRanges(slotRangesOf(kept));
      state.event('slots', sender.id, `node ${sender.id} does not claim our slots ${what}: they stay ours`);
    }
    if (lost.length > 0) this.#lose(slotRangesOf(lost), sender.id, claim.configEpoch);
  }

  #lose(slots: SlotRanges, to: NodeId, configEpoch: number): void {
    const state = this.#state;
    state.config = state.config.withSlots(slots, to);
    state.emit({ kind: 'slotsLost', slots, to });
    const what = formatSlotRanges(slots);
    state.event('slots', to, `node ${to} owns our slots ${what} now, with configEpoch ${configEpoch}`);
  }

  /** Disputes end, too, when we give the slot away, or get an epoch that is greater than that of the other. */
  review(): void {
    if (this.#bySlot.size === 0) return;
    const { config, me } = this.#state;
    const open = [...this.#bySlot].filter(
      ([slot, { owner, epoch }]) =>
        config.slots.ownerOf(slot) === config.myId && epoch >= me.configEpoch && config.nodes.has(owner),
    );
    if (open.length < this.#bySlot.size) this.#set(new Map(open));
  }

  clear(): void {
    this.#set(new Map());
  }

  #set(disputes: ReadonlyMap<number, Dispute>): void {
    this.#bySlot = disputes;
    this.#owners = new Map([...disputes].map(([slot, { owner }]) => [slot, owner]));
  }
}
