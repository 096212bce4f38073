import type { NodeRecord } from './cluster-config.ts';
import type { CoreState } from './core-state.ts';
import type { Links } from './links.ts';
import type { Heartbeat } from './messages.ts';
import { makeNodeId, type NodeId } from './node-id.ts';
import { Handshake, Peer } from './peer.ts';

/** How long a forgotten node is not taken in again because somebody else still speaks of it. */
export const forgetBanMs = 60_000;

/** Addresses that gossip told us and that are asked at the same time. */
const gossipHandshakesMax = 64;

/**
 * How nodes get to know one another. Only an operator's MEET, or the word of a node that is known already, makes a node
 * connect to an address; only what answers there, under the id that it gives, becomes a node of the cluster. So an
 * address in old gossip can never bring back a node that does not exist.
 */
export class Handshakes {
  readonly #state: CoreState;
  readonly #links: Links;
  readonly #running = new Set<Handshake>();
  readonly #bans = new Map<NodeId, number>();

  constructor(state: CoreState, links: Links) {
    this.#state = state;
    this.#links = links;
  }

  running(): IterableIterator<Handshake> {
    return this.#running.values();
  }

  get count(): number {
    return this.#running.size;
  }

  begin(host: string, port: number, busPort: number, isMeet: boolean): void {
    for (const one of this.#running) if (one.host === host && one.busPort === busPort) return;
    if (!isMeet && this.#running.size >= gossipHandshakesMax) return;
    const state = this.#state;
    this.#running.add(new Handshake(makeNodeId(state.random), host, port, busPort, isMeet, state.nowMs));
  }

  tick(): void {
    const { nowMs, settings } = this.#state;
    const timeoutMs = Math.max(settings.nodeTimeoutMs, 1_000);
    for (const handshake of this.#running) {
      if (nowMs - handshake.startedMs > timeoutMs) {
        this.end(handshake, 'handshake timeout');
        const where = `${handshake.host}:${handshake.port}@${handshake.busPort}`;
        this.#state.event('handshakeTimeout', undefined, `no node answered at ${where} within ${timeoutMs} ms`);
      } else if (handshake.link === 0 && nowMs >= handshake.connectAtMs) {
        this.#links.connect(handshake, handshake.host, handshake.busPort);
      }
    }
    for (const [id, untilMs] of this.#bans) if (nowMs >= untilMs) this.#bans.delete(id);
  }

  end(handshake: Handshake, reason: string): void {
    this.#running.delete(handshake);
    this.#links.drop(handshake, reason);
  }

  endAll(reason: string): void {
    for (const handshake of this.#running) this.end(handshake, reason);
  }

  ban(id: NodeId): void {
    this.#bans.set(id, this.#state.nowMs + forgetBanMs);
  }

  isBanned(id: NodeId): boolean {
    const untilMs = this.#bans.get(id);
    return untilMs !== undefined && this.#state.nowMs < untilMs;
  }

  clearBans(): void {
    this.#bans.clear();
  }

  /** The address has answered: adds the node, or notes the new address of one that is known. */
  complete(handshake: Handshake, answer: Heartbeat): void {
    const state = this.#state;
    const { from: id, port, busPort } = answer;
    const host = answer.host === '' ? handshake.host : answer.host;
    if (id === state.config.myId) {
      this.end(handshake, 'the node met itself');
      return;
    }
    const known = state.config.nodes.get(id);
    if (known !== undefined) {
      this.end(handshake, 'the node is known already');
      this.moved(known, host, port, busPort);
      return;
    }
    const peer = new Peer(id);
    this.#links.handOver(handshake, peer);
    this.#running.delete(handshake);
    state.peers.set(id, peer);
    state.config = state.config.withNode({
      id,
      host,
      port,
      busPort,
      hostname: '',
      shardId: '',
      masterId: answer.masterId,
      configEpoch: 0,
      health: 'ok',
      hasNoAddress: false,
    });
    state.event('nodeAdded', id, `node ${id} at ${host}:${port}@${busPort} joined`);
  }

  /** A known node is somewhere else now: identity is the id, never the address. */
  moved(node: NodeRecord, host: string, port: number, busPort: number): void {
    if (!node.hasNoAddress && node.host === host && node.port === port && node.busPort === busPort) return;
    const state = this.#state;
    state.changeNode(node.id, { host, port, busPort, hasNoAddress: false });
    state.event('nodeAddress', node.id, `address of node ${node.id} is now ${host}:${port}@${busPort}`);
    const peer = state.peers.get(node.id)!;
    peer.failures = 0;
    peer.connectAtMs = state.nowMs;
    this.#links.drop(peer, 'the node has another address now');
  }

  /** The address of a node turned out to be another node's. */
  lostAddress(node: NodeRecord, foundId: NodeId): void {
    const state = this.#state;
    state.changeNode(node.id, { host: '', port: 0, busPort: 0, hasNoAddress: true });
    state.event(
      'nodeAddress',
      node.id,
      `node ${node.id} is no longer at ${node.host}:${node.port}@${node.busPort}: node ${foundId} answers there`,
    );
    this.#links.drop(state.peers.get(node.id)!, 'another node answers there');
  }
}
