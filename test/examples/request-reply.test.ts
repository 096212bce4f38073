/** The programs of examples/request-reply as a reader would run them, against a real server. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Redis } from 'ioredis';
import { TestNode } from '../cluster/support/test-node.ts';

const main = join(resolve(import.meta.dirname, '../..'), 'examples/request-reply/main.ts');

let node: TestNode;
const running = new Set<ChildProcess>();
beforeAll(async () => {
  node = await TestNode.start();
});
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  const redis = new Redis(node.port);
  await redis.flushall();
  redis.disconnect();
});
afterAll(() => node?.remove());

interface Program {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output(): string;
}

function start(...args: readonly string[]): Program {
  const child = spawn(process.execPath, [main, ...args, '--url', `redis://127.0.0.1:${node.port}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((done) => {
    child.once('close', (code) => {
      running.delete(child);
      done(code);
    });
  });
  return { child, ended, output: () => output };
}

async function says(program: Program, text: string): Promise<void> {
  await expect.poll(program.output, { timeout: 20_000 }).toContain(text);
}

describe.each(['lists', 'streams', 'pub-sub'])('%s', (kind) => {
  test('a hundred calls, three workers', async () => {
    const demo = start(kind, '--calls', '100', '--workers', '3');
    expect([await demo.ended, demo.output()]).toEqual([
      0,
      expect.stringMatching(/100 calls answered, 0 of them wrong, in \d+ ms/),
    ]);
    expect(demo.output().match(/working on/g)).toHaveLength(100);
  });

  test('workers and callers in processes of their own', async () => {
    const workers = [start(kind, '--role', 'worker'), start(kind, '--role', 'worker')];
    for (const worker of workers) await says(worker, 'ready');
    if (kind === 'pub-sub') {
      const redis = new Redis(node.port);
      await expect.poll(() => redis.pubsub('NUMSUB', 'jobs'), { timeout: 20_000 }).toEqual(['jobs', 2]);
      redis.disconnect();
    }
    const callers = [start(kind, '--role', 'caller'), start(kind, '--role', 'caller')];
    for (const caller of callers) expect([await caller.ended, caller.output()]).toEqual([0, expect.anything()]);
    for (const worker of workers) worker.child.kill('SIGTERM');
    for (const worker of workers) expect(await worker.ended).toBe(0);
  });
});

test.each(['lists', 'streams'])('%s: another worker ends what a killed one has begun', async (kind) => {
  const first = start(kind, '--role', 'worker', '--work-ms', '60000');
  await says(first, 'ready');
  const caller = start(kind, '--role', 'caller', '--calls', '1', '--timeout-ms', '20000');
  const redis = new Redis(node.port);
  // The job has been taken when nobody waits for it any more.
  await expect
    .poll(async () => (kind === 'lists' ? await redis.keys('{jobs}:busy:*') : await pendingCount(redis)), {
      timeout: 20_000,
    })
    .toEqual(kind === 'lists' ? [expect.stringContaining('busy')] : 1);
  redis.disconnect();
  first.child.kill('SIGKILL');
  const second = start(kind, '--role', 'worker');
  expect([await caller.ended, caller.output()]).toEqual([0, expect.stringContaining('1 calls answered, 0 of them')]);
  expect(second.output()).toContain('working on 1000');
});

async function pendingCount(redis: Redis): Promise<unknown> {
  try {
    return ((await redis.xpending('{jobs}:stream', 'workers')) as [number])[0];
  } catch {
    return 0;
  }
}

test('pub-sub: without workers the caller learns it at once', async () => {
  const caller = start('pub-sub', '--role', 'caller', '--calls', '1');
  expect(await caller.ended).toBe(1);
  expect(caller.output()).toContain('no worker is listening');
});
