import { expect, test } from 'vitest';
import { CrashLane, type LaneOptions } from './support/crash-lane.ts';

const [kills, killsOfCommands] = process.env['CI'] === 'true' ? [60, 30] : [12, 6];
const options: LaneOptions = {
  seed: 21,
  promised: 'acknowledged',
  directives: ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--auto-aof-rewrite-min-size', '256kb'],
  disturbances: ['BGREWRITEAOF', 'BGSAVE'],
};

test(`a server with appendfsync always is killed ${kills} times and loses nothing that it acknowledged`, async () => {
  const lane = await CrashLane.start(options);
  await lane.run(kills);
  expect(lane.kills).toBe(kills);
  expect(lane.lost).toBe(0);
}, 600_000);

test(`the same with bases of commands, ${killsOfCommands} times`, async () => {
  const directives = [...options.directives, '--aof-use-rdb-preamble', 'no'];
  const lane = await CrashLane.start({ ...options, seed: 22, directives });
  await lane.run(killsOfCommands);
  expect(lane.kills).toBe(killsOfCommands);
  expect(lane.lost).toBe(0);
}, 600_000);
