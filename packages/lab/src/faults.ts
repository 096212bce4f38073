import { runFaultScenario } from './scenario.ts';

/** Runs the scenario for each seed of a range; throws at the first that fails, with the line that repeats it. */
export async function runSeeds(
  range: { readonly first: number; readonly count: number },
  options: { readonly nodes: number; readonly world: 'core' | 'shell'; readonly secret?: Uint8Array },
): Promise<void> {
  for (let seed = range.first; seed < range.first + range.count; seed++) await runFaultScenario({ seed, ...options });
}
