import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestNode } from '../cluster/support/test-node.ts';
import { group, stream } from './support/queue.ts';

const workerCount = 10;
const jobCount = 1600;
const batch = 20;
const killEveryMs = 200;

/** Processes of consumers, each with a name that nobody else has had. */
class Crew {
  readonly killed = new Set<string>();
  readonly #port: number;
  readonly #workers: { readonly name: string; readonly child: ChildProcess }[] = [];
  #serial = 0;

  constructor(port: number) {
    this.#port = port;
  }

  hire(place = this.#workers.length): void {
    const name = `worker-${++this.#serial}`;
    const program = join(import.meta.dirname, 'support/worker.ts');
    const child = spawn(process.execPath, [program, String(this.#port), name], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.#workers[place] = { name, child };
  }

  /** Kills one, wherever it is in its work, and lets another take its place. */
  async replaceOne(): Promise<void> {
    const place = Math.floor(Math.random() * this.#workers.length);
    await this.#kill(place);
    this.hire(place);
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.#workers.map((_, place) => this.#kill(place)));
  }

  async #kill(place: number): Promise<void> {
    const { child, name } = this.#workers[place]!;
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${name} has ended by itself`);
    this.killed.add(name);
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}

let node: TestNode;
let redis: Redis;
let crew: Crew;
beforeAll(async () => {
  node = await TestNode.start();
  redis = new Redis({ port: node.port });
  crew = new Crew(node.port);
});
afterAll(async () => {
  await crew?.dismiss();
  redis?.disconnect();
  await node?.remove();
});

/** Adds jobs for as long as workers are killed. */
async function produce(): Promise<void> {
  for (let job = 0; job < jobCount; job += batch) {
    const pipeline = redis.pipeline();
    for (let i = job; i < job + batch; i++) pipeline.xadd(stream, '*', 'job', String(i));
    await pipeline.exec();
    await sleep(50);
  }
}

/** What XINFO says of the group. */
async function groupFacts(): Promise<Map<string, unknown>> {
  const [pairs] = (await redis.xinfo('GROUPS', stream)) as [unknown[]];
  return new Map(pairs.flatMap((name, i) => (i % 2 === 0 ? [[String(name), pairs[i + 1]]] : [])));
}

test('ten workers that are killed at random do all work, and twice only what a dead one had', async () => {
  await redis.xgroup('CREATE', stream, group, '0', 'MKSTREAM');
  for (let i = 0; i < workerCount; i++) crew.hire();
  let isProducing = true;
  const produced = produce().finally(() => (isProducing = false));
  while (isProducing) {
    await sleep(killEveryMs);
    await crew.replaceOne();
  }
  await produced;
  // All have been given out, and all of them acknowledged.
  const done = { 'entries-read': jobCount, lag: 0, pending: 0 };
  const waiting = { timeout: 30_000, interval: 50 };
  await expect.poll(async () => Object.fromEntries(await groupFacts()), waiting).toMatchObject(done);

  // Nothing is lost.
  const results = await redis.hgetall('results');
  expect(Object.keys(results)).toHaveLength(jobCount);

  // Nothing went to two consumers, but for what the first one could not finish: it died, or kept it for too long.
  const late = new Set(await redis.smembers('late'));
  const owners = new Map<string, string[]>();
  for (const line of await redis.lrange('log', 0, -1)) {
    const [id, name] = line.split(' ') as [string, string];
    owners.set(id, [...(owners.get(id) ?? []), name]);
  }
  const unexplained = [...owners].filter(([id, names]) => {
    return names.slice(0, -1).some((name) => !crew.killed.has(name)) && !late.has(id);
  });
  expect(unexplained).toEqual([]);
  const repeated = [...owners.values()].filter(({ length }) => length > 1).length;
  expect(repeated).toBeGreaterThan(0);

  // A job is done again only where its entry was delivered again.
  const again = Object.values(results).reduce((sum, count) => sum + Number(count) - 1, 0);
  expect(again).toBeLessThanOrEqual(repeated + late.size);
  expect(await redis.xlen(stream)).toBe(jobCount);
});
