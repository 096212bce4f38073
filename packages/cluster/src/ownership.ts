import { slotRangesOf, type SlotRanges, subtractSlots } from '@kvartz/router';
import type { ClusterConfig } from './cluster-config.ts';
import type { Claim } from './messages.ts';
import type { NodeId } from './node-id.ts';

export interface Judgement {
  readonly config: ClusterConfig;
  /** Slots that are ours, and should not be. They are left with us: to lose them takes more than one message. */
  readonly lost: SlotRanges;
  /** Owners with a greater epoch: the claimant has to be told of them. */
  readonly contestedBy: readonly NodeId[];
  /** All that was claimed belongs to the claimant now. */
  readonly isGranted: boolean;
}

/**
 * Merges a claim into the configuration: each claimed slot goes to the claimant unless its owner's configEpoch is as
 * great or greater. Two exceptions, both Redis's: a slot that we are importing belongs to whoever the operator says;
 * and an owner that no longer claims a slot itself (`isUnclaimed`) cannot hold it by its epoch.
 *
 * Spec: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/ (hash slots configuration propagation)
 */
export function judgeClaim(
  config: ClusterConfig,
  claimant: NodeId,
  configEpoch: number,
  slots: SlotRanges,
  isUnclaimed: (owner: NodeId, slot: number) => boolean,
): Judgement {
  const taken: number[] = [];
  const lost: number[] = [];
  const contestedBy = new Set<NodeId>();
  const table = config.slots;
  let isGranted = true;
  for (const { first, last } of slots) {
    for (let slot = first; slot <= last; slot++) {
      const owner = table.ownerOf(slot);
      if (owner === claimant) continue;
      if (config.importing.has(slot)) {
        isGranted = false;
        continue;
      }
      if (owner !== undefined) {
        const ownerEpoch = config.nodes.get(owner)!.configEpoch;
        if (ownerEpoch >= configEpoch && (owner === config.myId || !isUnclaimed(owner, slot))) {
          if (ownerEpoch > configEpoch) contestedBy.add(owner);
          isGranted = false;
          continue;
        }
        if (owner === config.myId) {
          lost.push(slot);
          isGranted = false;
          continue;
        }
      }
      taken.push(slot);
    }
  }
  return {
    config: taken.length === 0 ? config : config.withSlots(slotRangesOf(taken), claimant),
    lost: slotRangesOf(lost),
    contestedBy: [...contestedBy],
    isGranted,
  };
}

/** Slots that the configuration still gives to a node which, by its own claim, does not have them. */
export function releasedSlots(config: ClusterConfig, owner: NodeId, claim: Claim): SlotRanges {
  return subtractSlots(config.slots.rangesOf(owner), claim.slots);
}

export function equalSlots(a: SlotRanges, b: SlotRanges): boolean {
  return (
    a === b || (a.length === b.length && a.every(({ first, last }, i) => first === b[i].first && last === b[i].last))
  );
}
