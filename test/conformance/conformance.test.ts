import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestNode } from '../cluster/support/test-node.ts';
import { describeWith } from '../support/programs.ts';
import { Differential } from './support/differential.ts';
import { Generator } from './support/generator.ts';
import { Pipeline, type Request } from './support/pipeline.ts';
import { script } from './support/script.ts';
import { shrink } from './support/shrink.ts';

/** CONFORMANCE_SEED begins elsewhere, CONFORMANCE_COMMANDS sends more (in each protocol). */
const givenSeed = process.env['CONFORMANCE_SEED'];
const commandCount = Number(process.env['CONFORMANCE_COMMANDS'] ?? (process.env['CI'] === 'true' ? 110_000 : 20_000));
/** Each begins with empty servers and a seed of its own. */
const sequenceLength = 150;

const usualLimits = {};
const lowLimits = {
  'hash-max-listpack-entries': '4',
  'list-max-listpack-size': '3',
  'set-max-intset-entries': '3',
  // Redis 7.0 has no such directive, and no such sets.
  'set-max-listpack-entries': '3',
  'stream-node-max-entries': '3',
  'zset-max-listpack-entries': '4',
};

describeWith(['redis-server'], 'conformance', () => {
  let ours: TestNode;
  let theirs: TestNode;
  beforeAll(async () => {
    ours = await TestNode.start();
    theirs = await TestNode.start([], ['redis-server']);
  });
  afterAll(async () => {
    await ours?.remove();
    await theirs?.remove();
  });

  for (const [protocol, usualSeed, limits] of [
    ['2', 1, usualLimits],
    // So that collections of a few elements are large ones.
    ['3', 1_000_001, lowLimits],
  ] as const)
    test(`RESP${protocol}: random commands are answered as redis-server answers them`, async () => {
      const pipelines = await Promise.all([Pipeline.connect(ours.port), Pipeline.connect(theirs.port)]);
      const settings = Object.entries(limits).map(([name, value]) => ['CONFIG', 'SET', name, value]);
      for (const pipeline of pipelines) await pipeline.send([['HELLO', protocol], ...settings]);
      const differential = new Differential(...pipelines);
      const sequenceCount = Math.ceil(commandCount / sequenceLength);
      for (let i = 0; i < sequenceCount; i++) {
        const seed = Number(givenSeed ?? usualSeed) + i;
        const requests = new Generator(seed).sequence(sequenceLength);
        const difference = await differential.compare(requests).catch((error: Error) => {
          const lines = [`CONFORMANCE_SEED=${seed}, RESP${protocol}: ${error.message}`, script(requests), ours.output];
          throw new Error(lines.join('\n'), { cause: error });
        });
        if (difference !== undefined) await explain(differential, requests, seed, protocol);
      }
      for (const pipeline of pipelines) pipeline.close();
    });
});

async function explain(
  differential: Differential,
  requests: readonly Request[],
  seed: number,
  protocol: string,
): Promise<never> {
  const shortest = await shrink(requests, async (part) => (await differential.compare(part)) !== undefined);
  const difference = await differential.compare(shortest);
  const lines = [
    `CONFORMANCE_SEED=${seed}, RESP${protocol}`,
    script(shortest),
    difference === undefined ? 'gone when repeated: a matter of timing' : `after them: ${script([difference.request])}`,
    `kvartz: ${JSON.stringify(difference?.ours)}`,
    `redis:  ${JSON.stringify(difference?.theirs)}`,
  ];
  return expect.unreachable(lines.join('\n')) as never;
}
