import type { SlotRanges } from '@kvartz/router';
import type { Message } from './messages.ts';
import type { NodeId } from './node-id.ts';
import type { CoreSettings } from './settings.ts';

/** Links that the core asked for are positive and numbered by it; those that peers opened negative, by the shell. */
export type LinkId = number;

/** What an operator may ask; checked by the core against what it knows. */
export type OperatorCommand =
  | { readonly name: 'meet'; readonly host: string; readonly port: number; readonly busPort: number }
  | { readonly name: 'addSlots' | 'delSlots'; readonly slots: readonly number[] }
  | { readonly name: 'flushSlots' | 'bumpEpoch' }
  | { readonly name: 'saveConfig' }
  | { readonly name: 'forget'; readonly id: NodeId }
  | { readonly name: 'reset'; readonly isHard: boolean }
  | { readonly name: 'setConfigEpoch'; readonly epoch: number }
  | { readonly name: 'setSlotMigrating' | 'setSlotImporting'; readonly slot: number; readonly id: NodeId }
  | { readonly name: 'setSlotStable'; readonly slot: number }
  | { readonly name: 'setSlotNode'; readonly slot: number; readonly id: NodeId; readonly keysInSlot: number };

/** Everything that can happen to a core. `nowMs` is monotonic time. */
export type Input =
  /** Every `tickMs`. */
  | { readonly kind: 'tick'; readonly nowMs: number }
  /** A link that the core asked for is open and both ends have agreed on the protocol. */
  | { readonly kind: 'linkUp'; readonly nowMs: number; readonly link: LinkId }
  | {
      readonly kind: 'linkAccepted';
      readonly nowMs: number;
      readonly link: LinkId;
      /** The two ends as the socket knows them. */
      readonly localHost: string;
      readonly remoteHost: string;
    }
  /** A link closed, or could not be opened. `reason` is for people. */
  | { readonly kind: 'linkDown'; readonly nowMs: number; readonly link: LinkId; readonly reason: string }
  | { readonly kind: 'frame'; readonly nowMs: number; readonly link: LinkId; readonly message: Message }
  | { readonly kind: 'command'; readonly nowMs: number; readonly command: OperatorCommand }
  | { readonly kind: 'settings'; readonly nowMs: number; readonly settings: CoreSettings }
  /** A client published: other nodes have subscribers, too. */
  | {
      readonly kind: 'publish';
      readonly nowMs: number;
      readonly channel: Uint8Array;
      readonly payload: Uint8Array;
      readonly isSharded: boolean;
    };

export type ClusterStateName = 'ok' | 'fail';

/** Names of what a core decides, for logs and for whoever asks why. Append only. */
export type EventName =
  | 'clusterState'
  | 'configEpoch'
  | 'currentEpoch'
  | 'fail'
  | 'failCleared'
  | 'forget'
  | 'handshake'
  | 'handshakeTimeout'
  | 'linkDown'
  | 'myAddress'
  | 'nodeAddress'
  | 'nodeAdded'
  | 'pfail'
  | 'pfailCleared'
  | 'reset'
  | 'role'
  | 'slots'
  | 'stall';

/** What is to be done, in the order given. */
export type Effect =
  /**
   * Write the configuration (`core.config` at the time of writing, or later) to nodes.conf. With `isBarrier`, nothing
   * that comes after it, a reply to the operator included, may leave the node before it is on disk.
   */
  | { readonly kind: 'save'; readonly isBarrier: boolean }
  | { readonly kind: 'connect'; readonly link: LinkId; readonly host: string; readonly port: number }
  | { readonly kind: 'disconnect'; readonly link: LinkId; readonly reason: string }
  | { readonly kind: 'send'; readonly link: LinkId; readonly message: Message }
  /** Something on which redirections depend has changed: slots, moves of slots, roles, addresses, the cluster's state. */
  | { readonly kind: 'slotsChanged' }
  | { readonly kind: 'stateChanged'; readonly state: ClusterStateName; readonly reason: string }
  /** Others own these now: their keys here are to be dropped. */
  | { readonly kind: 'slotsLost'; readonly slots: SlotRanges; readonly to: NodeId }
  | {
      readonly kind: 'event';
      readonly name: EventName;
      readonly about: NodeId | undefined;
      /** Says what was decided and why. */
      readonly text: string;
    }
  /** A client of another node published this; for the subscribers here. */
  | {
      readonly kind: 'published';
      readonly channel: Uint8Array;
      readonly payload: Uint8Array;
      readonly isSharded: boolean;
    }
  /** The operator's command was carried out; `epoch` and `isNew` answer bumpEpoch. */
  | { readonly kind: 'done'; readonly epoch?: number; readonly isNew?: boolean }
  /** The operator's command was refused; nothing has changed. `error` is the whole text of the reply. */
  | { readonly kind: 'refused'; readonly error: string };
