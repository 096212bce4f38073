import { SLOT_COUNT } from '@kvartz/router';
import { align } from './align.ts';
import { type ClusterNode, slotCountOf } from './cluster-nodes.ts';
import { clusterNodes } from './form-cluster.ts';
import { NodeClient } from './node-client.ts';

const barCells = 64;

/** What one node of a cluster knows of it, and what each node says of itself: a table, and a bar of slot owners. */
export async function clusterStatus(host: string, port: number): Promise<string> {
  const client = await NodeClient.connect(host, port);
  try {
    const nodes = (await clusterNodes(client)).toSorted((a, b) => a.port - b.port || a.host.localeCompare(b.host));
    const rows = await Promise.all(nodes.map((node, index) => row(node, letterOf(index), host)));
    const table = align([['', 'node', 'address', 'role', 'slots', 'epoch', 'keys'], ...rows]);
    return `${table}\n\n${slotBar(nodes)}`;
  } finally {
    client.close();
  }
}

async function row(node: ClusterNode, letter: string, host: string): Promise<string[]> {
  const role = [...node.flags].filter((flag) => flag !== 'myself').join(',');
  const address = `${node.host || host}:${node.port}`;
  return [
    letter,
    node.id.slice(0, 8),
    address,
    role,
    String(slotCountOf(node)),
    String(node.configEpoch),
    await keysOf(node, host),
  ];
}

async function keysOf(node: ClusterNode, host: string): Promise<string> {
  try {
    const client = await NodeClient.connect(node.host || host, node.port, 1000);
    try {
      return String(await client.command('DBSIZE'));
    } finally {
      client.close();
    }
  } catch {
    return 'unreachable';
  }
}

/** One cell for every 256 slots: the letter of the owner, `+` where there are several, `.` where some slot has none. */
export function slotBar(nodes: readonly ClusterNode[]): string {
  const cellSlots = SLOT_COUNT / barCells;
  const cells = Array.from({ length: barCells }, (_, cell) => {
    const [first, last] = [cell * cellSlots, (cell + 1) * cellSlots - 1];
    const owners = nodes.map((node) => overlap(node, first, last));
    if (owners.reduce((sum, count) => sum + count, 0) < cellSlots) return '.';
    return owners.filter((count) => count > 0).length > 1 ? '+' : letterOf(owners.findIndex((count) => count > 0));
  });
  return `0 ${cells.join('')} ${SLOT_COUNT - 1}`;
}

function overlap(node: ClusterNode, first: number, last: number): number {
  return node.slots.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, last) - Math.max(from, first) + 1), 0);
}

function letterOf(index: number): string {
  return index < 26 ? String.fromCharCode(97 + index) : '#';
}
