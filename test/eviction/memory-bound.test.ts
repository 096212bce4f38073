import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Prng } from '@kvartz/base';
import { TestNode } from '../cluster/support/test-node.ts';
import { Pipeline } from '../conformance/support/pipeline.ts';
import { textOfReply } from '../conformance/support/reply.ts';

/** $KVARTZ_EVICTION_SECONDS: how long each load lasts. */
const seconds = Number(process.env['KVARTZ_EVICTION_SECONDS'] ?? 4);
const limitBytes = 100 * 2 ** 20;
const sizeMax = 65_536;
/** On a machine that is busy with other things a command may be let through when its time is up. */
const tolerance = 1.02;

/** Sizes of values, from a number in [0, 1). */
const loads: Record<string, (ratio: number) => number> = {
  'sizes of 10 bytes to 64 KiB, evenly': (ratio) => 10 + Math.floor(ratio * sizeMax),
  'as many small ones as large ones': (ratio) => Math.floor(10 * (sizeMax / 10) ** ratio),
  'small ones': (ratio) => 10 + Math.floor(ratio * 300),
};

/** One load follows the other: what one left behind in small blocks has to make room for large ones. */
describe('maxmemory 100mb under a load of writes', () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await TestNode.start(['--maxmemory', String(limitBytes), '--maxmemory-policy', 'allkeys-lru']);
  });
  afterAll(() => node?.remove());

  for (const [policy, name] of [
    ['allkeys-lru', 'sizes of 10 bytes to 64 KiB, evenly'],
    ['allkeys-lfu', 'as many small ones as large ones'],
    ['allkeys-random', 'small ones'],
    ['volatile-ttl', 'as many small ones as large ones'],
  ] as const) {
    test(
      `${policy}, ${name}: the arena stays below, and no write is refused`,
      async () => {
        const pipeline = await Pipeline.connect(node.port);
        const random = new Prng(1);
        const ask = async (...words: string[]): Promise<string> => textOfReply((await pipeline.send([words]))[0]);
        await ask('CONFIG', 'SET', 'maxmemory-policy', policy);
        const sizeOf = loads[name];
        const text = 'x'.repeat(sizeMax + 10);
        const end = performance.now() + seconds * 1000;
        let most = 0;
        let bytes = 0;
        for (let i = 0; bytes < 3 * limitBytes || performance.now() < end; i++) {
          const requests = Array.from({ length: 32 }, () => {
            const size = sizeOf(random.ratio());
            bytes += size;
            return ['SET', `key:${random.uint32()}`, text.slice(0, size), 'EX', '10000'];
          });
          for (const reply of await pipeline.send(requests)) expect(reply.head).toBe('+OK\r\n');
          if (i % 32 !== 0) continue;
          const resident = Number(/allocator_resident:(\d+)/.exec(await ask('INFO', 'memory'))?.[1]);
          most = Math.max(most, resident);
          expect(resident).toBeLessThanOrEqual(limitBytes * tolerance);
          if (performance.now() > end && bytes > limitBytes) break;
        }
        // Nor is half of it left unused.
        expect(most).toBeGreaterThan(limitBytes * 0.9);
        const info = await ask('INFO', 'everything');
        expect(Number(/used_memory:(\d+)/.exec(info)?.[1])).toBeGreaterThan(limitBytes * 0.8);
        expect(Number(/evicted_keys:(\d+)/.exec(info)?.[1])).toBeGreaterThan(0);
        pipeline.close();
      },
      (seconds + 60) * 1000,
    );
  }
});
