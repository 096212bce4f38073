import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/programs.ts';
import { blockingTurns, crowdSize } from './support/blocking-turns.ts';
import { CrowdPair } from './support/crowd-pair.ts';
import { groupTurns, withoutReasons } from './support/group-turns.ts';
import { streamTurns } from './support/stream-turns.ts';

/** CONFORMANCE_SEED begins elsewhere, CONFORMANCE_TURNS takes more. */
const firstSeed = Number(process.env['CONFORMANCE_SEED'] ?? 1);
const turnCount = Number(process.env['CONFORMANCE_TURNS'] ?? 3000);
const turnsOfSequence = 60;

for (const [what, turnsOf, shown] of [
  ['lists and sorted sets', blockingTurns, undefined],
  ['streams', streamTurns, undefined],
  ['consumer groups', groupTurns, withoutReasons],
] as const)
  describeWith(['redis-server'], `clients that block for ${what}`, () => {
    let pair: CrowdPair;
    beforeAll(async () => {
      pair = await CrowdPair.start(crowdSize, shown);
    });
    afterAll(() => pair?.remove());

    test('who is served what, and when, is as with redis-server', async () => {
      for (let i = 0; i < turnCount / turnsOfSequence; i++) {
        const seed = firstSeed + i;
        const turns = turnsOf(seed, turnsOfSequence);
        if ((await pair.compare(turns)) === undefined) continue;
        expect.unreachable(`CONFORMANCE_SEED=${seed}; ${await pair.explain(turns)}`);
      }
    });
  });
