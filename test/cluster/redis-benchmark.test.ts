import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/programs.ts';
import { TestCluster } from './support/test-cluster.ts';
import { TestNode } from './support/test-node.ts';

const run = promisify(execFile);
const benchmark = (...args: string[]) => run('redis-benchmark', [...args, '--csv'], { timeout: 60_000 });

describeWith(['redis-benchmark'], 'redis-benchmark', () => {
  let node: TestNode;
  let cluster: TestCluster;
  beforeAll(async () => {
    node = await TestNode.start();
    cluster = await TestCluster.start();
  });
  afterAll(async () => {
    await node?.remove();
    await cluster?.remove();
  });

  for (const [name, ...flags] of [
    ['plain'],
    ['pipelined, random keys', '-P', '16', '-r', '10000'],
    ['RESP3', '-3', '-P', '4'],
    ['large values', '-d', '65536', '-P', '4', '-r', '10'],
    ['a connection per command', '-k', '0', '-c', '20'],
  ])
    test(`${name}: every command it knows of strings`, async () => {
      const tests = 'ping_inline,ping_mbulk,set,get,incr,mset';
      const count = flags.includes('-k') || flags.includes('-d') ? '500' : '5000'; // those two take longer
      const { stdout } = await benchmark('-p', String(node.port), '-n', count, '-t', tests, ...flags);
      const rows = stdout.trim().split('\n').slice(1);
      expect(rows.map((row) => row.split(',')[0])).toEqual(
        ['PING_INLINE', 'PING_MBULK', 'SET', 'GET', 'INCR', 'MSET (10 keys)'].map((title) => `"${title}"`),
      );
      for (const row of rows) expect(Number(row.split(',')[1]!.replaceAll('"', ''))).toBeGreaterThan(0);
    });

  test('--cluster spreads the load over all masters', async () => {
    const port = String(cluster.ports[0]);
    const { stdout, stderr } = await benchmark(
      '--cluster',
      '-p',
      port,
      '-n',
      '20000',
      '-P',
      '8',
      '-r',
      '10000',
      '-t',
      'set,get',
    );
    expect(stderr).not.toMatch(/error/i);
    expect(stdout).toContain('"SET"');
    for (const server of cluster.nodes) expect(Number((await server.ask('DBSIZE')).slice(1))).toBeGreaterThan(500);
  });
});
