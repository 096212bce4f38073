import type { Random } from '@kvartz/base';
import { ClusterConfig } from './cluster-config.ts';
import { ClusterHealth, judgeCluster, type Verdict } from './cluster-health.ts';
import { Claims } from './claims.ts';
import { CoreState, type MessageStats } from './core-state.ts';
import type { ClusterStateName, Effect, Input, LinkId, OperatorCommand } from './effects.ts';
import { FailureDetector } from './failure-detector.ts';
import { Handshakes } from './handshakes.ts';
import { Heartbeats } from './heartbeats.ts';
import { Incoming } from './incoming.ts';
import { Links } from './links.ts';
import { makeNodeId, type NodeId } from './node-id.ts';
import { applyCommand, forgetError, meetError } from './operator.ts';
import { Handshake, NEVER, type Peer } from './peer.ts';
import { checkSettings, type CoreSettings } from './settings.ts';
import { equalSlots } from './ownership.ts';
import { Publications } from './publications.ts';

/**
 * One node's part in the cluster, as a state machine without time, network or disk of its own: inputs come in with the
 * time they happened at, and what is to be done comes out as data, in order.
 *
 *   tick, links, frames, commands  ->  step  ->  save, connect, send, slots changed, events, ...
 *
 * Semantics and names are those of the Redis Cluster specification; the chapters are files beside this one: handshakes,
 * heartbeats, failure detection, claims (slots and epochs), health of the cluster, operator's commands.
 *
 * Invariants: currentEpoch and the own configEpoch never go back but by a hard reset; a `save` comes before whatever
 * depends on it; nothing that a peer sends makes `step` throw.
 *
 * Spec: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
 */
export class ClusterCore {
  readonly #state: CoreState;
  readonly #links: Links;
  readonly #handshakes: Handshakes;
  readonly #heartbeats: Heartbeats;
  readonly #detector: FailureDetector;
  readonly #claims: Claims;
  readonly #publications: Publications;
  readonly #incoming: Incoming;
  readonly #health: ClusterHealth;
  #saved: ClusterConfig | undefined;
  /** The last verdict on the cluster's state, and on what. */
  #judged: { config: ClusterConfig; settings: CoreSettings; verdict: Verdict } | undefined;

  /** `initial` is what nodes.conf said, or `ClusterConfig.alone`. */
  constructor(settings: CoreSettings, initial: ClusterConfig, random: Random) {
    this.#state = new CoreState(checkSettings(settings), initial, random);
    this.#links = new Links(this.#state);
    this.#handshakes = new Handshakes(this.#state, this.#links);
    this.#heartbeats = new Heartbeats(this.#state);
    this.#detector = new FailureDetector(this.#state, this.#links);
    this.#claims = new Claims(this.#state, this.#heartbeats);
    this.#publications = new Publications(this.#state);
    this.#incoming = new Incoming({
      state: this.#state,
      links: this.#links,
      handshakes: this.#handshakes,
      heartbeats: this.#heartbeats,
      detector: this.#detector,
      claims: this.#claims,
      publications: this.#publications,
    });
    this.#health = new ClusterHealth(initial.nodes.size === 1);
    this.#announce();
  }

  /** The configuration as of now; a value that will not change. */
  get config(): ClusterConfig {
    return this.#state.config;
  }

  get clusterState(): ClusterStateName {
    return this.#state.clusterState;
  }

  /** Why the cluster is in the state that it is in. */
  get clusterStateReason(): string {
    return this.#state.clusterStateReason;
  }

  /**
   * Slots of ours that others may own: they are not served until that is settled. By slot, the node that is said to own it.
   */
  get disputes(): ReadonlyMap<number, NodeId> {
    return this.#claims.disputes;
  }

  get stats(): MessageStats {
    return this.#state.stats;
  }

  get handshakes(): Iterable<Handshake> {
    return this.#handshakes.running();
  }

  /** What this node notices of another; undefined for itself and for those that it does not know. */
  peer(id: NodeId): Peer | undefined {
    return this.#state.peers.get(id);
  }

  /** Masters that say they cannot reach the node (COUNT-FAILURE-REPORTS). */
  failureReports(id: NodeId): number {
    const peer = this.#state.peers.get(id);
    return peer === undefined ? 0 : this.#detector.reportCount(peer);
  }

  step(input: Input): readonly Effect[] {
    const state = this.#state;
    if (input.nowMs > state.nowMs) state.nowMs = input.nowMs;
    const before = state.config;
    const stateBefore = state.clusterState;
    const disputesBefore = this.#claims.disputes;
    switch (input.kind) {
      case 'tick':
        this.#tick();
        break;
      case 'linkUp':
        this.#linkUp(input.link);
        break;
      case 'linkAccepted':
        this.#links.accepted(input.link, input);
        break;
      case 'linkDown':
        this.#publications.linkDown(input.link);
        this.#linkDown(input.link, input.reason);
        break;
      case 'frame':
        this.#incoming.receive(input.link, input.message);
        break;
      case 'command':
        this.#command(input.command);
        break;
      case 'publish':
        this.#publications.publish(input.channel, input.payload, input.isSharded);
        return state.takeEffects();
      case 'settings':
        state.settings = checkSettings(input.settings);
        this.#announce();
        break;
    }
    this.#claims.refresh();
    if (input.kind === 'tick' || state.config !== before) this.#refreshHealth();
    const isRedirectionChanged =
      state.clusterState !== stateBefore ||
      this.#claims.disputes !== disputesBefore ||
      areRedirectionsChanged(before, state.config);
    if (isRedirectionChanged) state.emit({ kind: 'slotsChanged' });
    return this.#saveFirst(state.takeEffects());
  }

  #tick(): void {
    const { peers, config, nowMs } = this.#state;
    this.#handshakes.tick();
    for (const peer of peers.values()) {
      if (peer.link !== 0 || nowMs < peer.connectAtMs) continue;
      const node = config.nodes.get(peer.id)!;
      if (node.hasNoAddress) continue;
      // A node that cannot even be connected to owes an answer from now on.
      if (peer.pingSentMs === NEVER) peer.pingSentMs = nowMs;
      this.#links.connect(peer, node.host, node.busPort);
    }
    this.#detector.tick();
    this.#heartbeats.tick();
  }

  // Links

  #linkUp(link: LinkId): void {
    const end = this.#links.outbound(link);
    if (end === undefined) return;
    end.isUp = true;
    if (end instanceof Handshake) {
      this.#state.send(link, this.#heartbeats.make(end.isMeet ? 'meet' : 'ping', undefined, 0));
    } else this.#heartbeats.ping(end);
  }

  #linkDown(link: LinkId, reason: string): void {
    const end = this.#links.closed(link);
    if (end === undefined) return;
    const { nowMs } = this.#state;
    this.#state.backOff(end);
    if (end instanceof Handshake) return;
    if (end.pingSentMs === NEVER) end.pingSentMs = nowMs;
    // The first of a row says that something has happened; the rest would only fill the log.
    if (end.failures === 1) this.#state.event('linkDown', end.id, `link to node ${end.id} is down: ${reason}`);
  }

  // Commands

  #command(command: OperatorCommand): void {
    const error = this.#perform(command);
    if (error !== undefined) this.#state.emit({ kind: 'refused', error });
  }

  /** Returns the error's text, or undefined after `done`. */
  #perform(command: OperatorCommand): string | undefined {
    const state = this.#state;
    switch (command.name) {
      case 'meet': {
        const error = meetError(command.host, command.port, command.busPort);
        if (error !== undefined) return error;
        this.#handshakes.begin(command.host, command.port, command.busPort, true);
        break;
      }
      case 'forget': {
        const error = forgetError(state.config, command.id);
        if (error !== undefined) return error;
        this.#forget(command.id);
        break;
      }
      case 'reset':
        this.#reset(command.isHard);
        break;
      case 'saveConfig':
        this.#saved = undefined;
        break;
      default: {
        const outcome = applyCommand(state.config, command);
        if (outcome.error !== undefined) return outcome.error;
        const isNew = outcome.config.me.configEpoch !== state.config.me.configEpoch;
        state.config = outcome.config;
        if (outcome.text !== undefined) state.event('slots', state.config.myId, outcome.text);
        if (isNew) {
          const { configEpoch } = state.me;
          state.event('configEpoch', state.config.myId, `configEpoch set to ${configEpoch} by the operator`);
        }
        state.emit({ kind: 'done', epoch: state.me.configEpoch, isNew });
        return undefined;
      }
    }
    state.emit({ kind: 'done' });
    return undefined;
  }

  #forget(id: NodeId): void {
    this.#handshakes.ban(id);
    this.#removePeer(id, 'the node was forgotten');
    this.#state.config = this.#state.config.withoutNode(id);
    this.#state.event('forget', id, `node ${id} forgotten; it will not be taken in again for a minute`);
  }

  #removePeer(id: NodeId, reason: string): void {
    const { peers } = this.#state;
    const peer = peers.get(id)!;
    this.#links.drop(peer, reason);
    peers.delete(id);
    for (const other of peers.values()) other.reports.delete(id);
  }

  #reset(isHard: boolean): void {
    const state = this.#state;
    for (const id of state.peers.keys()) this.#removePeer(id, 'the node was reset');
    this.#handshakes.endAll('the node was reset');
    this.#handshakes.clearBans();
    const { me, config } = state;
    const [id, shardId] = isHard ? [makeNodeId(state.random), makeNodeId(state.random)] : [me.id, me.shardId];
    const alone = ClusterConfig.alone({
      ...me,
      id,
      shardId,
      masterId: undefined,
      configEpoch: isHard ? 0 : me.configEpoch,
    });
    state.config = isHard ? alone : alone.withCurrentEpoch(config.currentEpoch).withLastVoteEpoch(config.lastVoteEpoch);
    this.#claims.reset();
    state.event('reset', id, isHard ? `hard reset: this node is ${id} now` : 'soft reset');
  }

  /** Puts into our own record what the settings say of us. */
  #announce(): void {
    const { settings, me } = this.#state;
    const { host, port, busPort, hostname } = settings;
    this.#state.changeNode(me.id, { host: host === '' ? me.host : host, port, busPort, hostname, health: 'ok' });
  }

  // After every step

  /** What has to be saved is saved before anything else is done: the rest may depend on it. */
  #saveFirst(effects: Effect[]): readonly Effect[] {
    const { config } = this.#state;
    if (config === this.#saved) return effects;
    effects.unshift({ kind: 'save', isBarrier: this.#saved === undefined || isBarrier(this.#saved, config) });
    this.#saved = config;
    return effects;
  }

  #refreshHealth(): void {
    const state = this.#state;
    const { settings, nowMs } = state;
    if (this.#judged?.config !== state.config || this.#judged.settings !== settings) {
      const verdict = judgeCluster(state.config, settings.requireFullCoverage);
      this.#judged = { config: state.config, settings, verdict };
    }
    const { verdict } = this.#judged;
    const isMaster = state.me.masterId === undefined;
    const next = this.#health.decide(verdict, state.clusterState, nowMs, settings.nodeTimeoutMs, isMaster);
    const isDelayed = next !== verdict.state;
    state.clusterStateReason = isDelayed ? 'waiting before serving again' : verdict.reason;
    if (next === state.clusterState) return;
    state.clusterState = next;
    state.emit({ kind: 'stateChanged', state: next, reason: verdict.reason });
    state.event('clusterState', undefined, `Cluster state changed: ${next} (${verdict.reason})`);
  }
}

function areRedirectionsChanged(a: ClusterConfig, b: ClusterConfig): boolean {
  return (
    a.slots !== b.slots ||
    a.migrating !== b.migrating ||
    a.importing !== b.importing ||
    a.me.masterId !== b.me.masterId ||
    a.myId !== b.myId
  );
}

/**
 * Whether others must not hear of `next` before it is on disk: epochs, votes, and what we say that we own. What we know
 * of third nodes can be learnt again; and the marks of a slot that moves are for the operator's tool, which sets two for every
 * slot and waits for each: when a crash loses them, it begins again.
 */
function isBarrier(saved: ClusterConfig, next: ClusterConfig): boolean {
  return (
    saved.myId !== next.myId ||
    saved.currentEpoch !== next.currentEpoch ||
    saved.lastVoteEpoch !== next.lastVoteEpoch ||
    saved.me.configEpoch !== next.me.configEpoch ||
    saved.me.masterId !== next.me.masterId ||
    (saved.slots !== next.slots && !equalSlots(saved.slots.rangesOf(saved.myId), next.slots.rangesOf(next.myId)))
  );
}
