import { expect, test } from 'vitest';
import type { PowerPolicy } from './support/power-case.ts';
import { runPowerCases, shareOf } from './support/power-cases.ts';

const file = 'test/persistence/power-cut-always.test.ts';
const policy: PowerPolicy = {
  promised: 'acknowledged',
  directives: { appendonly: true, appendfsync: 'always', 'auto-aof-rewrite-min-size': '4kb' },
  disturbances: ['BGREWRITEAOF', 'BGSAVE', 'BGREWRITEAOF'],
  thinkMs: 5,
};
const cases = shareOf(3000);
const casesOfCommands = shareOf(1500);

test(`always: no acknowledged write is lost with the power: ${cases} cases`, async () => {
  const report = await runPowerCases(file, policy, cases);
  expect(report.lost).toBe(0);
}, 600_000);

test(`always, bases of commands: no acknowledged write is lost with the power: ${casesOfCommands} cases`, async () => {
  const directives = { ...policy.directives, 'aof-use-rdb-preamble': false };
  const report = await runPowerCases(file, { ...policy, directives }, casesOfCommands);
  expect(report.lost).toBe(0);
}, 600_000);

test('a disk that syncs no file is found out', async () => {
  const spoiled: PowerPolicy = { ...policy, spoil: (volume) => void (volume.sync = () => {}) };
  await expect(runPowerCases(file, spoiled, 500)).rejects.toThrow(/POWER_CUT_SEED=/);
});

test('a disk that syncs no folder is found out', async () => {
  const spoiled: PowerPolicy = { ...policy, spoil: (volume) => void (volume.syncFolder = () => {}) };
  await expect(runPowerCases(file, spoiled, 500)).rejects.toThrow(/POWER_CUT_SEED=/);
});
