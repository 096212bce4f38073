export { CheckError, type Checker } from './checkers/checker.ts';
export { EpochsOnlyGrow } from './checkers/epochs-only-grow.ts';
export { FailNeedsMajority } from './checkers/fail-needs-majority.ts';
export { OneOwner } from './checkers/one-owner.ts';
export { ClusterSim, type ClusterSimOptions } from './cluster-sim.ts';
export { CoreWorld } from './core-world.ts';
export { Nemesis } from './nemesis.ts';
export { allCheckers, type FaultReport, type FaultScenario, runFaultScenario, runSeeds, SimError } from './scenario.ts';
export { ShellWorld } from './shell-world.ts';
export { playStory } from './story.ts';
export {
  fairWeather,
  type NetworkWeather,
  simBusPort,
  type SimNode,
  simPort,
  type SimWatcher,
  type SimWorld,
  type SimWorldOptions,
} from './sim-world.ts';
