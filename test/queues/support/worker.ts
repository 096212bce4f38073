/** One consumer of the group `workers`: `node worker.ts <port> <name>`. It works until it is killed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { group, leaseMs, type Entry, stream } from './queue.ts';

const [port, name] = process.argv.slice(2);
const redis = new Redis({ port: Number(port), lazyConnect: true });
await redis.connect();

for (;;) {
  const [, claimed] = (await redis.xautoclaim(stream, group, name!, leaseMs, '0', 'COUNT', 5)) as [string, Entry[]];
  await work(claimed);
  const read = ['GROUP', group, name!, 'COUNT', 5, 'BLOCK', 100, 'STREAMS', stream, '>'];
  const replies = (await redis.call('xreadgroup', ...read)) as [string, Entry[]][] | null;
  await work(replies?.[0]![1] ?? []);
}

/** Says what it has got, takes a moment for each entry, and acknowledges it together with its result. */
async function work(entries: Entry[]): Promise<void> {
  if (entries.length === 0) return;
  const startMs = performance.now();
  await redis.rpush('log', ...entries.map(([id]) => `${id} ${name}`));
  for (const [id, [, job]] of entries) {
    await sleep(Math.random() * 4);
    const isLate = performance.now() - startMs > leaseMs / 2;
    const transaction = redis.multi().xack(stream, group, id).hincrby('results', job!, 1);
    if (isLate) transaction.sadd('late', id);
    await transaction.exec();
  }
}
