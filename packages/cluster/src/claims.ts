import { formatSlotRanges, hasSlot, type SlotMap, type SlotRanges, slotRangesOf, slotsIn } from '@kvartz/router';
import type { CoreState } from './core-state.ts';
import type { Heartbeats } from './heartbeats.ts';
import type { Claim, Heartbeat, Update } from './messages.ts';
import type { NodeId } from './node-id.ts';
import { equalSlots, judgeClaim, type Judgement, releasedSlots } from './ownership.ts';
import type { Peer } from './peer.ts';

/** A claim that the peer does not seem to have got is sent again, but not faster than this. */
const claimAgainMs = 300;
/** A claim that clashes with what others own is judged again, and its sender told again. */
const contestAgainMs = 1_000;
/** Owners that one claimant is told of at a time. */
const updatesMax = 8;

/** Somebody is said to own a slot of ours. */
interface Dispute {
  readonly owner: NodeId;
  readonly epoch: number;
  /** An answer to a ping with this token, or a later one, settles it. */
  readonly token: number;
}

/** Epochs and slots: what peers say that they own, what we make of it, and telling them what we own ourselves. */
export class Claims {
  readonly #state: CoreState;
  readonly #heartbeats: Heartbeats;
  #mine: Claim | undefined;
  #mineSlots: SlotMap<NodeId> | undefined;
  /** Slots of ours that others may own. Replaced when it changes. */
  #disputes: ReadonlyMap<number, Dispute> = new Map();
  #disputedOwners: ReadonlyMap<number, NodeId> = new Map();
  /** Slots of a peer against which its claim was compared after the grace; see `#release`. */
  readonly #released = new WeakMap<Peer, SlotMap<NodeId>>();

  constructor(state: CoreState, heartbeats: Heartbeats) {
    this.#state = state;
    this.#heartbeats = heartbeats;
    // Starts anywhere, so that no version of a former life of this process looks like one of this.
    const { random } = state;
    heartbeats.claimVersion = random.uint32() * 2 ** 15 + (random.uint32() >>> 17) + 1;
  }

  /**
   * currentEpoch only ever grows: whoever has heard of a greater one tells it on. A node's configEpoch, however, is taken
   * from its claim and never from a heartbeat: joined with slots of before, it would make us tell others (Update) that
   * the node still owns, with its new epoch, what it has given away.
   */
  heardEpoch(sender: Peer, epoch: number): void {
    const state = this.#state;
    if (epoch <= state.config.currentEpoch) return;
    state.config = state.config.withCurrentEpoch(epoch);
    state.event('currentEpoch', sender.id, `currentEpoch is ${epoch}, heard from node ${sender.id}`);
  }

  /** The rest of a heartbeat that is about roles, epochs and slots. */
  heardOf(sender: Peer, message: Heartbeat): void {
    const state = this.#state;
    const node = state.config.nodes.get(sender.id)!;
    if (message.masterId !== node.masterId) {
      state.changeNode(sender.id, { masterId: message.masterId });
      const role = message.masterId === undefined ? 'a master' : `a replica of ${message.masterId}`;
      state.event('role', sender.id, `node ${sender.id} is ${role} now`);
    }
    this.#resolveCollision(sender, message);
    sender.knownClaim = message.knownClaim;
    const { claim } = sender;
    if (claim === undefined) return;
    const isStale = sender.judgedSlots !== state.config.slots;
    if (isStale || (sender.isContested && state.nowMs - sender.judgedMs >= contestAgainMs)) this.#judge(sender, claim);
    if (message.claimVersion === claim.version) this.#release(sender, claim);
  }

  /**
   * Two masters with the same configEpoch: the one with the smaller id takes a new epoch, without a vote. Rare (manual
   * bumps on both sides of a partition, nodes that never had an epoch), but left alone nobody could say who owns what.
   */
  #resolveCollision(sender: Peer, message: Heartbeat): void {
    const state = this.#state;
    const { me } = state;
    if (message.masterId !== undefined || me.masterId !== undefined) return;
    if (message.configEpoch !== me.configEpoch || sender.id <= me.id) return;
    state.config = state.config.withNewEpochForMe();
    state.event(
      'configEpoch',
      sender.id,
      `configEpoch ${message.configEpoch} collides with that of node ${sender.id}: ours is ${state.me.configEpoch} now`,
    );
  }

  received(sender: Peer, claim: Claim): void {
    const state = this.#state;
    if (sender.claim?.version === claim.version) return;
    sender.claim = claim;
    sender.claimSinceMs = state.nowMs;
    this.#released.delete(sender);
    this.heardEpoch(sender, claim.configEpoch);
    const { shardId, hostname } = claim;
    const configEpoch = Math.max(claim.configEpoch, state.config.nodes.get(sender.id)!.configEpoch);
    state.changeNode(sender.id, { shardId, hostname, configEpoch });
    this.#judge(sender, claim);
  }

  #judge(sender: Peer, claim: Claim): void {
    const state = this.#state;
    if (state.config.nodes.get(sender.id)!.masterId !== undefined) return;
    const { contestedBy, isGranted, lost } = this.#merge(sender.id, claim.configEpoch, claim.slots);
    this.#dispute(lost, sender.id, claim.configEpoch, sender.id);
    sender.judgedSlots = state.config.slots;
    sender.judgedMs = state.nowMs;
    sender.isContested = !isGranted;
    for (const owner of contestedBy.slice(0, updatesMax)) this.#tellOwner(sender, owner);
  }

  #merge(claimant: NodeId, configEpoch: number, slots: SlotRanges): Judgement {
    const state = this.#state;
    const before = state.config.slots;
    const judgement = judgeClaim(state.config, claimant, configEpoch, slots, this.#isUnclaimed);
    state.config = judgement.config;
    if (state.config.slots !== before) {
      const count = state.config.slots.slotCountOf(claimant);
      state.event('slots', claimant, `node ${claimant} owns ${count} slots now, with configEpoch ${configEpoch}`);
    }
    return judgement;
  }

  get disputes(): ReadonlyMap<number, NodeId> {
    return this.#disputedOwners;
  }

  /**
   * Somebody says that slots of ours belong to another, by a greater epoch. Such a message may be old: it may have waited
   * in a connection that was cut, or come from a node that has missed that the owner gave the slots to us (under a smaller
   * epoch than its own, when the two could not hear one another). Served no more they are at once; lost, with their keys,
   * only when the owner says in answer to a question asked after this that its claim stands. See `settle`.
   */
  #dispute(slots: SlotRanges, owner: NodeId, epoch: number, from: NodeId): void {
    const news = [...slotsIn(slots)].filter((slot) => this.#disputes.get(slot)?.owner !== owner);
    if (news.length === 0) return;
    const disputes = new Map(this.#disputes);
    for (const slot of news) disputes.set(slot, { owner, epoch, token: this.#heartbeats.nextToken });
    this.#setDisputes(disputes);
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
    if (this.#disputes.size === 0 || claim === undefined || claim.version !== claimVersion) return;
    const state = this.#state;
    const disputes = new Map(this.#disputes);
    const lost: number[] = [];
    const kept: number[] = [];
    for (const [slot, dispute] of this.#disputes) {
      if (dispute.owner !== sender.id || token < dispute.token) continue;
      disputes.delete(slot);
      if (state.config.slots.ownerOf(slot) !== state.config.myId) continue;
      const isTheirs = hasSlot(claim.slots, slot) && claim.configEpoch > state.me.configEpoch;
      (isTheirs ? lost : kept).push(slot);
    }
    if (disputes.size === this.#disputes.size) return;
    this.#setDisputes(disputes);
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
  #endDisputes(): void {
    if (this.#disputes.size === 0) return;
    const { config, me } = this.#state;
    const open = [...this.#disputes].filter(
      ([slot, { owner, epoch }]) =>
        config.slots.ownerOf(slot) === config.myId && epoch >= me.configEpoch && config.nodes.has(owner),
    );
    if (open.length < this.#disputes.size) this.#setDisputes(new Map(open));
  }

  #setDisputes(disputes: ReadonlyMap<number, Dispute>): void {
    this.#disputes = disputes;
    this.#disputedOwners = new Map([...disputes].map(([slot, { owner }]) => [slot, owner]));
  }

  /** The owner has said, with the epoch by which it holds its slots, that this one is not among them. */
  readonly #isUnclaimed = (owner: NodeId, slot: number): boolean => {
    const claim = this.#state.peers.get(owner)?.claim;
    if (claim === undefined || claim.configEpoch < this.#state.config.nodes.get(owner)!.configEpoch) return false;
    return !hasSlot(claim.slots, slot);
  };

  /**
   * A slot that its owner gave up (DELSLOTS) and that nobody claims for a node timeout belongs to nobody. Redis leaves
   * it with the old owner on every other node, for ever; here all nodes come to say the same.
   */
  #release(sender: Peer, claim: Claim): void {
    const state = this.#state;
    const { config, nowMs, settings } = state;
    if (nowMs - sender.claimSinceMs <= settings.nodeTimeoutMs) return;
    if (claim.configEpoch < config.nodes.get(sender.id)!.configEpoch) return;
    if (this.#released.get(sender) === config.slots) return;
    const slots = releasedSlots(config, sender.id, claim);
    if (slots.length > 0) {
      state.config = config.withSlots(slots, undefined);
      state.event('slots', sender.id, `node ${sender.id} gave up slots ${formatSlotRanges(slots)}`);
    }
    this.#released.set(sender, state.config.slots);
  }

  #tellOwner(claimant: Peer, owner: NodeId): void {
    const { config } = this.#state;
    this.#state.sendTo(claimant, {
      kind: 'update',
      from: config.myId,
      about: owner,
      configEpoch: config.nodes.get(owner)!.configEpoch,
      slots: config.slots.rangesOf(owner),
    });
  }

  /** Somebody tells us of an owner whose epoch we did not know. */
  updated({ from, about, configEpoch, slots }: Update): void {
    const state = this.#state;
    const node = state.config.nodes.get(about);
    if (node === undefined || node.configEpoch > configEpoch) return;
    if (node.configEpoch === configEpoch) {
      // Known already, with what it said itself or with what we had on disk. In the second case our own slots may be wrong.
      if (about === state.config.myId || state.peers.get(about)!.claim?.configEpoch === configEpoch) return;
      const { lost } = judgeClaim(state.config, about, configEpoch, slots, this.#isUnclaimed);
      this.#dispute(lost, about, configEpoch, from);
      return;
    }
    if (configEpoch > state.config.currentEpoch) state.config = state.config.withCurrentEpoch(configEpoch);
    state.changeNode(about, { configEpoch });
    if (about === state.config.myId) {
      // Only an old nodes.conf, put back by hand, gets us here. What we own is for the owners' epochs to decide.
      state.event('configEpoch', from, `our configEpoch is ${configEpoch}, says node ${from}: taken over`);
      return;
    }
    if (node.masterId !== undefined) state.changeNode(about, { masterId: undefined });
    const { lost } = this.#merge(about, configEpoch, slots);
    this.#dispute(lost, about, configEpoch, from);
  }

  /** Our own claim, with a new version when something in it has changed; then everybody is told. */
  refresh(): void {
    this.#endDisputes();
    const state = this.#state;
    const { me, config } = state;
    const mine = this.#mine;
    if (
      mine !== undefined &&
      mine.from === me.id &&
      mine.configEpoch === me.configEpoch &&
      mine.shardId === me.shardId &&
      mine.hostname === me.hostname &&
      (this.#mineSlots === config.slots || equalSlots(mine.slots, config.slots.rangesOf(me.id)))
    ) {
      this.#mineSlots = config.slots;
      return;
    }
    const version = ++this.#heartbeats.claimVersion;
    this.#mineSlots = config.slots;
    this.#mine = {
      kind: 'claim',
      from: me.id,
      version,
      configEpoch: me.configEpoch,
      shardId: me.shardId,
      hostname: me.hostname,
      slots: config.slots.rangesOf(me.id),
    };
    for (const peer of state.peers.values()) this.offer(peer);
  }

  /** Sends our claim to a peer that does not have it. */
  offer(peer: Peer): void {
    const mine = this.#mine;
    const { nowMs } = this.#state;
    if (mine === undefined || peer.knownClaim === mine.version) return;
    if (peer.sentClaim === mine.version && nowMs - peer.claimSentMs < claimAgainMs) return;
    if (!this.#state.sendTo(peer, mine)) return;
    peer.sentClaim = mine.version;
    peer.claimSentMs = nowMs;
  }

  reset(): void {
    this.#mine = undefined;
    this.#mineSlots = undefined;
    this.#setDisputes(new Map());
  }
}
