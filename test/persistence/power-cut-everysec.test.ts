import { expect, test } from 'vitest';
import type { PowerPolicy } from './support/power-case.ts';
import { runPowerCases, shareOf } from './support/power-cases.ts';

const file = 'test/persistence/power-cut-everysec.test.ts';
const policy: PowerPolicy = {
  promised: 'two seconds',
  directives: { appendonly: true, appendfsync: 'everysec', 'auto-aof-rewrite-min-size': '4kb' },
  disturbances: ['BGREWRITEAOF', 'BGSAVE'],
  thinkMs: 600,
};
const cases = shareOf(3000);

test(`everysec: no write of two seconds ago is lost with the power: ${cases} cases`, async () => {
  const report = await runPowerCases(file, policy, cases);
  expect(report.lost).toBeGreaterThan(0);
}, 600_000);

test('a disk that syncs no file is found out', async () => {
  const spoiled: PowerPolicy = { ...policy, spoil: (volume) => void (volume.sync = () => {}) };
  await expect(runPowerCases(file, spoiled, 500)).rejects.toThrow(/POWER_CUT_SEED=/);
});
