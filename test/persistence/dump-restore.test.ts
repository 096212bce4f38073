import { expect, test } from 'vitest';
import { describeWith } from '../support/programs.ts';
import { serverCommand } from '../support/server-command.ts';
import { fillDataSet } from './support/data-set.ts';
import { RedisProcess } from './support/redis-process.ts';

/** Encodings that come of other limits. */
const limits: [name: string, flags: string][] = [
  ['usual limits', ''],
  [
    'low limits',
    '--hash-max-listpack-entries 3 --set-max-intset-entries 3 --zset-max-listpack-entries 3 --list-max-listpack-size 2 --stream-node-max-entries 5',
  ],
];

describeWith(['redis-server'], 'DUMP and RESTORE', () => {
  test.each(limits)('payloads pass to redis-server and back: %s', async (_name, text) => {
    const flags = text.split(' ').filter((word) => word !== '');
    const theirs = await RedisProcess.start(flags);
    const ours = await RedisProcess.of(serverCommand(), flags);
    const back = await RedisProcess.start();
    try {
      await fillDataSet(theirs);
      const keys = (await theirs.call('keys', '*')) as Buffer[];
      for (const key of keys) {
        const digest = String(await theirs.call('debug', 'digest-value', key));
        const atMs = Math.max(0, Number(await theirs.call('pexpiretime', key)));
        const payload = (await theirs.call('dump', key)) as Buffer;
        expect(String(await ours.call('restore', key, atMs, payload, 'absttl')), String(key)).toBe('OK');
        const again = (await ours.call('dump', key)) as Buffer;
        expect(String(await back.call('restore', key, atMs, again, 'absttl'))).toBe('OK');
        expect(String(await back.call('debug', 'digest-value', key)), String(key).slice(0, 40)).toBe(digest);
        const encoding = String(await ours.call('object', 'encoding', key));
        const expected = String(await theirs.call('object', 'encoding', key));
        expect(String(await ours.call('debug', 'digest-value', key)), String(key).slice(0, 40)).toBe(digest);
        // Sets and lists of Redis 7.2 may be listpacks.
        if (encoding !== 'listpack') expect(encoding, String(key).slice(0, 40)).toBe(expected);
      }
      await theirs.call('select', 3);
      await theirs.call('flushdb');
      expect(await ours.digest()).toBe(await theirs.digest());
    } finally {
      await Promise.all([theirs.stop(), ours.stop(), back.stop()]);
    }
  });
});
