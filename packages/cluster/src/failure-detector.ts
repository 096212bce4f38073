import type { ClusterConfig, NodeRecord } from './cluster-config.ts';
import type { CoreState } from './core-state.ts';

import type { Links } from './links.ts';
import { idsMax } from './messages.ts';
import { hashText, type NodeId } from './node-id.ts';
import { NEVER, type Peer } from './peer.ts';
import { tickMs } from './settings.ts';

/** Reports older than so many node timeouts do not count (CLUSTER_FAIL_REPORT_VALIDITY_MULT). */
const reportValidityFactor = 2;
/** A master with slots stays `fail` for so many node timeouts, so that its replicas have the time to replace it. */
const failUndoFactor = 2;
/** An answer that takes longer than this part of the node timeout makes others look, too. */
const suspectFactor = 1 / 4;
/** Masters that collect the reports on one node, beside its replicas. */
const collectorsMax = 5;
/** A tick that comes so late means that this process stood still, and heard nobody for that reason. */
const stallMs = 3 * tickMs;

/**
 * Failure detection of the Redis Cluster specification: a node that owes an answer for longer than the node timeout is
 * `pfail` to us; when a majority of the masters with slots say so within the validity window, it is `fail`, and
 * everybody is told.
 *
 * In Redis opinions travel in the gossip of heartbeats between all pairs of nodes. Here the number of heartbeats does
 * not grow with the cluster, so a master sends its opinion, once formed, to a few collectors that every node computes
 * alike from the id of the suspect; gossip carries it too.
 */
export class FailureDetector {
  readonly #state: CoreState;
  readonly #links: Links;
  #lastTickMs = NEVER;
  #repeatedMs = NEVER;
  #isRepeating = false;
  /** What is to be reported at the end of this tick: by collector, by node. */
  readonly #opinions = new Map<NodeId, Map<NodeId, boolean>>();

  constructor(state: CoreState, links: Links) {
    this.#state = state;
    this.#links = links;
  }

  tick(): void {
    this.#forgiveStall();
    const { nowMs, settings, config } = this.#state;
    const timeoutMs = settings.nodeTimeoutMs;
    for (const peer of this.#state.peers.values()) {
      const node = config.nodes.get(peer.id)!;
      if (node.health === 'fail' && peer.failSinceMs === NEVER) peer.failSinceMs = nowMs;
      if (node.hasNoAddress) continue;
      this.#replaceStuckLink(peer);
      // Data of any kind on any link is a sign of life, even where answers are late.
      const silenceMs = Math.min(nowMs - peer.pingSentMs, nowMs - peer.dataReceivedMs);
      const isWaiting = peer.pingSentMs !== NEVER;
      peer.isSuspect = isWaiting && node.health === 'ok' && silenceMs > timeoutMs * suspectFactor;
      if (isWaiting && node.health === 'ok' && silenceMs > timeoutMs) this.#becomePfail(peer);
    }
    // Opinions are said again all at once, so that each collector gets one message.
    this.#isRepeating = nowMs - this.#repeatedMs >= timeoutMs / 2;
    if (this.#isRepeating) this.#repeatedMs = nowMs;
    for (const peer of this.#state.peers.values()) {
      if (this.#state.config.nodes.get(peer.id)!.health === 'pfail') this.#considerFail(peer);
    }
    this.#sendReports();
  }

  /** The time in which this process did not run is nobody else's silence. */
  #forgiveStall(): void {
    const { nowMs, peers } = this.#state;
    const lateMs = nowMs - this.#lastTickMs - tickMs;
    this.#lastTickMs = nowMs;
    if (!(lateMs > stallMs && lateMs < Infinity)) return;
    for (const peer of peers.values()) if (peer.pingSentMs !== NEVER) peer.pingSentMs += lateMs;
    this.#state.event('stall', undefined, `this process stood still for ${Math.round(lateMs)} ms`);
  }

  /**
   * A connection may be half open, or its path gone: half a node timeout without an answer is enough to try another. What
   * the peer sends on links of its own says nothing about this one.
   */
  #replaceStuckLink(peer: Peer): void {
    const { nowMs, settings } = this.#state;
    const limitMs = settings.nodeTimeoutMs / 2;
    if (peer.link === 0 || nowMs - peer.linkSinceMs <= Math.max(limitMs, 500)) return;
    if (peer.isUp) {
      if (peer.pingSentMs === NEVER || nowMs - peer.pingSentMs <= limitMs) return;
      if (nowMs - peer.linkHeardMs <= limitMs) return;
    }
    this.#links.drop(peer, `no answer for ${Math.round(limitMs)} ms`);
    this.#state.backOff(peer);
  }

  #becomePfail(peer: Peer): void {
    const state = this.#state;
    state.changeNode(peer.id, { health: 'pfail' });
    peer.isSuspect = false;
    peer.isReported = false;
    const silenceMs = Math.round(state.nowMs - peer.pingSentMs);
    state.event('pfail', peer.id, `node ${peer.id} has not answered for ${silenceMs} ms: possibly failing (pfail)`);
  }

  #considerFail(peer: Peer): void {
    const state = this.#state;
    const { config } = state;
    const isVoter = config.isVoter(config.myId);
    if (isVoter && (!peer.isReported || this.#isRepeating)) {
      peer.isReported = true;
      this.#report(peer, true);
    }
    const count = this.reportCount(peer) + (isVoter ? 1 : 0);
    if (config.voterCount === 0 || count < config.quorum) return;
    const reason = `${count} of ${config.voterCount} masters cannot reach it, ${config.quorum} are enough`;
    this.#becomeFail(peer, reason);
    state.broadcast({ kind: 'fail', from: config.myId, about: peer.id });
  }

  #becomeFail(peer: Peer, reason: string): void {
    const state = this.#state;
    state.changeNode(peer.id, { health: 'fail' });
    peer.failSinceMs = state.nowMs;
    peer.isSuspect = false;
    state.event('fail', peer.id, `node ${peer.id} has failed: ${reason}`);
  }

  /** Somebody counted a majority. */
  failDeclared(about: NodeId, by: NodeId): void {
    const peer = this.#state.peers.get(about);
    if (peer === undefined || this.#state.config.nodes.get(about)!.health === 'fail') return;
    this.#becomeFail(peer, `node ${by} says that a majority of the masters cannot reach it`);
  }

  /** A node says whether it can reach another; what counts is the word of masters. */
  reported(about: Peer | undefined, by: NodeId, isDown: boolean): void {
    if (about === undefined) return;
    if (!isDown) {
      if (about.reports.size > 0) about.reports.delete(by);
    } else if (about.id !== by && this.#state.config.isVoter(by)) about.reports.set(by, this.#state.nowMs);
  }

  /** Masters whose word, not older than the validity window, is that they cannot reach the node. */
  reportCount(peer: Peer): number {
    const { nowMs, settings, config } = this.#state;
    const validMs = settings.nodeTimeoutMs * reportValidityFactor;
    for (const [by, atMs] of peer.reports) {
      if (nowMs - atMs > validMs || !config.isVoter(by)) peer.reports.delete(by);
    }
    return peer.reports.size;
  }

  /** The node has answered us. */
  answered(peer: Peer): void {
    const state = this.#state;
    peer.pingSentMs = NEVER;
    peer.pongReceivedMs = state.nowMs;
    peer.isSuspect = false;
    const node = state.config.nodes.get(peer.id)!;
    if (node.health === 'pfail') {
      state.changeNode(peer.id, { health: 'ok' });
      if (state.config.isVoter(state.config.myId)) this.#report(peer, false);
      state.event('pfailCleared', peer.id, `node ${peer.id} answers again`);
    } else if (node.health === 'fail') this.#considerUndo(peer, node);
  }

  #considerUndo(peer: Peer, node: NodeRecord): void {
    const state = this.#state;
    const isMasterWithSlots = state.config.isVoter(node.id);
    const waitMs = state.settings.nodeTimeoutMs * failUndoFactor;
    if (isMasterWithSlots && state.nowMs - peer.failSinceMs <= waitMs) return;
    state.changeNode(peer.id, { health: 'ok' });
    peer.reports.clear();
    const why = isMasterWithSlots ? `and nobody has replaced it for ${waitMs} ms` : 'and owns no slots';
    state.event('failCleared', peer.id, `node ${peer.id} answers again, ${why}: no longer failed`);
  }

  #report(peer: Peer, isDown: boolean): void {
    for (const id of collectorsOf(this.#state.config, peer.id)) {
      let opinions = this.#opinions.get(id);
      if (opinions === undefined) this.#opinions.set(id, (opinions = new Map()));
      opinions.set(peer.id, isDown);
    }
  }

  /** In a partition there are many opinions at once, for a few collectors: one message for each. */
  #sendReports(): void {
    const { config, peers } = this.#state;
    for (const [id, opinions] of this.#opinions) {
      const collector = peers.get(id);
      if (collector === undefined) continue;
      const all = [...opinions].slice(0, idsMax);
      const down = all.filter(([, isDown]) => isDown).map(([about]) => about);
      const up = all.filter(([, isDown]) => !isDown).map(([about]) => about);
      this.#state.sendTo(collector, { kind: 'report', from: config.myId, down, up });
    }
    this.#opinions.clear();
  }
}

/** Who counts the opinions on a node: its replicas, and the masters that come first when ranked by a hash of both ids. */
export function collectorsOf(config: ClusterConfig, about: NodeId): NodeId[] {
  const seed = hashText(about);
  const masters = config.slots.owners
    .filter((id) => id !== about && config.nodes.get(id)!.health === 'ok')
    .map((id) => [hashText(id, seed), id] as const)
    .toSorted((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1))
    .slice(0, collectorsMax)
    .map(([, id]) => id);
  return [...masters, ...config.replicasOf(about).map((node) => node.id)];
}
