import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster, Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { killLeftovers, kvartz, KvartzUp, KvartzUpUnderNpm } from './support/kvartz-up.ts';
import { spreadKeys } from './support/test-cluster.ts';
import { freeBasePort } from './support/test-node.ts';

let dir: string;
let port: number;
let flags: string[];
let single: string[]; // one node is enough for what concerns kvartz itself
beforeEach(async () => {
  dir = join(mkdtempSync(join(tmpdir(), 'kvartz-up-')), 'cluster');
  port = await freeBasePort(3);
  flags = ['--masters', '3', '--base-port', String(port), '--dir', dir];
  single = ['--masters', '1', ...flags.slice(2)];
});
afterEach(() => {
  killLeftovers();
  rmSync(join(dir, '..'), { recursive: true, force: true });
});

async function nodeIds(): Promise<string[]> {
  return Promise.all([0, 1, 2].map((i) => ask(port + i, 'CLUSTER', 'MYID')));
}

async function ask(at: number, ...command: [string, ...string[]]): Promise<string> {
  const redis = new Redis({ port: at, maxRetriesPerRequest: 1 });
  try {
    return String(await redis.call(...command));
  } finally {
    redis.disconnect();
  }
}

describe('kvartz up', () => {
  test('brings up a cluster, says how to connect, and serves all three nodes', async () => {
    const up = new KvartzUp(...flags);
    const output = await up.until(/Ctrl-C stops/);
    expect(output).toContain(
      `kvartz: ready, a cluster of 3 masters on ports ${port} to ${port + 2} (created in ${dir})`,
    );
    expect(output).toContain(`redis-cli -c -p ${port}`);
    expect(output).toContain(`new Redis.Cluster([{ host: '127.0.0.1', port: ${port} }])`);
    const cluster = new Cluster([{ host: '127.0.0.1', port }]);
    for (const key of spreadKeys) await cluster.set(key, `v:${key}`);
    for (const key of spreadKeys) expect(await cluster.get(key)).toBe(`v:${key}`);
    cluster.disconnect();
    for (let i = 0; i < 3; i++) expect(await ask(port + i, 'DBSIZE')).toBe('2');
    expect(up.nodes).toHaveLength(3);
    const status = await kvartz('cluster', 'status', '-p', String(port + 1));
    expect(status.match(/master +546[12] +[123] +2$/gm)).toHaveLength(3);
    expect(status).toMatch(/^0 a{21}\+b{20}\+c{21} 16383$/m);
    expect(existsSync(join(dir, `node-${port}`, 'nodes.conf'))).toBe(true);
    expect(readFileSync(join(dir, `node-${port}`, 'node.log'), 'utf8')).toContain('Ready to accept connections');
  });

  test('Ctrl-C ends it and every node, with exit code 0', async () => {
    const up = new KvartzUp(...flags);
    await up.until(/Ctrl-C stops/);
    const pids = up.nodes;
    up.interrupt();
    expect(await up.exit).toBe(0);
    expect(up.output).toContain('kvartz: SIGINT, stopping the nodes');
    expect(up.processes).toEqual([]); // waited for, not merely asked
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  for (const signal of ['SIGTERM', 'SIGHUP'] as const)
    test(`so does ${signal}`, async () => {
      const up = new KvartzUp(...single);
      await up.until(/Ctrl-C stops/);
      up.child.kill(signal);
      expect(await up.exit).toBe(0);
      expect(up.processes).toEqual([]);
    });

  test('a second Ctrl-C kills a node that does not end', async () => {
    const up = new KvartzUp(...single);
    await up.until(/Ctrl-C stops/);
    process.kill(up.nodes[0]!, 'SIGSTOP');
    up.interrupt();
    up.interrupt(); // still the same one, as npm passes it on
    await sleep(700);
    expect(up.processes).toHaveLength(2);
    up.interrupt();
    expect(await up.exit).toBe(0);
    expect(up.processes).toEqual([]);
  });

  test('Ctrl-C in the middle of the start leaves nothing, and the next start finishes the cluster', async () => {
    for (const delayMs of [250, 600]) {
      const up = new KvartzUp(...flags);
      await sleep(delayMs);
      up.interrupt();
      await up.exit;
      await up.untilNoProcessIsLeft();
    }
    const up = new KvartzUp(...flags);
    await up.until(/kvartz: ready, a cluster of 3 masters/);
  });

  test('kill -9 of kvartz leaves no node behind', async () => {
    const up = new KvartzUp(...flags);
    await up.until(/Ctrl-C stops/);
    expect(up.nodes).toHaveLength(3);
    up.child.kill('SIGKILL');
    await up.untilNoProcessIsLeft();
  });

  for (const signal of ['SIGTERM', 'SIGKILL'] as const)
    test(`nor does ${signal} of the shell in which npm runs it`, async () => {
      const up = new KvartzUpUnderNpm(...single);
      await up.until(/Ctrl-C stops/);
      up.child.kill(signal);
      await up.untilNoProcessIsLeft();
    });

  test('nor does kill -9 while the nodes are starting', async () => {
    for (const delayMs of [150, 300, 450]) {
      const up = new KvartzUp(...flags);
      await sleep(delayMs);
      up.child.kill('SIGKILL');
      await up.untilNoProcessIsLeft();
    }
  });

  test('the next start resumes the cluster: the same ids, the same slots; options may be left out', async () => {
    const first = new KvartzUp(...flags);
    await first.until(/Ctrl-C stops/);
    const ids = await nodeIds();
    const slots = await ask(port, 'CLUSTER', 'SLOTS');
    first.child.kill('SIGKILL'); // the hard way; restarts in order are in cluster-life.test.ts
    await first.untilNoProcessIsLeft();

    const second = new KvartzUp('--dir', dir);
    await second.until(`(resumed in ${dir})`);
    expect(await nodeIds()).toEqual(ids);
    expect(await ask(port, 'CLUSTER', 'SLOTS')).toBe(slots);
  });

  test('a taken port is named before anything is started, client and bus ports alike', async () => {
    const servers = [port + 1, port + 10_002].map((taken) => createServer().listen(taken, '127.0.0.1'));
    const up = new KvartzUp(...flags);
    expect(await up.exit).toBe(1);
    for (const server of servers) server.close();
    expect(up.output).toBe(
      `kvartz: ports ${port + 1} (clients of node ${port + 1}), ${port + 10_002} (cluster bus of node ${port + 2}) ` +
        'are taken by another process on 127.0.0.1; stop it, or choose other ports with --base-port. ' +
        'Nothing was started.\n',
    );
    expect(existsSync(dir)).toBe(false);
  });

  test('a second kvartz up over a running one says that the ports are taken', async () => {
    const first = new KvartzUp(...single);
    await first.until(/Ctrl-C stops/);
    const second = new KvartzUp(...single);
    expect(await second.exit).toBe(1);
    expect(second.output).toContain('taken by another process');
    expect(await ask(port, 'PING')).toBe('PONG');
  });

  test('the crash of one node is told with the end of its log; the others go on', async () => {
    const up = new KvartzUp(...flags);
    await up.until(/Ctrl-C stops/);
    const victim = Number(/process_id:(\d+)/.exec(await ask(port + 1, 'INFO', 'server'))![1]);
    process.kill(victim, 'SIGKILL');
    await up.until(`kvartz: node ${port + 1} ended (signal SIGKILL); the end of ${dir}/node-${port + 1}/node.log:`);
    await up.until(/Ready to accept connections/);
    await up.until(/start it again with: .* --port \d+ /);
    expect(await ask(port, 'PING')).toBe('PONG');
    up.interrupt();
    expect(await up.exit).toBe(0);
    expect(up.processes).toEqual([]);
  });

  test('a node that cannot start: its log is shown and nothing is left', async () => {
    const up = new KvartzUp(...flags, '--', '--maxclients', 'many');
    expect(await up.exit).toBe(1);
    expect(up.output).toMatch(/^kvartz: node \d+ (did not start|ended while the cluster was starting) \(code 1\)/);
    expect(up.output).toContain('maxclients');
    expect(up.processes).toEqual([]);
  });

  test('directives after -- reach every node', async () => {
    const up = new KvartzUp(...single, '--', '--maxclients', '123');
    await up.until(/Ctrl-C stops/);
    expect(await ask(port, 'CONFIG', 'GET', 'maxclients')).toContain('123');
  });
});
