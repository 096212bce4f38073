/** redis-py's ordinary use (redis_py_use.py), against one server and a cluster. */
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestCluster } from '../cluster/support/test-cluster.ts';
import { TestNode } from '../cluster/support/test-node.ts';
import { describeWhere } from '../support/programs.ts';

const script = join(import.meta.dirname, 'redis_py_use.py');

/** Debian's module belongs to Debian's interpreter, which need not be the first one of the path. */
const python = ['python3', '/usr/bin/python3'].find((program) => {
  try {
    execFileSync(program, ['-c', 'import redis'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

function use(port: number, name: string): Promise<{ code: number | string | null | undefined; output: string }> {
  return new Promise((resolve) => {
    execFile(python!, [script, String(port), name], { timeout: 50_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), output: stdout + stderr });
    });
  });
}

describeWhere(python === undefined ? 'python3 with redis-py (Debian: python3-redis)' : undefined, 'redis-py', () => {
  let node: TestNode;
  let servers: TestCluster;
  beforeAll(async () => {
    node = await TestNode.start();
    servers = await TestCluster.start();
  });
  afterAll(async () => {
    await node?.remove();
    await servers?.remove();
  });

  const cases = [
    'strings',
    'collections',
    'pipelines',
    'large_pipelines',
    'transactions',
    'scans',
    'pubsub',
    'streams',
    'blocking',
    'pools',
  ];
  test.each(cases)('%s', async (name) => {
    await node.ask('FLUSHALL');
    expect(await use(node.port, name)).toEqual({ code: 0, output: '' });
  });

  test('cluster', async () => {
    expect(await use(servers.ports[0]!, 'cluster')).toEqual({ code: 0, output: '' });
  });
});
