import { SLOT_COUNT } from '@kvartz/router';
import type { ClusterConfig } from './cluster-config.ts';
import type { ClusterStateName } from './effects.ts';
import { NEVER } from './peer.ts';

export interface Verdict {
  readonly state: ClusterStateName;
  /** A sentence for the log. */
  readonly reason: string;
  /** This node sees fewer than half of the masters. */
  readonly isInMinority: boolean;
}

/** What the state of the cluster would be if no delay applied. */
export function judgeCluster(config: ClusterConfig, requireFullCoverage: boolean): Verdict {
  const owners = config.slots.owners.map((id) => config.nodes.get(id)!);
  const reachable = owners.filter((node) => node.health === 'ok').length;
  const isInMinority = owners.length > 0 && reachable < config.quorum;
  if (isInMinority) {
    const reason = `only ${reachable} of ${owners.length} masters can be reached, ${config.quorum} are needed`;
    return { state: 'fail', reason, isInMinority };
  }
  if (requireFullCoverage) {
    const missing = SLOT_COUNT - config.slots.assignedCount;
    if (missing > 0) return { state: 'fail', reason: `${missing} slots have no owner`, isInMinority };
    const failed = owners.find((node) => node.health === 'fail');
    if (failed !== undefined) {
      return { state: 'fail', reason: `the owner of some slots, node ${failed.id}, has failed`, isInMinority };
    }
  }
  return { state: 'ok', reason: 'all that is required is served', isInMinority };
}

/** A master that is back does not serve before the others had the time to tell it of a newer configuration. */
export const writableDelayMs = 2_000;
const rejoinDelayMinMs = 500;
const rejoinDelayMaxMs = 5_000;

/** Applies the delays to verdicts as time goes by. */
export class ClusterHealth {
  readonly #isNewcomer: boolean;
  #startedMs = NEVER;
  #minorityMs = NEVER;

  /** `isNewcomer`: the node knew nobody when it started, so there is nobody who could have replaced it meanwhile. */
  constructor(isNewcomer: boolean) {
    this.#isNewcomer = isNewcomer;
  }

  /** The state from now on. `hadState` is the one until now. */
  decide(
    verdict: Verdict,
    hadState: ClusterStateName,
    nowMs: number,
    nodeTimeoutMs: number,
    isMaster: boolean,
  ): ClusterStateName {
    if (this.#startedMs === NEVER) this.#startedMs = nowMs;
    if (verdict.isInMinority) this.#minorityMs = nowMs;
    if (verdict.state === hadState || verdict.state === 'fail' || !isMaster) return verdict.state;
    if (!this.#isNewcomer && nowMs - this.#startedMs < writableDelayMs) return hadState;
    // Coming back from a minority: others may have taken our slots over, and must have the time to say so.
    const rejoinMs = Math.min(Math.max(nodeTimeoutMs, rejoinDelayMinMs), rejoinDelayMaxMs);
    return nowMs - this.#minorityMs < rejoinMs ? hadState : 'ok';
  }
}
