import { test } from 'vitest';
import { runSeeds } from './scenario.ts';

// Two files, so that two processors share the work.
test('50 nodes, 50 seeds: after all faults every node agrees on one owner per slot', { timeout: 300_000 }, () =>
  runSeeds({ first: 51, count: 50 }, { nodes: 50, world: 'core' }),
);
