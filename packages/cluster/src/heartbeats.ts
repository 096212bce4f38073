import type { NodeRecord } from './cluster-config.ts';
import type { CoreState } from './core-state.ts';
import { GossipFlag, type GossipEntry, type Heartbeat } from './messages.ts';
import type { NodeId } from './node-id.ts';
import { NEVER, type Peer } from './peer.ts';

/** Nodes in trouble that one heartbeat speaks of. */
const troubledMax = 10;
/** Other nodes, chosen by chance, so that news spread even where nothing seems to differ. */
const randomMax = 2;
/** Nodes that are told to a peer which knows other nodes than we do, at most once a second. */
const membersMax = 30;
const membersEveryMs = 1_000;
/** Who was heard within this time is not pinged, */
const heardMs = 200;
/** unless our own link to it has not been tried for so long. */
const pingEveryMs = 1_000;
/** Pings out of turn in one tick: to nodes that somebody suspects. */
const urgentMax = 5;

/**
 * Whom to ping, and what to say. Each tick at most one node is pinged, the one that was not pinged for the longest time:
 * ten heartbeats a second and their answers, however large the cluster. All nodes together still ping each node ten times a
 * second, so that somebody notices a failure at once; that one's gossip makes the others look.
 */
export class Heartbeats {
  readonly #state: CoreState;
  #nodes: ReadonlyMap<NodeId, NodeRecord> | undefined;
  #ids: NodeId[] = [];
  #troubled: NodeId[] = [];
  #troubledAt = 0;
  /** The version of our own claim, for heartbeats. */
  claimVersion = 0;
  /** Of the next ping. An answer with this token or a greater one was given after now. */
  nextToken = 1;

  constructor(state: CoreState) {
    this.#state = state;
  }

  tick(): void {
    const { nowMs, config, settings } = this.#state;
    let stalest: Peer | undefined;
    let urgentCount = 0;
    this.#troubled = [];
    for (const peer of this.#state.peers.values()) {
      const { health } = config.nodes.get(peer.id)!;
      const isRecentFail = health === 'fail' && nowMs - peer.failSinceMs < 4 * settings.nodeTimeoutMs;
      if (peer.isSuspect || health === 'pfail' || isRecentFail) this.#troubled.push(peer.id);
      if (!peer.isUp) continue;
      if (peer.isUrgent && urgentCount < urgentMax) {
        urgentCount++;
        this.ping(peer);
      } else if (peer.pingSentMs !== NEVER || health === 'fail') this.#askAgain(peer);
      else if (this.#isDue(peer) && (stalest === undefined || peer.lastPingMs < stalest.lastPingMs)) stalest = peer;
    }
    if (stalest !== undefined) this.ping(stalest);
  }

  /** In a small cluster the peer's own ping of a moment ago says as much as an answer to ours would. */
  #isDue(peer: Peer): boolean {
    const { nowMs } = this.#state;
    return nowMs - peer.dataReceivedMs >= heardMs || nowMs - peer.lastPingMs >= pingEveryMs;
  }

  /** An answer is late: the ping or the pong may have been lost with a connection. And a failed node may be back. */
  #askAgain(peer: Peer): void {
    const everyMs = Math.min(Math.max(this.#state.settings.nodeTimeoutMs / 2, 500), 1_000);
    if (this.#state.nowMs - peer.lastPingMs >= everyMs) this.ping(peer);
  }

  ping(peer: Peer): void {
    const { nowMs } = this.#state;
    peer.isUrgent = false;
    peer.lastPingMs = nowMs;
    // The clock of an answer that is overdue is not set back by asking again.
    if (peer.pingSentMs === NEVER) peer.pingSentMs = nowMs;
    this.#state.send(peer.link, this.make('ping', peer, this.nextToken++));
  }

  /** `peer`: whom it is for, when that is known. */
  make(kind: Heartbeat['kind'], peer: Peer | undefined, token: number): Heartbeat {
    const { settings, config, me, replOffset, clusterState } = this.#state;
    return {
      kind,
      from: me.id,
      host: settings.host,
      port: settings.port,
      busPort: settings.busPort,
      masterId: me.masterId,
      currentEpoch: config.currentEpoch,
      configEpoch: me.configEpoch,
      replOffset,
      isStateOk: clusterState === 'ok',
      claimVersion: this.claimVersion,
      knownClaim: peer?.claim?.version ?? 0,
      token,
      membersDigest: config.membersDigest,
      gossip: peer === undefined ? [] : this.#gossip(peer),
    };
  }

  #gossip(peer: Peer): GossipEntry[] {
    const { nowMs, config } = this.#state;
    const ids = this.#allIds();
    const chosen = new Set<NodeId>();
    for (let i = 0; i < Math.min(this.#troubled.length, troubledMax); i++) {
      chosen.add(this.#troubled[this.#troubledAt++ % this.#troubled.length]);
    }
    for (let i = 0; i < randomMax && ids.length > 0; i++) chosen.add(ids[this.#state.below(ids.length)]);
    const isDifferent = peer.membersDigest !== -1 && peer.membersDigest !== config.membersDigest;
    if (isDifferent && nowMs - peer.membersSentMs >= membersEveryMs) {
      if (peer.membersSentMs === NEVER) peer.membersCursor = this.#state.below(ids.length);
      peer.membersSentMs = nowMs;
      const count = Math.min(membersMax, ids.length);
      for (let i = 0; i < count; i++) chosen.add(ids[peer.membersCursor++ % ids.length]);
    }
    chosen.delete(peer.id);
    const entries: GossipEntry[] = [];
    for (const id of chosen) {
      const node = config.nodes.get(id);
      if (node === undefined || node.hasNoAddress || id === config.myId) continue;
      entries.push(this.#entryOf(node));
    }
    return entries;
  }

  #entryOf(node: NodeRecord): GossipEntry {
    let flags = 0;
    if (node.masterId !== undefined) flags |= GossipFlag.replica;
    if (node.health === 'fail') flags |= GossipFlag.fail;
    else if (node.health === 'pfail') flags |= GossipFlag.pfail;
    else if (this.#state.peers.get(node.id)!.isSuspect) flags |= GossipFlag.suspect;
    return { id: node.id, host: node.host, port: node.port, busPort: node.busPort, flags };
  }

  #allIds(): NodeId[] {
    const { nodes } = this.#state.config;
    if (nodes !== this.#nodes) {
      this.#nodes = nodes;
      this.#ids = [...nodes.keys()];
    }
    return this.#ids;
  }
}
