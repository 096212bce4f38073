import type { Claims } from './claims.ts';
import type { CoreState } from './core-state.ts';
import type { LinkId } from './effects.ts';
import type { FailureDetector } from './failure-detector.ts';
import type { Handshakes } from './handshakes.ts';
import type { Heartbeats } from './heartbeats.ts';
import type { Links } from './links.ts';
import { GossipFlag, type GossipEntry, type Heartbeat, type Message } from './messages.ts';
import type { Publications } from './publications.ts';
import { Handshake, NEVER, type Peer } from './peer.ts';

/** The chapters to which a message is handed on. */
export interface Chapters {
  readonly state: CoreState;
  readonly links: Links;
  readonly handshakes: Handshakes;
  readonly heartbeats: Heartbeats;
  readonly detector: FailureDetector;
  readonly claims: Claims;
  readonly publications: Publications;
}

/** What a message is for, and who says it: known nodes are listened to, strangers are only told who we are. */
export class Incoming {
  readonly #state: CoreState;
  readonly #links: Links;
  readonly #handshakes: Handshakes;
  readonly #heartbeats: Heartbeats;
  readonly #detector: FailureDetector;
  readonly #claims: Claims;
  readonly #publications: Publications;

  constructor(chapters: Chapters) {
    this.#state = chapters.state;
    this.#links = chapters.links;
    this.#handshakes = chapters.handshakes;
    this.#heartbeats = chapters.heartbeats;
    this.#detector = chapters.detector;
    this.#claims = chapters.claims;
    this.#publications = chapters.publications;
  }

  /** A message from a link that is still there; others are ignored. */
  receive(link: LinkId, message: Message): void {
    const state = this.#state;
    const { received } = state.stats;
    const outbound = this.#links.outbound(link);
    const inbound = this.#links.inbound(link);
    if (outbound === undefined && inbound === undefined) return;
    received[message.kind] = (received[message.kind] ?? 0) + 1;
    const sender = state.peers.get(message.from);
    if (sender !== undefined) {
      sender.dataReceivedMs = state.nowMs;
      if (inbound !== undefined && sender.inboundLink !== link) {
        sender.inboundLink = link;
        sender.inboundSinceMs = state.nowMs;
      }
      // It lives, and reaches us: no reason to go on waiting with our own link.
      if (inbound !== undefined && sender.link === 0) sender.connectAtMs = Math.min(sender.connectAtMs, state.nowMs);
      if (outbound === sender) {
        sender.failures = 0;
        sender.linkHeardMs = state.nowMs;
      }
    }
    switch (message.kind) {
      case 'ping':
      case 'pong':
      case 'meet':
        this.#heartbeat(link, message, sender);
        break;
      case 'claim':
        if (sender !== undefined) this.#claims.received(sender, message);
        break;
      case 'update':
        if (sender !== undefined) this.#claims.updated(message);
        break;
      case 'fail':
        if (sender !== undefined) this.#detector.failDeclared(message.about, message.from);
        break;
      case 'report':
        if (sender === undefined) break;
        for (const about of message.down) this.#detector.reported(state.peers.get(about), message.from, true);
        for (const about of message.up) this.#detector.reported(state.peers.get(about), message.from, false);
        break;
      case 'publish':
        if (sender !== undefined) this.#publications.received(link, message);
        break;
    }
  }

  #heartbeat(link: LinkId, message: Heartbeat, known: Peer | undefined): void {
    const state = this.#state;
    const outbound = this.#links.outbound(link);
    const inbound = this.#links.inbound(link);
    let sender = known;
    if (inbound !== undefined) this.#learnMyHost(message, inbound.localHost);
    if (outbound instanceof Handshake && message.kind === 'pong') {
      this.#handshakes.complete(outbound, message);
      sender ??= state.peers.get(message.from);
    } else if (outbound !== undefined && outbound !== sender && message.kind === 'pong') {
      this.#handshakes.lostAddress(state.config.nodes.get(outbound.id)!, message.from);
    }
    if (sender === undefined) {
      // Unknown nodes are answered, so that they can learn who we are, but not listened to.
      if (message.kind === 'meet' && inbound !== undefined && message.from !== state.config.myId) {
        const host = message.host === '' ? inbound.remoteHost : message.host;
        this.#handshakes.begin(host, message.port, message.busPort, false);
      }
      if (message.kind !== 'pong') state.send(link, this.#heartbeats.make('pong', undefined, message.token));
      return;
    }
    this.#claims.heardEpoch(sender, Math.max(message.currentEpoch, message.configEpoch));
    if (message.kind !== 'pong' && inbound !== undefined) {
      const host = message.host === '' ? inbound.remoteHost : message.host;
      this.#handshakes.moved(state.config.nodes.get(sender.id)!, host, message.port, message.busPort);
    }
    const isAnswer = message.kind === 'pong' && (outbound === sender || sender.link === link);
    if (isAnswer) this.#detector.answered(sender);
    sender.replOffset = message.replOffset;
    sender.membersDigest = message.membersDigest;
    this.#claims.heardOf(sender, message);
    if (isAnswer) this.#claims.settle(sender, message);
    for (const entry of message.gossip) this.#gossip(sender, entry);
    if (message.kind !== 'pong') state.send(link, this.#heartbeats.make('pong', sender, message.token));
    this.#claims.offer(sender);
  }

  /** Without an announced address a node learns its own from the connections by which others reach it. */
  #learnMyHost(message: Heartbeat, localHost: string): void {
    const { me, settings } = this.#state;
    if (settings.host !== '' || localHost === '' || localHost === me.host) return;
    if (message.kind !== 'meet' && me.host !== '') return;
    this.#state.changeNode(me.id, { host: localHost });
    this.#state.event('myAddress', me.id, `IP address for this node updated to ${localHost}`);
  }

  #gossip(sender: Peer, entry: GossipEntry): void {
    const state = this.#state;
    const isDown = (entry.flags & (GossipFlag.pfail | GossipFlag.fail)) !== 0;
    const isDoubted = isDown || (entry.flags & GossipFlag.suspect) !== 0;
    if (entry.id === state.config.myId) {
      // Somebody waits for us: a ping of ours shows that we live, even where its link to us does not work.
      if (isDoubted && sender.isUp) sender.isUrgent = true;
      return;
    }
    const node = state.config.nodes.get(entry.id);
    if (node === undefined) {
      if (entry.host !== '' && !isDown && !this.#handshakes.isBanned(entry.id)) {
        this.#handshakes.begin(entry.host, entry.port, entry.busPort, false);
      }
      return;
    }
    const peer = state.peers.get(entry.id)!;
    this.#detector.reported(peer, sender.id, isDown);
    if (isDoubted && peer.isUp && peer.pingSentMs === NEVER) peer.isUrgent = true;
    if (entry.flags & GossipFlag.fail && node.health === 'pfail') this.#detector.failDeclared(entry.id, sender.id);
    // The word of others on where a node is counts only when we cannot reach it ourselves.
    const isLost = node.hasNoAddress || (node.health !== 'ok' && !peer.isUp);
    if (isLost && !isDown && entry.host !== '') {
      this.#handshakes.moved(node, entry.host, entry.port, entry.busPort);
    }
  }
}
