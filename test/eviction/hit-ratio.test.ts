import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestNode } from '../cluster/support/test-node.ts';
import { describeWith } from '../support/programs.ts';
import { compareHitRatios } from './support/hit-ratio.ts';

/** Longer runs spread the ages of keys over more seconds; `npm run bench:eviction` takes the numbers of docs/performance.md. */
describeWith(['redis-server'], 'hit ratio of a cache under Zipf reads', () => {
  const nodes: TestNode[] = [];
  beforeAll(async () => {
    nodes.push(await TestNode.start([], ['redis-server']), await TestNode.start());
  });
  afterAll(async () => {
    for (const node of nodes) await node.remove();
  });

  for (const policy of ['allkeys-lru', 'allkeys-lfu']) {
    test(`${policy}: within 2% of redis-server's`, async () => {
      const [theirs, ours] = await compareHitRatios(
        nodes.map((node) => node.port),
        { policy, keys: 50_000, resident: 5_000, warmup: 80_000, reads: 80_000, readsPerSecond: 16_000, seed: 1 },
      );
      expect(ours.keys / theirs.keys).toBeGreaterThan(0.9);
      expect(ours.keys / theirs.keys).toBeLessThan(1.1);
      expect(ours.hits).toBeGreaterThan(theirs.hits * 0.98);
    });
  }
});
