import { expect, test } from 'vitest';
import { describeWith } from '../support/programs.ts';
import { CrashLane, type LaneOptions } from './support/crash-lane.ts';
import { acknowledgesBeforeWriting, losesOne, reordersClients, tearsTransaction, tell } from './support/lies.ts';

const command = ['redis-server'];
const appendOnly = ['--save', '', '--appendonly', 'yes', '--auto-aof-rewrite-min-size', '256kb'];
const always: LaneOptions = {
  seed: 1,
  promised: 'acknowledged',
  directives: [...appendOnly, '--appendfsync', 'always'],
  disturbances: ['BGREWRITEAOF', 'BGSAVE'],
  command,
};

describeWith(['redis-server'], 'the crash test, of redis-server', () => {
  for (const options of [
    always,
    { ...always, promised: 'two seconds', directives: [...appendOnly, '--appendfsync', 'everysec'] },
    { ...always, promised: 'saved', directives: ['--save', ''], disturbances: ['BGSAVE', 'SAVE'] },
  ] as const) {
    test(`finds that it keeps what it promises: ${options.promised}`, async () => {
      const lane = await CrashLane.start(options);
      await lane.run(10);
      expect(lane.kills).toBe(10);
    });
  }

  for (const [lie, message] of [
    [acknowledgesBeforeWriting, /writes from \d+ on are missing/],
    [losesOne, /without all that came before it: expected list/],
    [tearsTransaction, /without all that came before it: expected right/],
    [reordersClients, /writes from \d+ on are missing/],
  ] as const) {
    test(`finds the lie of a server that ${lie.name}`, async () => {
      const options: LaneOptions = { ...always, disturbances: [], afterKill: (folder) => tell(lie, folder) };
      const lane = await CrashLane.start(options);
      await expect(lane.run(10)).rejects.toThrow(message);
    });
  }

  test('finds the lie of a server that forgets one client, though it may forget', async () => {
    const lane = await CrashLane.start({
      ...always,
      promised: 'saved',
      disturbances: [],
      afterKill: (folder) => tell(reordersClients, folder),
    });
    await expect(lane.run(10)).rejects.toThrow(/is there without write \d+ of w\d, acknowledged/);
  });
});
