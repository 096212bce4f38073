import type { Message } from '@kvartz/cluster';
import type { ClusterSim } from '../cluster-sim.ts';
import type { SimNode, SimWatcher } from '../sim-world.ts';

/** What a run has shown to be wrong. */
export class CheckError extends Error {
  override readonly name = 'CheckError';
  readonly code = 'ERR_CHECK';
}

/**
 * Watches a run from outside and throws a CheckError when something is wrong. Checkers share no code with what they check
 * beyond the types of what they look at, and keep their own memory of what they have seen.
 */
export interface Checker {
  /** A process has taken up what it found on its disk. */
  started?(sim: ClusterSim, node: SimNode): void;
  /** Every 50 ms of virtual time. */
  look?(sim: ClusterSim): void;
  event?(sim: ClusterSim, node: SimNode, event: Parameters<SimWatcher['event']>[1]): void;
  /** A message has arrived. */
  message?(sim: ClusterSim, to: SimNode, message: Message): void;
  /** Once, when the faults are over and the cluster has had the time to heal. */
  end?(sim: ClusterSim): void;
}
