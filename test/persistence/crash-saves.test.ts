import { expect, test } from 'vitest';
import { CrashLane } from './support/crash-lane.ts';

const kills = process.env['CI'] === 'true' ? 50 : 10;

test(`a server that is killed ${kills} times comes back with its last save or a later one`, async () => {
  const lane = await CrashLane.start({
    seed: 11,
    promised: 'saved',
    directives: ['--save', '', '--appendonly', 'no'],
    disturbances: ['BGSAVE', 'SAVE'],
  });
  await lane.run(kills);
  expect(lane.kills).toBe(kills);
  expect(lane.acknowledged).toBeGreaterThan(0);
}, 600_000);
