import { defineConfig } from 'vitest/config';

/**
 * Suites that mostly wait, for processes and timeouts: two files share the machine well. The others measure time or memory, or
 * keep two processors busy by themselves.
 */
const waiting = [
  'test/{clients,examples,packages,persistence,queues,replication}/**/*.test.ts',
  'test/cluster/!(hostile-requests|redis-benchmark).test.ts',
  'test/conformance/cluster-commands.test.ts',
  'test/eviction/hit-ratio.test.ts',
];

/**
 * Three projects: `unit` stands beside the modules and is fast; `processes` and `suites` (under test/) start real processes
 * and may take longer, and the files of `suites` run one at a time.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/{src,test}/**/*.test.ts', 'apps/*/{src,test}/**/*.test.ts', 'scripts/**/*.test.ts'],
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'processes',
          include: waiting,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'suites',
          include: ['test/**/*.test.ts'],
          exclude: waiting,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
