import { setTimeout as sleep } from 'node:timers/promises';
import { TestNode } from './test-node.ts';

const slotCount = 16_384;
const agreeTimeoutMs = 30_000;

/** Two keys for each of three masters with equal shares; their slots are 866, 5061, 6657, 7365, 12182 and 15495. */
export const spreadKeys = ['hello', 'bar', 'key:1', 'c', 'foo', 'a'] as const;

/** Masters in processes of their own, formed with the commands that any tool would send. */
export class TestCluster {
  readonly nodes: readonly TestNode[];

  private constructor(nodes: readonly TestNode[]) {
    this.nodes = nodes;
  }

  static async start(masters = 3, directives: readonly string[] = []): Promise<TestCluster> {
    const nodes: TestNode[] = [];
    try {
      for (let i = 0; i < masters; i++) nodes.push(await TestNode.startForCluster(directives));
      for (const [index, node] of nodes.entries()) {
        const [first, last] = [index, index + 1].map((share) => Math.floor((share * slotCount) / masters));
        await expectOk(node, 'CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
        await expectOk(node, 'CLUSTER', 'ADDSLOTSRANGE', String(first), String(last! - 1));
      }
      for (const node of nodes.slice(1)) await expectOk(nodes[0]!, 'CLUSTER', 'MEET', '127.0.0.1', String(node.port));
      const cluster = new TestCluster(nodes);
      await cluster.untilState('ok');
      return cluster;
    } catch (error) {
      await Promise.all(nodes.map((node) => node.remove()));
      throw error;
    }
  }

  get ports(): number[] {
    return this.nodes.map((node) => node.port);
  }

  /** Addresses as both ioredis and node-redis take them. */
  get addresses(): { host: string; port: number }[] {
    return this.ports.map((port) => ({ host: '127.0.0.1', port }));
  }

  /** Until every running node reports the state, and, for `ok`, knows all others and all slots. */
  async untilState(state: 'ok' | 'fail', nodes = this.nodes.filter((node) => node.isRunning)): Promise<void> {
    const deadline = performance.now() + agreeTimeoutMs;
    for (;;) {
      const infos = await Promise.all(nodes.map((node) => node.ask('CLUSTER', 'INFO')));
      const missing = infos.find((info) => !isInState(info, state, this.nodes.length));
      if (missing === undefined) return;
      if (performance.now() > deadline)
        throw new Error(`no cluster_state:${state} after ${agreeTimeoutMs} ms:\n${missing}`);
      await sleep(20);
    }
  }

  async remove(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.remove()));
  }
}

function isInState(info: string, state: 'ok' | 'fail', nodeCount: number): boolean {
  if (!info.includes(`cluster_state:${state}\r\n`)) return false;
  return (
    state === 'fail' ||
    (info.includes(`cluster_known_nodes:${nodeCount}\r\n`) && info.includes('cluster_slots_ok:16384\r\n'))
  );
}

async function expectOk(node: TestNode, ...command: string[]): Promise<void> {
  const reply = await node.ask(...command);
  if (reply !== '+OK') throw new Error(`${command.join(' ')} was answered with ${reply}`);
}
