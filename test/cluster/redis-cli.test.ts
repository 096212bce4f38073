import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWith } from '../support/programs.ts';
import { spreadKeys } from './support/test-cluster.ts';
import { TestNode } from './support/test-node.ts';

const run = promisify(execFile);

/** What redis-cli prints, on both streams, whatever its exit code. */
async function cli(...args: string[]): Promise<string> {
  const { stdout, stderr } = await run('redis-cli', args, { timeout: 30_000 }).catch((error) => error);
  return `${stdout}${stderr}`.trim();
}

describeWith(['redis-cli'], 'redis-cli', () => {
  describe('against one node', () => {
    let node: TestNode;
    const at = (...args: string[]) => cli('-p', String(node.port), ...args);
    beforeAll(async () => {
      node = await TestNode.start();
    });
    afterAll(() => node?.remove());

    test('SET, GET, types of replies', async () => {
      expect(await at('SET', 'k', 'v')).toBe('OK');
      expect(await at('GET', 'k')).toBe('v');
      expect(await at('--no-raw', 'GET', 'absent')).toBe('(nil)');
      expect(await at('--no-raw', 'INCR', 'n')).toBe('(integer) 1');
      expect(await at('--no-raw', 'MGET', 'k', 'n')).toBe('1) "v"\n2) "1"');
      expect(await at('INCR', 'k')).toBe('ERR value is not an integer or out of range');
    });

    test('-3 speaks RESP3', async () => {
      expect(await at('-3', '--no-raw', 'CONFIG', 'GET', 'maxclients')).toMatch(/^1# "maxclients" => "\d+"$/);
      expect(await at('-3', '--no-raw', 'GET', 'absent')).toBe('(nil)');
      expect(await at('-3', '--no-raw', 'HELLO')).toContain('"proto" => (integer) 3');
    });

    test('--scan, --bigkeys, --pipe and -n work', async () => {
      expect(await at('-n', '3', 'SET', 'three', '3')).toBe('OK');
      expect(await at('-n', '3', '--scan')).toBe('three');
      expect(await at('-n', '3', '--bigkeys')).toContain('Biggest string found');
      const piped = new Promise<string>((resolve, reject) => {
        const child = execFile('redis-cli', ['-p', String(node.port), '--pipe'], (error, stdout) =>
          error === null ? resolve(stdout) : reject(error),
        );
        child.stdin!.end('*3\r\n$3\r\nSET\r\n$4\r\npipe\r\n$1\r\nx\r\n'.repeat(1000));
      });
      expect(await piped).toContain('errors: 0, replies: 1000');
    });

    test('INFO has its sections', async () => {
      expect(await at('INFO', 'server')).toMatch(/^redis_version:\d+\.\d+/m);
      expect(await at('INFO', 'everything')).toContain('# Keyspace');
    });
  });

  describe('against a cluster that it creates', () => {
    let nodes: TestNode[] = [];
    const addresses = () => nodes.map((node) => `127.0.0.1:${node.port}`);
    beforeAll(async () => {
      for (let i = 0; i < 3; i++) nodes.push(await TestNode.startForCluster());
    });
    afterAll(() => Promise.all(nodes.map((node) => node.remove())));

    test('--cluster create, without replicas', async () => {
      const output = await cli('--cluster', 'create', ...addresses(), '--cluster-replicas', '0', '--cluster-yes');
      expect(output).toContain('[OK] All nodes agree about slots configuration.');
      expect(output).toContain('[OK] All 16384 slots covered.');
    });

    test('--cluster check finds every slot covered', async () => {
      // Right after create a node may wait another moment before it calls the cluster ok; check asks only who owns what.
      const output = await cli('--cluster', 'check', addresses()[1]!);
      expect(output).toContain('[OK] All nodes agree about slots configuration.');
      expect(output).toContain('[OK] All 16384 slots covered.');
      expect(output).not.toContain('[ERR]');
    });

    test('--cluster info counts keys and slots', async () => {
      const output = await cli('--cluster', 'info', addresses()[0]!);
      expect(output).toContain('[OK] 0 keys in 3 masters.');
      expect(output.match(/5461 slots|5462 slots/g)).toHaveLength(3);
    });

    test('-c follows MOVED to all three nodes; without -c it shows it', async () => {
      const at = (...args: string[]) => cli('-c', '-p', String(nodes[0]!.port), ...args);
      for (const key of spreadKeys) expect(await at('SET', key, `v:${key}`)).toBe('OK');
      for (const key of spreadKeys) expect(await at('GET', key)).toBe(`v:${key}`);
      expect(await cli('-p', String(nodes[0]!.port), 'GET', 'foo')).toBe(`MOVED 12182 127.0.0.1:${nodes[2]!.port}`);
      expect(await at('-3', 'GET', 'foo')).toBe('v:foo');
      expect(await at('MSET', 'foo', '1', 'hello', '2')).toBe("CROSSSLOT Keys in request don't hash to the same slot");
      expect(await cli('--cluster', 'info', addresses()[0]!)).toContain('[OK] 6 keys in 3 masters.');
    });

    test('--cluster call reaches every node', async () => {
      const output = await cli('--cluster', 'call', addresses()[0]!, 'PING');
      expect(output.match(/PONG/g)).toHaveLength(3);
    });

    const idOf = (node: TestNode) => cli('-p', String(node.port), 'CLUSTER', 'MYID');
    /** Until all of the first `count` nodes, and no others, agree about all slots. */
    const untilAgreed = (count: number) =>
      expect
        .poll(() => cli('--cluster', 'check', addresses()[0]!), { timeout: 20_000, interval: 200 })
        .toSatisfy(
          (output: string) =>
            output.includes(`in ${count} masters.`) &&
            output.includes('[OK] All nodes agree about slots configuration.') &&
            output.includes('[OK] All 16384 slots covered.') &&
            !/\[ERR\]|\[WARNING\]/.test(output),
        );
    const reshard = (from: string, to: string, count: number) => {
      const which = ['--cluster-from', from, '--cluster-to', to, '--cluster-slots', String(count), '--cluster-yes'];
      return cli('--cluster', 'reshard', addresses()[0]!, ...which);
    };

    test('--cluster add-node takes one in, reshard gives it slots, del-node refuses it while it has them', async () => {
      nodes.push(await TestNode.startForCluster());
      const output = await cli('--cluster', 'add-node', addresses()[3]!, addresses()[0]!);
      expect(output).toContain('[OK] New node added correctly.');
      await untilAgreed(4);
      const [second, fourth] = [await idOf(nodes[1]!), await idOf(nodes[3]!)];
      // The first slots of the second node, which hold no keys.
      expect(await reshard(second, fourth, 10)).not.toMatch(/ERR|\*\*\*/);
      await untilAgreed(4);
      expect(await cli('-p', String(nodes[3]!.port), 'CLUSTER', 'NODES')).toMatch(
        /myself,master .* connected 5461-5470$/m,
      );
      expect(await cli('--cluster', 'del-node', addresses()[0]!, fourth)).toContain('is not empty! Reshard data away');
      await untilAgreed(4);
    });

    test('--cluster del-node takes an emptied node out: the others forget it, and it forgets them', async () => {
      const [second, fourth] = [await idOf(nodes[1]!), await idOf(nodes[3]!)];
      expect(await reshard(fourth, second, 10)).not.toMatch(/ERR|\*\*\*/);
      await untilAgreed(4);
      const output = await cli('--cluster', 'del-node', addresses()[0]!, fourth);
      expect(output).toContain(`Removing node ${fourth}`);
      expect(output).not.toContain('ERR');
      await untilAgreed(3);
      // Whoever still knows it does not bring it back by gossip.
      await sleep(3000);
      for (const { port } of nodes.slice(0, 3)) {
        expect(await cli('-p', String(port), 'CLUSTER', 'NODES')).not.toContain(fourth);
        expect(await cli('-p', String(port), 'CLUSTER', 'INFO')).toContain('cluster_known_nodes:3');
      }
      // A soft reset: it keeps its id, and knows nobody else.
      expect(await idOf(nodes[3]!)).toBe(fourth);
      expect(await cli('-p', String(nodes[3]!.port), 'CLUSTER', 'INFO')).toContain('cluster_known_nodes:1');
    });
  });
});
