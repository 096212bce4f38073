import type { ClusterConfig, NodeRecord } from './cluster-config.ts';
import type { NodeId } from './node-id.ts';

/** What the line of a node says beside the configuration. */
export interface LineFacts {
  /** Wall time in milliseconds since when an answer is awaited; 0: none is. */
  readonly pingSentMs: number;
  /** Wall time in milliseconds of the last answer; 0: never. */
  readonly pongReceivedMs: number;
  readonly isConnected: boolean;
}

/** `0-99 103 200-300` for each node with slots, in one pass over all slots. */
export function slotTextsOf(config: ClusterConfig): Map<NodeId, string> {
  const texts = new Map<NodeId, string>();
  for (const { first, last, owner } of config.slots.entries()) {
    const range = first === last ? `${first}` : `${first}-${last}`;
    const text = texts.get(owner);
    texts.set(owner, text === undefined ? range : `${text} ${range}`);
  }
  return texts;
}

/**
 * One line of CLUSTER NODES, and of nodes.conf, without its end:
 *
 *   <id> <ip:port@cport[,hostname]> <flags> <master> <ping-sent> <pong-recv> <config-epoch> <link-state> <slot> ...
 *
 * `slotTexts` is `slotTextsOf(config)`. `aux` comes after the host name: `shard-id=<id>`, in the file only, as in Redis 7.2.
 * Spec: https://redis.io/docs/latest/commands/cluster-nodes/
 */
export function formatNodeLine(
  config: ClusterConfig,
  slotTexts: ReadonlyMap<NodeId, string>,
  node: NodeRecord,
  facts: LineFacts,
  aux = '',
): string {
  // A replica is shown with the epoch of the master whose slots it would take over.
  const epochOf = node.masterId === undefined ? node : (config.nodes.get(node.masterId) ?? node);
  const words = [
    node.id,
    formatAddress(node, aux),
    formatFlags(config, node),
    node.masterId ?? '-',
    facts.pingSentMs,
    facts.pongReceivedMs,
    epochOf.configEpoch,
    facts.isConnected || node.id === config.myId ? 'connected' : 'disconnected',
  ];
  const slots = slotTexts.get(node.id);
  if (slots !== undefined) words.push(slots);
  if (node.id === config.myId) {
    for (const [slot, target] of config.migrating) words.push(`[${slot}->-${target}]`);
    for (const [slot, source] of config.importing) words.push(`[${slot}-<-${source}]`);
  }
  return words.join(' ');
}

function formatAddress({ host, port, busPort, hostname }: NodeRecord, aux: string): string {
  const address = `${host}:${port}@${busPort}`;
  if (aux !== '') return `${address},${hostname},${aux}`;
  return hostname === '' ? address : `${address},${hostname}`;
}

function formatFlags(config: ClusterConfig, node: NodeRecord): string {
  const flags: string[] = [];
  if (node.id === config.myId) flags.push('myself');
  flags.push(node.masterId === undefined ? 'master' : 'slave');
  if (node.health === 'pfail') flags.push('fail?');
  if (node.health === 'fail') flags.push('fail');
  if (node.hasNoAddress) flags.push('noaddr');
  return flags.join(',');
}
