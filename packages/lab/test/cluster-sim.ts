/**
 * Runs the fault scenario from the command line:
 *
 *   node packages/lab/test/cluster-sim.ts --seed 17 [--seeds 100] [--nodes 50] [--world core|shell] [--trace]
 */
import { parseArgs } from 'node:util';
import { runFaultScenario } from '../src/index.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    nodes: { type: 'string', default: '50' },
    world: { type: 'string', default: 'core' },
    trace: { type: 'boolean', default: false },
  },
});

const first = Number(values.seed);
let failures = 0;
for (let seed = first; seed < first + Number(values.seeds); seed++) {
  const startMs = performance.now();
  try {
    const { virtualMs, healedMs } = await runFaultScenario({
      seed,
      nodes: Number(values.nodes),
      world: values.world === 'shell' ? 'shell' : 'core',
      ...(values.trace && { trace: (line: string) => console.log(line) }),
    });
    const took = Math.round(performance.now() - startMs);
    console.log(
      `seed ${seed}: ok, ${Math.round(virtualMs)} ms virtual in ${took} ms, healed in ${Math.round(healedMs)} ms`,
    );
  } catch (error) {
    failures++;
    console.log(`seed ${seed}: ${(error as Error).message}`);
  }
}
process.exitCode = failures === 0 ? 0 : 1;
