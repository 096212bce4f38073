import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWith } from '../support/programs.ts';
import { serverCommand } from '../support/server-command.ts';
import { RedisProcess } from './support/redis-process.ts';

const elements = 10_000;

async function fill({ client }: RedisProcess): Promise<void> {
  for (let from = 0; from < elements; from += 1000) {
    const pipeline = client.pipeline();
    for (let i = from; i < from + 1000; i++) {
      pipeline.rpush('list', `element ${i}`);
      pipeline.hset('hash', `field ${i}`, `value ${i}`);
      pipeline.sadd('set', `member ${i}`);
      pipeline.zadd('zset', i % 977, `member ${i}`);
      pipeline.xadd('stream', `${i + 1}-1`, 'field', `value ${i}`);
    }
    await pipeline.exec();
  }
}

/** Changes that meet the values before and behind the place that has been written. */
function change({ client }: RedisProcess, round: number): Promise<unknown> {
  const pipeline = client.pipeline();
  for (let i = round; i < elements; i += 97) {
    pipeline.lset('list', i % 5000, `changed ${i}`);
    pipeline.hset('hash', `field ${i}`, 'changed');
    pipeline.srem('set', `member ${i}`);
    pipeline.zincrby('zset', i % 2 === 0 ? 300 : -300, `member ${i}`);
    pipeline.xdel('stream', `${i + 1}-1`);
  }
  pipeline.ltrim('list', 20, -20);
  pipeline.xtrim('stream', 'MAXLEN', elements - round * 100);
  pipeline.zremrangebyrank('zset', 0, 20);
  pipeline.spop('set', 50);
  if (round === 5) pipeline.del('hash');
  return pipeline.exec();
}

describeWith(['redis-server'], 'BGSAVE of large values that change meanwhile', () => {
  test('redis-server loads them as they were when it began', async () => {
    const ours = await RedisProcess.of(serverCommand(), ['--save', '']);
    try {
      await fill(ours);
      const digest = await ours.digest();
      await ours.client.bgsave();
      for (let round = 0; round < 10; round++) await change(ours, round);
      await expect
        .poll(async () => String(await ours.client.info('persistence')))
        .toContain('rdb_bgsave_in_progress:0');
      expect(await ours.digest()).not.toBe(digest);
      const theirs = await RedisProcess.start([], readFileSync(join(ours.folder, 'dump.rdb')));
      try {
        expect(await theirs.digest()).toBe(digest);
      } finally {
        await theirs.stop();
      }
    } finally {
      await ours.stop();
    }
  });
});
