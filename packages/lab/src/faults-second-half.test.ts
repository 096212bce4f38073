import { test } from 'vitest';
import { runSeeds } from './scenario.ts';

/** CI runs more. */
const seedsPerHalf = process.env['CI'] === 'true' ? 50 : 12;

// Two files, so that two processors share the work.
test(
  `50 nodes, ${seedsPerHalf} seeds: after all faults every node agrees on one owner per slot`,
  { timeout: 300_000 },
  () => runSeeds({ first: 51, count: seedsPerHalf }, { nodes: 50, world: 'core' }),
);
