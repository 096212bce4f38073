import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/programs.ts';
import type { Turn } from './support/crowd.ts';
import { CrowdPair } from './support/crowd-pair.ts';
import { trackingScenes } from './support/tracking-scenes.ts';
import { trackingTurns } from './support/tracking-turns.ts';

/** CONFORMANCE_SEED begins elsewhere, CONFORMANCE_TURNS takes more. */
const firstSeed = Number(process.env['CONFORMANCE_SEED'] ?? 1);
const turnCount = Number(process.env['CONFORMANCE_TURNS'] ?? 3000);
const turnsOfSequence = 60;
const crowdSize = 4;

describeWith(['redis-server'], 'client-side caching', () => {
  let pair: CrowdPair;
  beforeAll(async () => {
    pair = await CrowdPair.start(crowdSize, shown);
  });
  afterAll(() => pair?.remove());

  for (const [name, scene] of Object.entries(trackingScenes)) {
    test(`${name}: as with redis-server`, async () => {
      const turns = turnsOf(scene);
      const difference = await pair.compare(turns);
      const line = difference && scene.trim().split('\n')[difference.index];
      expect(difference?.ours, line).toEqual(difference?.theirs);
    });
  }

  test('random turns: who is told of what, and when, is as with redis-server', async () => {
    for (let i = 0; i < turnCount / turnsOfSequence; i++) {
      const seed = firstSeed + i;
      const turns = trackingTurns(seed, turnsOfSequence, crowdSize);
      if ((await pair.compare(turns)) === undefined) continue;
      expect.unreachable(`CONFORMANCE_SEED=${seed}; ${await pair.explain(turns)}`);
    }
  });
});

function turnsOf(scene: string): Turn[] {
  return scene
    .trim()
    .split('\n')
    .map((line) => {
      const [who, requests] = line.trim().split(/: ?/, 2);
      const texts = line.trim().slice(`${who}:`.length).trim();
      return {
        who: Number(who),
        requests: requests === undefined || texts === '' ? [] : texts.split('; ').map((one) => one.split(' ')),
      };
    });
}

/** Of replies that tell about the server or a connection, what is about tracking. */
function shown(reply: string): string {
  const line = / flags=(\w+) .* redir=(<id \d+>|\S+) /.exec(reply);
  if (line !== null) return `flags=${line[1]} redir=${line[2]}`;
  const facts = reply.match(/^tracking_\w+:\d+/gm);
  if (facts !== null) return facts.join(' ');
  // docs/differences.md: the null that says that all keys are gone.
  if (/invalidate\r\n(?:_|\$-1)\r\n$/.test(reply)) return reply.replace(/(?:_|\$-1)\r\n$/, 'null');
  return reply.startsWith('%7\r\n$6\r\nserver') || reply.startsWith('*14\r\n$6\r\nserver') ? 'HELLO' : reply;
}
