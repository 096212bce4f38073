import type { SlotRanges } from '@kvartz/router';
import type { NodeId } from './node-id.ts';

/** Numbers on the bus: append only. */
export const MessageKind = {
  ping: 1,
  pong: 2,
  /** A ping that asks a node which does not know us to take us in. */
  meet: 3,
  claim: 4,
  update: 5,
  fail: 6,
  report: 7,
  publish: 8,
} as const;

export type MessageKindName = keyof typeof MessageKind;

/** Flags of a gossip entry: append only. */
export const GossipFlag = {
  replica: 1 << 0,
  /** The sender waits for an answer of this node for longer than usual: others should ask it too. */
  suspect: 1 << 1,
  pfail: 1 << 2,
  fail: 1 << 3,
} as const;

/** What the sender of a heartbeat says about a third node. */
export interface GossipEntry {
  readonly id: NodeId;
  readonly host: string;
  readonly port: number;
  readonly busPort: number;
  /** Bits of GossipFlag. */
  readonly flags: number;
}

/**
 * Ping, pong and meet. Small and of a size that does not depend on the cluster's: what a node owns is named by a
 * version (`claimVersion`) and sent (Claim) only to a peer whose heartbeat says that it knows another one.
 */
export interface Heartbeat {
  readonly kind: 'ping' | 'pong' | 'meet';
  readonly from: NodeId;
  /** Empty: the address that the connection comes from. */
  readonly host: string;
  readonly port: number;
  readonly busPort: number;
  readonly masterId: NodeId | undefined;
  readonly currentEpoch: number;
  readonly configEpoch: number;
  readonly replOffset: number;
  readonly isStateOk: boolean;
  /** Changes whenever the sender's Claim does. */
  readonly claimVersion: number;
  /** The version of the receiver's Claim that the sender has; 0: none. */
  readonly knownClaim: number;
  /** A pong repeats that of the ping it answers; they only grow. */
  readonly token: number;
  /** Equal where both know the same nodes; different: tell each other more. */
  readonly membersDigest: number;
  readonly gossip: readonly GossipEntry[];
}

/** What a node says of itself, in full. */
export interface Claim {
  readonly kind: 'claim';
  readonly from: NodeId;
  readonly version: number;
  readonly configEpoch: number;
  readonly shardId: string;
  readonly hostname: string;
  readonly slots: SlotRanges;
}

/** "You are not up to date about this node": sent to one who claims slots that another owns with a greater epoch. */
export interface Update {
  readonly kind: 'update';
  readonly from: NodeId;
  readonly about: NodeId;
  readonly configEpoch: number;
  readonly slots: SlotRanges;
}

/** A majority of the masters agreed that the node has failed. */
export interface Fail {
  readonly kind: 'fail';
  readonly from: NodeId;
  readonly about: NodeId;
}

/** Nodes in one report; those that do not fit come in the next. */
export const idsMax = 1_000;

/** A master's own opinions on nodes that it cannot reach, or can again, sent to those who count opinions on them. */
export interface Report {
  readonly kind: 'report';
  readonly from: NodeId;
  readonly down: readonly NodeId[];
  readonly up: readonly NodeId[];
}

/** A message of PUBLISH (or SPUBLISH), or a piece of one that is too long for a frame. */
export interface Publish {
  readonly kind: 'publish';
  readonly from: NodeId;
  readonly channel: Uint8Array;
  readonly isSharded: boolean;
  /** Length of the whole payload, and where this piece of it begins. */
  readonly totalBytes: number;
  readonly offset: number;
  readonly piece: Uint8Array;
}

export type Message = Heartbeat | Claim | Update | Fail | Report | Publish;
