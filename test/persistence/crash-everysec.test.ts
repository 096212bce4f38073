import { expect, test } from 'vitest';
import { CrashLane } from './support/crash-lane.ts';

const kills = process.env['CI'] === 'true' ? 60 : 12;

test(`a server with appendfsync everysec is killed ${kills} times and loses nothing of two seconds ago`, async () => {
  const lane = await CrashLane.start({
    seed: 31,
    promised: 'two seconds',
    directives: [
      '--save',
      '',
      '--appendonly',
      'yes',
      '--appendfsync',
      'everysec',
      '--auto-aof-rewrite-min-size',
      '1mb',
    ],
    disturbances: ['BGREWRITEAOF', 'BGSAVE'],
  });
  await lane.run(kills);
  expect(lane.kills).toBe(kills);
}, 600_000);
