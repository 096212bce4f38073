import { expect, test } from 'vitest';
import type { PowerPolicy } from './support/power-case.ts';
import { runPowerCases, shareOf } from './support/power-cases.ts';

const file = 'test/persistence/power-cut-saves.test.ts';
const policy: PowerPolicy = { promised: 'saved', directives: {}, disturbances: ['SAVE', 'BGSAVE'], thinkMs: 5 };
const cases = shareOf(2500);

test(`a node that loses power comes back with its last save or a later one: ${cases} cases`, async () => {
  const report = await runPowerCases(file, policy, cases);
  expect(report.cuts).toBeGreaterThanOrEqual(report.cases);
  expect(report.lost).toBeGreaterThan(0);
}, 600_000);

test('a disk that syncs no file is found out', async () => {
  const spoiled: PowerPolicy = { ...policy, spoil: (volume) => void (volume.sync = () => {}) };
  await expect(runPowerCases(file, spoiled, 500)).rejects.toThrow(/POWER_CUT_SEED=/);
});

test('a disk that syncs no folder is found out', async () => {
  const spoiled: PowerPolicy = { ...policy, spoil: (volume) => void (volume.syncFolder = () => {}) };
  await expect(runPowerCases(file, spoiled, 500)).rejects.toThrow(/writes from \d+ on are missing/);
});
