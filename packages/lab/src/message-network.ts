import type { Prng } from '@kvartz/base';
import type { Scheduler } from '@kvartz/base/virtual';
import { decodeMessage, encodeMessage, type LinkId, type Message } from '@kvartz/cluster';
import type { CoreNode } from './core-world.ts';
import { fairWeather, type NetworkWeather } from './sim-world.ts';

const synRetryMs = 1_000;
const retransmitMsMax = 400;
/** One message in so many goes through the codec, so that the fast world cannot drift from the wire's. */
const codecEvery = 64;

/** Connections and messages between cores, with the faults of a network. */
export class MessageNetwork {
  weather: NetworkWeather = fairWeather;
  readonly scheduler: Scheduler;
  readonly #random: Prng;
  readonly #nodes = new Map<string, CoreNode>();
  readonly #blocked = new Set<string>();
  readonly #links = new Set<CoreLink>();
  /** What waits for a cut to heal. */
  #stalled: (() => void)[] = [];
  #messageCount = 0;

  constructor(scheduler: Scheduler, random: Prng) {
    this.scheduler = scheduler;
    this.#random = random;
  }

  hasMachine(host: string): boolean {
    return this.#nodes.get(host)?.isPowered === true;
  }

  join(node: CoreNode): void {
    this.#nodes.set(node.host, node);
  }

  leave(node: CoreNode): void {
    this.#nodes.delete(node.host);
  }

  connect(from: CoreNode, id: LinkId, host: string): CoreLink {
    const link = new CoreLink(this, from, id);
    this.#links.add(link);
    this.#knock(link, from, host, 0);
    return link;
  }

  #knock(link: CoreLink, from: CoreNode, host: string, count: number): void {
    this.scheduler.at(this.scheduler.nowMs + this.latencyMs(), () => {
      if (link.isClosed) return;
      const to = this.#nodes.get(host);
      if (to === undefined || !to.isPowered || this.isBlocked(from.host, host)) {
        this.scheduler.at(this.scheduler.nowMs + synRetryMs * 2 ** count, () => {
          if (!link.isClosed) this.#knock(link, from, host, count + 1);
        });
      } else if (to.core === undefined) {
        from.later(this.latencyMs(), () => link.closeAt(from, 'ECONNREFUSED'));
      } else {
        const fromHost = from.host;
        to.now(() => link.accept(to, fromHost));
      }
    });
  }

  isBlocked(from: string, to: string): boolean {
    return this.#blocked.size > 0 && this.#blocked.has(`${from} ${to}`);
  }

  block(from: string, to: string): void {
    if (from !== to) this.#blocked.add(`${from} ${to}`);
  }

  unblockAll(): void {
    this.#blocked.clear();
    const stalled = this.#stalled;
    this.#stalled = [];
    for (const run of stalled) {
      this.scheduler.at(this.scheduler.nowMs + this.#random.ratio() * retransmitMsMax, run);
    }
  }

  stall(run: () => void): void {
    this.#stalled.push(run);
  }

  resetBetween(a: string, b: string): void {
    for (const link of this.#links) if (link.isBetween(a, b)) link.reset();
  }

  forget(link: CoreLink): void {
    this.#links.delete(link);
  }

  latencyMs(): number {
    const [min, max] = this.weather.latencyMs;
    return min + (max - min) * this.#random.ratio();
  }

  isLost(): boolean {
    return this.#random.chance(this.weather.lossRatio);
  }

  isReset(): boolean {
    return this.#random.chance(this.weather.resetRatio);
  }

  /** The message, now and then as the other side would decode it. */
  carry(message: Message): Message {
    return this.#messageCount++ % codecEvery === 0 ? decodeMessage(encodeMessage(message)) : message;
  }
}

interface End {
  readonly node: CoreNode;
  readonly host: string;
  readonly id: LinkId;
  /** Nothing that this end sends overtakes what it has sent before. */
  lastArriveMs: number;
}

/** One connection between two cores. */
export class CoreLink {
  isClosed = false;
  readonly #network: MessageNetwork;
  readonly #initiator: End;
  #acceptor: End | undefined;
  /** Made while the other end's machine lost power: nobody is there, and nobody says so. */
  #isHalfOpen = false;

  constructor(network: MessageNetwork, from: CoreNode, id: LinkId) {
    this.#network = network;
    this.#initiator = { node: from, host: from.host, id, lastArriveMs: 0 };
  }

  isBetween(a: string, b: string): boolean {
    const [from, to] = [this.#initiator.host, this.#acceptor?.host];
    return (from === a && to === b) || (from === b && to === a);
  }

  /** The acceptor's machine has answered. */
  accept(to: CoreNode, remoteHost: string): void {
    if (this.isClosed) return;
    const end: End = { node: to, host: to.host, id: 0, lastArriveMs: 0 };
    this.#acceptor = { ...end, id: to.accept(this, remoteHost) };
    const { node, id } = this.#initiator;
    this.#deliver(this.#acceptor, this.#initiator, () => {
      node.step({ kind: 'linkUp', nowMs: this.#network.scheduler.nowMs, link: id });
    });
  }

  send(from: CoreNode, message: Message): void {
    const acceptor = this.#acceptor;
    if (this.isClosed || acceptor === undefined) return;
    const [near, far] = from === this.#initiator.node ? [this.#initiator, acceptor] : [acceptor, this.#initiator];
    if (this.#network.isReset()) return this.reset();
    if (this.#network.isLost()) return;
    const carried = this.#network.carry(message);
    this.#deliver(near, far, () => far.node.receive(far.id, this, carried));
  }

  #deliver(near: End, far: End, run: () => void): void {
    const { scheduler } = this.#network;
    near.lastArriveMs = Math.max(scheduler.nowMs + this.#network.latencyMs(), near.lastArriveMs);
    scheduler.at(near.lastArriveMs, () => this.#arrive(near, far, run));
  }

  #arrive(near: End, far: End, run: () => void): void {
    if (this.isClosed) return;
    if (this.#isHalfOpen) {
      // A machine that is back knows nothing of the connection, and says so; one without power says nothing.
      if (this.#network.hasMachine(far.host) && !this.#network.isBlocked(far.host, near.host)) this.reset();
      return;
    }
    if (this.#network.isBlocked(near.host, far.host)) this.#network.stall(() => this.#arrive(near, far, run));
    else {
      far.node.now(() => {
        if (!this.isClosed) run();
      });
    }
  }

  /** One end closes: the other hears of it, unless the network does not let it. */
  closeFrom(node: CoreNode, reason: string): void {
    if (this.isClosed) return;
    const acceptor = this.#acceptor;
    const far = node === this.#initiator.node ? acceptor : this.#initiator;
    this.#end();
    if (far === undefined || this.#isHalfOpen || this.#network.isBlocked(node.host, far.host)) return;
    far.node.later(this.#network.latencyMs(), () => far.node.closed(far.id, this, reason));
  }

  /** Both ends fail. */
  reset(): void {
    if (this.isClosed) return;
    this.#end();
    for (const end of [this.#initiator, this.#acceptor]) {
      end?.node.later(0, () => end.node.closed(end.id, this, 'ECONNRESET'));
    }
  }

  closeAt(node: CoreNode, reason: string): void {
    if (this.isClosed) return;
    this.#end();
    node.closed(this.#initiator.id, this, reason);
  }

  abandon(_node: CoreNode): void {
    this.#isHalfOpen = true;
  }

  #end(): void {
    this.isClosed = true;
    this.#network.forget(this);
  }
}
