import { deepEqual, equal, notEqual, ok, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { type Checker, CheckError } from './checkers/checker.ts';
import { ClusterSim } from './cluster-sim.ts';
import { allCheckers, runFaultScenario, runSeeds } from './scenario.ts';

describe('with the shipping bus, bytes and disks', () => {
  test('7 nodes, 12 seeds: after all faults every node agrees on one owner per slot', { timeout: 300_000 }, () =>
    runSeeds({ first: 1, count: 12 }, { nodes: 7, world: 'shell' }),
  );

  test('5 nodes with a secret, 4 seeds', { timeout: 300_000 }, () =>
    runSeeds({ first: 100, count: 4 }, { nodes: 5, world: 'shell', secret: Buffer.from('sesame') }),
  );

  test('30 nodes meet and agree', { timeout: 300_000 }, async () => {
    const sim = new ClusterSim({ seed: 1, nodes: 30, world: 'shell', checkers: allCheckers() });
    await sim.create();
    sim.checkEnd();
  });
});

for (const world of ['core', 'shell'] as const) {
  test(`the same seed gives the same run, line by line (${world})`, { timeout: 300_000 }, async () => {
    const traceOf = async (seed: number): Promise<string[]> => {
      const lines: string[] = [];
      await runFaultScenario({ seed, nodes: 6, world, faultsMs: 5_000, trace: (line) => lines.push(line) });
      return lines;
    };
    const [first, second, other] = [await traceOf(24), await traceOf(24), await traceOf(25)];
    ok(first.length > 100);
    deepEqual(second, first);
    notEqual(other.join('\n'), first.join('\n'));
  });
}

test('a cluster that is formed is as one that was created', async () => {
  const sim = new ClusterSim({ seed: 3, nodes: 9, masters: 6, checkers: allCheckers() });
  await sim.form();
  sim.checkEnd();
  equal(sim.nodes[0].core?.config.voterCount, 6);
});

test('a failure says which line repeats it', async () => {
  await rejects(runFaultScenario({ seed: 42, nodes: 4, healMs: 0, faultsMs: 1_000 }), {
    name: 'SimError',
    message: /repeat it with: node packages\/lab\/test\/cluster-sim\.ts --seed 42 --nodes 4 --world core --trace$/,
  });
});

describe('in quiet times', () => {
  test('nobody suspects anybody, and a failure is known everywhere within two node timeouts', async () => {
    const nodeTimeoutMs = 2_000;
    let suspicions = 0;
    const counter: Checker = { event: (_sim, _node, { name }) => (suspicions += name === 'pfail' ? 1 : 0) };
    const sim = new ClusterSim({ seed: 5, nodes: 100, nodeTimeoutMs, checkers: [counter] });
    await sim.form();
    await sim.run(20_000);
    equal(suspicions, 0);
    const victim = sim.nodes[17].core!.config.myId;
    sim.nodes[17].crash();
    const isKnown = (): boolean =>
      sim.nodes.every(({ core }) => core === undefined || core.config.nodes.get(victim)!.health === 'fail');
    await sim.runUntil(isKnown, { limitMs: 2 * nodeTimeoutMs });
  });

  test('stalls of half a node timeout make nobody fail', async () => {
    let failures = 0;
    const counter: Checker = { event: (_sim, _node, { name }) => (failures += name === 'fail' ? 1 : 0) };
    const sim = new ClusterSim({ seed: 6, nodes: 5, nodeTimeoutMs: 2_000, checkers: [counter] });
    await sim.form();
    for (let i = 0; i < 30; i++) {
      const node = sim.nodes[i % 5];
      node.pause();
      await sim.run(1_000);
      node.resume();
      await sim.run(100);
    }
    equal(failures, 0);
  });
});

test('a checker that finds something ends the run', async () => {
  const grump: Checker = {
    look: (sim) => {
      if (sim.world.nowMs > 3_000) throw new CheckError('late');
    },
  };
  const sim = new ClusterSim({ seed: 1, nodes: 3, checkers: [grump] });
  await sim.form();
  await rejects(sim.run(3_000), CheckError);
});
