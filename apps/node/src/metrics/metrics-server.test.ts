import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { type RunningNode, startNode } from '../start-node.ts';

let node: RunningNode | undefined;
let client: Redis | undefined;
afterEach(async () => {
  client?.disconnect();
  await node?.close();
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve((address as { port: number }).port));
    });
  });
}

async function start(directives: Record<string, string | number | boolean> = {}): Promise<string> {
  const port = await freePort();
  node = await startNode({ directives: { 'metrics-port': port, ...directives } });
  client = new Redis(node.port);
  return `http://127.0.0.1:${port}`;
}

/** Value of a time series, by its whole name. */
function valueOf(page: string, series: string): number {
  const line = page.split('\n').find((text) => text.startsWith(`${series} `));
  return line === undefined ? Number.NaN : Number(line.slice(series.length + 1));
}

test('/metrics: what INFO tells, per command, per database and of the process', async () => {
  const url = await start();
  await client!.set('a', '1');
  await client!.get('a');
  await client!.get('b');
  await client!.select(2);
  await client!.set('c', '1', 'EX', 100);
  await client!.incr('c');
  await client!.lpush('c', 'x').catch(() => {});
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const page = await response.text();
  const expected = {
    redis_up: 1,
    'redis_commands_total{cmd="get"}': 2,
    'redis_commands_total{cmd="set"}': 2,
    'redis_commands_failed_calls_total{cmd="lpush"}': 1,
    'redis_errors_total{err="WRONGTYPE"}': 1,
    redis_keyspace_hits_total: 1,
    redis_keyspace_misses_total: 1,
    'redis_db_keys{db="db0"}': 1,
    'redis_db_keys{db="db2"}': 1,
    'redis_db_keys_expiring{db="db2"}': 1,
    redis_connected_clients: 1,
    redis_cluster_enabled: 0,
    redis_rdb_last_bgsave_status: 1,
    redis_aof_last_write_status: 1,
  };
  for (const [series, value] of Object.entries(expected))
    expect([series, valueOf(page, series)]).toEqual([series, value]);
  expect(page).toMatch(/redis_instance_info\{role="master",redis_version="7\.2\.0",/);
  expect(page).toMatch(/redis_latency_percentiles_usec\{cmd="get",quantile="0\.99"\} [\d.]+/);
  expect(valueOf(page, 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
  expect(page).toContain('nodejs_eventloop_lag_seconds');
  expect(page).not.toMatch(/NaN|undefined/);
});

test('/livez and /readyz; a cluster without slots is alive and not ready', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kvartz-metrics-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const ports = { port: await freePort(), 'cluster-port': await freePort() };
  const url = await start({ 'cluster-enabled': true, dir: folder, ...ports });
  expect(await (await fetch(`${url}/livez`)).text()).toBe('alive\n');
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, await ready.text()]).toEqual([503, 'cluster state is fail\n']);
  await client!.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200);
  expect(valueOf(await (await fetch(`${url}/metrics`)).text(), 'redis_cluster_slots_assigned')).toBe(16_384);
});

test('anything else is refused; the port is freed in the end', async () => {
  const url = await start();
  expect((await fetch(`${url}/`)).status).toBe(404);
  expect((await fetch(`${url}/metrics`, { method: 'POST', body: 'x' })).status).toBe(405);
  await node!.close();
  node = undefined;
  await expect(fetch(`${url}/livez`)).rejects.toThrow();
});

test('a port that is taken is an error of the start', async () => {
  const taken = createServer();
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port));
  });
  await expect(startNode({ directives: { 'metrics-port': port } })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  taken.close();
});
