import { formatSlotRanges, hasSlot, type SlotMap, type SlotRanges } from '@kvartz/router';
import type { CoreState } from './core-state.ts';
import { Disputes } from './disputes.ts';
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

/** Epochs and slots: what peers say that they own, what we make of it, and telling them what we own ourselves. */
export class Claims {
  readonly #state: CoreState;
  readonly #heartbeats: Heartbeats;
  #mine: Claim | undefined;
  #mineSlots: SlotMap<NodeId> | undefined;
  readonly #disputes: Disputes;
  /** Slots of a peer against which its claim was compared after the grace; see `#release`. */
  readonly #released = new WeakMap<Peer, SlotMap<NodeId>>();

  constructor(state: CoreState, heartbeats: Heartbeats) {
    this.#state = state;
    this.#heartbeats = heartbeats;
    this.#disputes = new Disputes(state, heartbeats);
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
    this.#disputes.open(lost, sender.id, claim.configEpoch, sender.id);
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
    return this.#disputes.owners;
  }

  /** The node has answered us. */
  settle(sender: Peer, answer: Heartbeat): void {
    this.#disputes.settle(sender, answer);
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
      this.#disputes.open(lost, about, configEpoch, from);
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
    this.#disputes.open(lost, about, configEpoch, from);
  }

  /** Our own claim, with a new version when something in it has changed; then everybody is told. */
  refresh(): void {
    this.#disputes.review();
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
    this.#disputes.clear();
  }
}
