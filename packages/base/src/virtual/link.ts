import type { Prng } from '../prng.ts';
import type { BytePipe } from './byte-pipe.ts';

/** How one direction between two hosts behaves. Ratios are probabilities from 0 to 1. */
export interface LinkOptions {
  /** Every piece takes a uniform time from this range; the order within a connection is kept. */
  readonly latencyMs: readonly [min: number, max: number];
  /** A piece is lost and sent again by TCP, after 200 ms and twice as long each further time. */
  readonly lossRatio: number;
  /** A piece breaks its connection: both ends see ECONNRESET. */
  readonly resetRatio: number;
  /** A delivery hands over only a random part; the rest comes up to a millisecond later. */
  readonly cutRatio: number;
  /** `write` returns false although there is room, and drains up to a millisecond later. */
  readonly holdRatio: number;
  /** Bytes of a connection that can be under way or unread, as the sockets' buffers hold them. */
  readonly windowBytes: number;
  /** 0: no limit. Per connection, not shared between connections. */
  readonly bytesPerMs: number;
  /**
   * Overwrites the caller's memory when `write` has returned true. Finds those who read their output again; not for
   * callers that write constants, which the contract allows.
   */
  readonly poisonWrites: boolean;
}

/** What memory holds that must not be read any more. */
export const POISON = 0xdb;

export const defaultLinkOptions: LinkOptions = {
  latencyMs: [0.1, 0.5],
  lossRatio: 0,
  resetRatio: 0,
  cutRatio: 0.1,
  holdRatio: 0.1,
  windowBytes: 256 * 1024,
  bytesPerMs: 0,
  poisonWrites: false,
};

const retransmitMs = 200;
const retransmitCountMax = 8;

/** One direction between two hosts: its behaviour, and what waits while it is cut off. */
export class Link {
  options: LinkOptions;
  /** Set by the network; see VirtualNetwork.partition. */
  isBlocked = false;
  /** Directions of connections whose next piece has met a blocked link. */
  readonly stalled = new Set<BytePipe>();
  readonly #random: Prng;

  constructor(options: LinkOptions, random: Prng) {
    this.options = options;
    this.#random = random;
  }

  /** Time on the way for a piece, with the retransmissions that it needs. */
  drawDelayMs(): number {
    const [min, max] = this.options.latencyMs;
    let delayMs = min + (max - min) * this.#random.ratio();
    for (let i = 0; i < retransmitCountMax && this.#random.chance(this.options.lossRatio); i++) {
      delayMs += retransmitMs * 2 ** i;
    }
    return delayMs;
  }
}
