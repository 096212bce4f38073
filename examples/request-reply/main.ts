/**
 * node examples/request-reply/main.ts lists|streams|pub-sub [--url redis://127.0.0.1:7000] [--role demo|worker|caller]
 *     [--workers 3] [--calls 100] [--work-ms 0] [--timeout-ms 10000]
 *
 * `demo` runs workers and a caller in one process; with `worker` and `caller` they are processes of their own, on as many
 * machines as you like. A job is a number; its result is the sum of its digits.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { lists } from './lists.ts';
import { pubSub } from './pub-sub.ts';
import type { RequestReply, Worker } from './request-reply.ts';
import { streams } from './streams.ts';

const kinds: Readonly<Record<string, RequestReply>> = { lists, streams, 'pub-sub': pubSub };

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string', default: 'redis://127.0.0.1:6379' },
    role: { type: 'string', default: 'demo' },
    workers: { type: 'string', default: '3' },
    calls: { type: 'string', default: '100' },
    'work-ms': { type: 'string', default: '0' },
    'timeout-ms': { type: 'string', default: '10000' },
  },
});
const [kind = 'lists'] = positionals;
const requestReply = kinds[kind];
if (requestReply === undefined) throw new Error(`lists, streams or pub-sub, not ${kind}`);

const redis = new Redis(values.url);

async function sumOfDigits(body: string): Promise<string> {
  await sleep(Number(values['work-ms']));
  console.log(`working on ${body}`);
  return String([...body].reduce((sum, digit) => sum + Number(digit), 0));
}

async function callAll(): Promise<void> {
  const caller = await requestReply!.openCaller(redis);
  const count = Number(values.calls);
  const startMs = performance.now();
  const bodies = Array.from({ length: count }, (_, i) => String(1000 + i * 7));
  const results = await Promise.all(bodies.map((body) => caller.call(body, Number(values['timeout-ms']))));
  const wrong = results.filter((result, i) => result !== String([...bodies[i]!].reduce((a, b) => a + Number(b), 0)));
  const ms = Math.round(performance.now() - startMs);
  console.log(`${count} calls answered, ${wrong.length} of them wrong, in ${ms} ms`);
  caller.close();
}

function startWorkers(count: number): Worker[] {
  return Array.from({ length: count }, (_, i) => {
    return requestReply!.startWorker(redis, `worker-${process.pid}-${i}`, sumOfDigits);
  });
}

if (values.role === 'caller') await callAll();
else {
  const workers = startWorkers(values.role === 'worker' ? 1 : Number(values.workers));
  if (values.role === 'worker') {
    console.log('ready');
    await new Promise((resolve) => process.once('SIGTERM', resolve));
  } else {
    await sleep(200); // subscribers have subscribed by then
    await callAll();
  }
  await Promise.all(workers.map((worker) => worker.stop()));
}
redis.disconnect();
