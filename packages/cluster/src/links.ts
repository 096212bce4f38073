import { assert } from '@kvartz/base';
import type { CoreState } from './core-state.ts';
import type { LinkId } from './effects.ts';
import { Handshake, type Inbound, NEVER, type Outbound, Peer } from './peer.ts';

/**
 * Which link belongs to whom. Every node keeps one link open to every node that it knows; answers go back on the link
 * on which the question came.
 */
export class Links {
  readonly #state: CoreState;
  readonly #outbound = new Map<LinkId, Peer | Handshake>();
  readonly #inbound = new Map<LinkId, Inbound>();
  #nextLink = 1;

  constructor(state: CoreState) {
    this.#state = state;
  }

  /** The node or address at the other end of a link of ours; undefined for one that has been dropped. */
  outbound(link: LinkId): Peer | Handshake | undefined {
    return this.#outbound.get(link);
  }

  inbound(link: LinkId): Inbound | undefined {
    return this.#inbound.get(link);
  }

  connect(end: Peer | Handshake, host: string, busPort: number): void {
    assert(end.link === 0, 'a second link to the same node');
    const link = this.#nextLink++;
    this.#outbound.set(link, end);
    end.link = link;
    end.isUp = false;
    end.linkSinceMs = this.#state.nowMs;
    end.linkHeardMs = NEVER;
    this.#state.emit({ kind: 'connect', link, host, port: busPort });
  }

  accepted(link: LinkId, inbound: Inbound): void {
    assert(link < 0 && !this.#inbound.has(link), `link ${link} accepted twice or not negative`);
    this.#inbound.set(link, inbound);
  }

  /** A handshake has told which node it is: its link is that node's now. */
  handOver(from: Handshake, to: Peer): void {
    to.link = from.link;
    to.isUp = from.isUp;
    to.linkSinceMs = from.linkSinceMs;
    this.#outbound.set(to.link, to);
    from.link = 0;
  }

  /** Closes a link from our side. */
  drop(end: Outbound, reason: string): void {
    if (end.link === 0) return;
    this.#state.emit({ kind: 'disconnect', link: end.link, reason });
    this.#forget(end);
  }

  dropInbound(link: LinkId, reason: string): void {
    if (this.#inbound.delete(link)) this.#state.emit({ kind: 'disconnect', link, reason });
  }

  /** The shell says that a link is gone. Returns its outbound end, if it had one. */
  closed(link: LinkId): Peer | Handshake | undefined {
    const end = this.#outbound.get(link);
    if (end !== undefined) this.#forget(end);
    else if (this.#inbound.delete(link)) {
      for (const peer of this.#state.peers.values()) if (peer.inboundLink === link) peer.inboundLink = 0;
    }
    return end;
  }

  #forget(end: Outbound): void {
    this.#outbound.delete(end.link);
    end.link = 0;
    end.isUp = false;
    end.linkSinceMs = NEVER;
  }
}
