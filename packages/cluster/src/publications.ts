import type { CoreState } from './core-state.ts';
import type { LinkId } from './effects.ts';
import type { Publish } from './messages.ts';

/** Payload in one frame; longer messages are cut. */
const pieceBytesMax = 64 * 1024;
/** A longer message stays on its node: pub/sub must not push heartbeats aside. */
export const publishedBytesMax = 8 * 1024 * 1024;
/** A longer name of a channel, likewise. */
export const channelBytesMax = 32 * 1024;

interface Partial {
  readonly channel: Uint8Array;
  readonly payload: Uint8Array;
  /** Bytes of the payload that are there. */
  filledBytes: number;
}

/** Messages of PUBLISH and SPUBLISH on their way between nodes. At most once: what a link loses is lost. */
export class Publications {
  readonly #state: CoreState;
  /** Of messages in several pieces: what has come over a link so far. */
  readonly #partials = new Map<LinkId, Partial>();

  constructor(state: CoreState) {
    this.#state = state;
  }

  /** To every node, or, of a shard channel, to those of our shard. False: too long to be sent. */
  publish(channel: Uint8Array, payload: Uint8Array, isSharded: boolean): boolean {
    const state = this.#state;
    if (channel.length > channelBytesMax || payload.length > publishedBytesMax) return false;
    const { me } = state;
    for (const peer of state.peers.values()) {
      if (isSharded && state.config.nodes.get(peer.id)?.shardId !== me.shardId) continue;
      let offset = 0;
      do {
        const piece = payload.subarray(offset, offset + pieceBytesMax);
        const totalBytes = payload.length;
        state.sendTo(peer, { kind: 'publish', from: me.id, channel, isSharded, totalBytes, offset, piece });
        offset += piece.length;
      } while (offset < payload.length);
    }
    return true;
  }

  /** From a node that we know. Pieces that do not follow one another are dropped, with their message. */
  received(link: LinkId, { channel, isSharded, totalBytes, offset, piece }: Publish): void {
    if (offset === 0 && piece.length === totalBytes) {
      this.#state.emit({ kind: 'published', channel, payload: piece, isSharded });
      return;
    }
    if (offset === 0) this.#partials.set(link, { channel, payload: new Uint8Array(totalBytes), filledBytes: 0 });
    const partial = this.#partials.get(link);
    const isNext = partial?.filledBytes === offset && partial.payload.length === totalBytes;
    if (partial === undefined || !isNext || offset + piece.length > totalBytes) {
      this.#partials.delete(link);
      return;
    }
    partial.payload.set(piece, offset);
    partial.filledBytes += piece.length;
    if (partial.filledBytes < totalBytes) return;
    this.#partials.delete(link);
    this.#state.emit({ kind: 'published', channel: partial.channel, payload: partial.payload, isSharded });
  }

  linkDown(link: LinkId): void {
    this.#partials.delete(link);
  }
}
