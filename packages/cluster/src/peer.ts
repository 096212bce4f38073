import type { SlotMap } from '@kvartz/router';
import type { LinkId } from './effects.ts';
import type { Claim } from './messages.ts';
import type { NodeId } from './node-id.ts';

/** Earlier than every moment. */
export const NEVER = -Infinity;

/** One end of a link that this node opens: to a known node, or to an address that is yet to say which node it is. */
export class Outbound {
  /** 0: none. */
  link: LinkId = 0;
  isUp = false;
  linkSinceMs = NEVER;
  /** Anything heard on this very link. */
  linkHeardMs = NEVER;
  /** Not before. */
  connectAtMs = NEVER;
  /** Attempts since the node was last heard on a link of ours. */
  failures = 0;
}

/** What this node notices about another one and does not keep on disk. */
export class Peer extends Outbound {
  readonly id: NodeId;
  /** The last link on which the node spoke to us; 0: none. */
  inboundLink: LinkId = 0;
  inboundSinceMs = NEVER;

  /** Since when an answer is overdue: a ping was sent, or could not be; NEVER: nothing is awaited. */
  pingSentMs = NEVER;
  lastPingMs = NEVER;
  pongReceivedMs = NEVER;
  /** Anything heard, on any link. */
  dataReceivedMs = NEVER;
  isSuspect = false;
  /** To be pinged at the next tick, out of turn. */
  isUrgent = false;

  failSinceMs = NEVER;
  /** Those who count opinions have been told that we cannot reach it. */
  isReported = false;
  /** Masters that cannot reach the node, with the time of their last word. */
  readonly reports = new Map<NodeId, number>();

  replOffset = 0;
  claim: Claim | undefined;
  claimSinceMs = NEVER;
  /** The slots against which the claim was judged last. */
  judgedSlots: SlotMap<NodeId> | undefined;
  judgedMs = NEVER;
  /** Not all that it claims is its own in our eyes. */
  isContested = false;

  /** Version of our claim that the peer has. */
  knownClaim = 0;
  sentClaim = 0;
  claimSentMs = NEVER;
  membersDigest = -1;
  membersSentMs = NEVER;
  membersCursor = 0;

  constructor(id: NodeId) {
    super();
    this.id = id;
  }
}

/** An address that is being asked who it is. */
export class Handshake extends Outbound {
  /** Random, shown in CLUSTER NODES until the real one is known. */
  readonly id: NodeId;
  readonly host: string;
  readonly port: number;
  readonly busPort: number;
  /** The operator's MEET: the other side is to take us in. */
  readonly isMeet: boolean;
  readonly startedMs: number;

  constructor(id: NodeId, host: string, port: number, busPort: number, isMeet: boolean, startedMs: number) {
    super();
    this.id = id;
    this.host = host;
    this.port = port;
    this.busPort = busPort;
    this.isMeet = isMeet;
    this.startedMs = startedMs;
  }
}

/** A link that a peer opened. */
export interface Inbound {
  readonly localHost: string;
  readonly remoteHost: string;
}
