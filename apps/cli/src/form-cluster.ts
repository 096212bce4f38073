import { setTimeout as sleep } from 'node:timers/promises';
import { SLOT_COUNT } from '@kvartz/router';
import { type ClusterNode, ownershipOf, parseClusterNodes } from './cluster-nodes.ts';
import type { NodeClient } from './node-client.ts';

const pollMs = 20;

export interface FormOptions {
  readonly host: string;
  readonly ports: readonly number[];
  readonly timeoutMs: number;
}

/**
 * Makes one cluster of empty nodes, all masters, each with an equal share of the slots. What is already there is left as
 * it is, so that a formation that broke off is finished by calling this again.
 */
export async function formCluster(
  clients: readonly NodeClient[],
  { host, ports, timeoutMs }: FormOptions,
): Promise<void> {
  await Promise.all(clients.map((client, index) => giveShare(client, index, clients.length)));
  const [first] = clients;
  for (const port of ports.slice(1)) await first!.command('CLUSTER', 'MEET', host, port);
  await untilAgreed(clients, timeoutMs);
}

/** Node `index` gets its slots and, because nobody is there yet to agree one with, a config epoch of its own. */
async function giveShare(client: NodeClient, index: number, count: number): Promise<void> {
  const nodes = await clusterNodes(client);
  const myself = nodes.find((node) => node.flags.has('myself'));
  if (nodes.length === 1 && myself?.configEpoch === 0) await client.command('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
  if (myself !== undefined && myself.slots.length === 0) {
    const [from, to] = shareOf(index, count);
    await client.command('CLUSTER', 'ADDSLOTSRANGE', from, to);
  }
}

/** First and last slot of share `index` of `count`; shares differ by one slot at most, as redis-cli cuts them. */
export function shareOf(index: number, count: number): [first: number, last: number] {
  const start = (share: number) => Math.round((share * SLOT_COUNT) / count);
  return [start(index), start(index + 1) - 1];
}

/** Until every node says cluster_state:ok, knows all others, and sees the same owner for every slot. */
export async function untilAgreed(clients: readonly NodeClient[], timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const views = await Promise.all(clients.map(viewOf));
    const trouble = disagreement(views, clients);
    if (trouble === undefined) return;
    if (performance.now() > deadline) throw new Error(`the nodes do not agree after ${timeoutMs} ms: ${trouble}`);
    await sleep(pollMs);
  }
}

interface View {
  readonly state: string;
  readonly slotsAssigned: number;
  readonly knownNodes: number;
  readonly ownership: string;
}

async function viewOf(client: NodeClient): Promise<View> {
  const info = infoFields(String(await client.command('CLUSTER', 'INFO')));
  return {
    state: info.get('cluster_state') ?? 'unknown',
    slotsAssigned: Number(info.get('cluster_slots_assigned')),
    knownNodes: Number(info.get('cluster_known_nodes')),
    ownership: ownershipOf(await clusterNodes(client)),
  };
}

/** What is still missing, in words; undefined when nothing is. */
function disagreement(views: readonly View[], clients: readonly NodeClient[]): string | undefined {
  for (const [index, view] of views.entries()) {
    const { endpoint } = clients[index]!;
    if (view.knownNodes < clients.length) return `${endpoint} knows ${view.knownNodes} of ${clients.length} nodes`;
    if (view.slotsAssigned < SLOT_COUNT)
      return `${endpoint} has owners for ${view.slotsAssigned} of ${SLOT_COUNT} slots`;
    if (view.state !== 'ok') return `${endpoint} says cluster_state:${view.state}`;
    if (view.ownership !== views[0]!.ownership)
      return `${endpoint} and ${clients[0]!.endpoint} see different slot owners`;
  }
  return undefined;
}

export async function clusterNodes(client: NodeClient): Promise<ClusterNode[]> {
  return parseClusterNodes(String(await client.command('CLUSTER', 'NODES')));
}

/** `name:value` lines, as INFO and CLUSTER INFO answer. */
function infoFields(text: string): Map<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line.includes(':'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}
