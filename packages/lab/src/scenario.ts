import type { Checker } from './checkers/checker.ts';
import { EpochsOnlyGrow } from './checkers/epochs-only-grow.ts';
import { FailNeedsMajority } from './checkers/fail-needs-majority.ts';
import { OneOwner } from './checkers/one-owner.ts';
import { ClusterSim, type ClusterSimOptions } from './cluster-sim.ts';
import { Nemesis } from './nemesis.ts';

export interface FaultScenario extends Omit<ClusterSimOptions, 'checkers'> {
  /** How long faults happen, in virtual time. */
  readonly faultsMs?: number;
  readonly faultEveryMs?: number;
  /** How long the cluster may take to heal after the last fault. */
  readonly healMs?: number;
}

export interface FaultReport {
  readonly virtualMs: number;
  /** From the end of the faults until every node agrees. */
  readonly healedMs: number;
}

export function allCheckers(): Checker[] {
  return [new EpochsOnlyGrow(), new OneOwner(), new FailNeedsMajority()];
}

/** A failure, with the line that repeats it. */
export class SimError extends Error {
  override readonly name = 'SimError';
  readonly code = 'ERR_SIM';
}

/**
 * Makes a cluster, lets faults of all kinds happen to it, mends them, and expects every node to agree on one owner per
 * slot, on epochs, and on an `ok` state. Rejects with a SimError that says how to repeat the run.
 */
export async function runFaultScenario(scenario: FaultScenario): Promise<FaultReport> {
  const { faultsMs = 4_000, faultEveryMs = 150, healMs = 20_000, nodes, seed, world = 'core' } = scenario;
  const sim = new ClusterSim({ nodeTimeoutMs: 1_000, ...scenario, checkers: allCheckers() });
  try {
    // Getting to know one another takes half of the time that a run takes; one run in eight does it.
    if (seed % 8 === 0) await sim.create();
    else await sim.form();
    const nemesis = new Nemesis(sim);
    await nemesis.rage({ forMs: faultsMs, everyMs: faultEveryMs });
    await nemesis.mend();
    const mendedMs = sim.world.nowMs;
    await sim.runUntil(() => sim.isConverged(), { limitMs: healMs });
    sim.checkEnd();
    return { virtualMs: sim.world.nowMs, healedMs: sim.world.nowMs - mendedMs };
  } catch (error) {
    const repeat = `node packages/lab/test/cluster-sim.ts --seed ${seed} --nodes ${nodes} --world ${world} --trace`;
    throw new SimError(`${(error as Error).message}\nrepeat it with: ${repeat}`, { cause: error });
  }
}

/** The scenario for each seed of a range; rejects with the first SimError. */
export async function runSeeds(
  range: { readonly first: number; readonly count: number },
  scenario: Omit<FaultScenario, 'seed'>,
): Promise<void> {
  for (let seed = range.first; seed < range.first + range.count; seed++) await runFaultScenario({ ...scenario, seed });
}
