import { dataCommands } from '@kvartz/commands';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestNode } from '../cluster/support/test-node.ts';
import { describeWith } from '../support/programs.ts';
import { blockingTurns, crowdSize } from './support/blocking-turns.ts';
import { Crowd, type Turn } from './support/crowd.ts';
import { script } from './support/script.ts';
import { shrink } from './support/shrink.ts';

/** CONFORMANCE_SEED begins elsewhere, CONFORMANCE_TURNS takes more. */
const firstSeed = Number(process.env['CONFORMANCE_SEED'] ?? 1);
const turnCount = Number(process.env['CONFORMANCE_TURNS'] ?? 3000);
const turnsOfSequence = 60;

interface Difference {
  /** Of the turn after which the servers differ. */
  readonly index: number;
  readonly ours: unknown;
  readonly theirs: unknown;
}

describeWith(['redis-server'], 'clients that block', () => {
  let ours: TestNode;
  let theirs: TestNode;
  beforeAll(async () => {
    const directives = ['--enable-debug-command', 'yes'];
    ours = await TestNode.start(directives);
    theirs = await TestNode.start(directives, ['redis-server']);
  });
  afterAll(async () => {
    await ours?.remove();
    await theirs?.remove();
  });

  /** Lets a crowd at each server take the same turns; who receives what must be the same after each. */
  async function compare(turns: readonly Turn[]): Promise<Difference | undefined> {
    const crowds = await Promise.all([ours.port, theirs.port].map((port) => Crowd.gather(port, crowdSize)));
    const both = <T>(act: (crowd: Crowd) => Promise<T>): Promise<T[]> => Promise.all(crowds.map(act));
    try {
      await both((crowd) => crowd.ask(['FLUSHALL']));
      for (const [index, turn] of turns.entries()) {
        const [our, their] = await both((crowd) => crowd.take(turn));
        if (JSON.stringify(our) !== JSON.stringify(their)) return { index, ours: our, theirs: their };
      }
      const [our, their] = await both((crowd) => crowd.ask(['DEBUG', 'DIGEST']));
      return our === their ? undefined : { index: turns.length - 1, ours: our, theirs: their };
    } finally {
      for (const crowd of crowds) crowd.close();
    }
  }

  const hasLists = dataCommands.some(({ fullName }) => fullName === 'rpush');
  test.runIf(hasLists)('who is served what, and when, is as with redis-server', async () => {
    for (let i = 0; i < turnCount / turnsOfSequence; i++) {
      const seed = firstSeed + i;
      const turns = blockingTurns(seed, turnsOfSequence);
      if ((await compare(turns)) === undefined) continue;
      const shortest = await shrink(turns, async (part) => (await compare(part)) !== undefined, 200);
      const difference = await compare(shortest);
      const lines = [
        `CONFORMANCE_SEED=${seed}; after turn ${difference?.index}, by connection:`,
        ...shortest.map(({ requests, who }) => `${who}: ${requests.length === 0 ? 'reconnects' : script(requests)}`),
        `kvartz: ${JSON.stringify(difference?.ours)}`,
        `redis:  ${JSON.stringify(difference?.theirs)}`,
      ];
      expect.unreachable(lines.join('\n'));
    }
  });
});
