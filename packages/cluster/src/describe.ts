import type { ClusterConfig, NodeRecord } from './cluster-config.ts';
import type { MessageStats } from './core-state.ts';
import type { ClusterStateName } from './effects.ts';
import type { NodeId } from './node-id.ts';
import { formatNodeLine, type LineFacts, slotTextsOf } from './node-line.ts';

/** A reply as data: whoever writes it knows the protocol. */
export type ReplyValue = string | number | null | readonly ReplyValue[] | ReadonlyMap<string, ReplyValue>;

/** `cluster-preferred-endpoint-type`: by what clients are told to connect. */
export type EndpointType = 'ip' | 'hostname' | 'unknown-endpoint';

/** A handshake as CLUSTER NODES shows it: its id is a random one. */
export interface HandshakeFacts {
  readonly id: NodeId;
  readonly host: string;
  readonly port: number;
  readonly busPort: number;
  readonly isConnected: boolean;
}

/** CLUSTER NODES. */
export function describeNodes(
  config: ClusterConfig,
  factsOf: (id: NodeId) => LineFacts,
  handshakes: Iterable<HandshakeFacts>,
): string {
  const slotTexts = slotTextsOf(config);
  let text = '';
  for (const node of config.nodes.values()) {
    text += `${formatNodeLine(config, slotTexts, node, factsOf(node.id))}\n`;
  }
  for (const { id, host, port, busPort, isConnected } of handshakes) {
    text += `${id} ${host}:${port}@${busPort} handshake - 0 0 0 ${isConnected ? 'connected' : 'disconnected'}\n`;
  }
  return text;
}

/** One line, without its end, of CLUSTER REPLICAS. */
export function describeReplicas(config: ClusterConfig, id: NodeId, factsOf: (id: NodeId) => LineFacts): string[] {
  const noSlots = new Map<NodeId, string>();
  return config.replicasOf(id).map((node) => formatNodeLine(config, noSlots, node, factsOf(node.id)));
}

/** By what a client that is redirected to the node should connect; null: to the address that it is connected to. */
export function preferredEndpoint(node: NodeRecord, type: EndpointType): string | null {
  if (type === 'ip') return node.host;
  if (type === 'hostname') return node.hostname === '' ? '?' : node.hostname;
  return null;
}

/** CLUSTER SLOTS: `[first, last, node, replica...]` for each run of slots with one owner. */
export function describeSlots(config: ClusterConfig, type: EndpointType): ReplyValue[] {
  const rows: ReplyValue[] = [];
  for (const { first, last, owner } of config.slots.entries()) {
    const replicas = config.replicasOf(owner).filter((node) => node.health !== 'fail');
    const nodes = [config.nodes.get(owner)!, ...replicas];
    rows.push([first, last, ...nodes.map((node) => slotsNode(node, type))]);
  }
  return rows;
}

function slotsNode(node: NodeRecord, type: EndpointType): ReplyValue {
  const more = new Map<string, string>();
  if (type !== 'ip') more.set('ip', node.host);
  if (type !== 'hostname' && node.hostname !== '') more.set('hostname', node.hostname);
  return [preferredEndpoint(node, type), node.port, node.id, more];
}

/** CLUSTER SHARDS: a master with its slots and its replicas. */
export function describeShards(
  config: ClusterConfig,
  type: EndpointType,
  replOffsetOf: (id: NodeId) => number,
): ReplyValue[] {
  const shards: ReplyValue[] = [];
  for (const master of config.nodes.values()) {
    if (master.masterId !== undefined) continue;
    const slots = config.slots.rangesOf(master.id).flatMap(({ first, last }) => [first, last]);
    const nodes = [master, ...config.replicasOf(master.id)].map((node) =>
      shardsNode(node, type, replOffsetOf(node.id)),
    );
    shards.push(
      new Map<string, ReplyValue>([
        ['slots', slots],
        ['nodes', nodes],
      ]),
    );
  }
  return shards;
}

function shardsNode(node: NodeRecord, type: EndpointType, replOffset: number): ReplyValue {
  const isReplica = node.masterId !== undefined;
  const isLoading = isReplica && replOffset === 0;
  const facts = new Map<string, ReplyValue>([
    ['id', node.id],
    ['port', node.port],
    ['ip', node.host],
    ['endpoint', preferredEndpoint(node, type) ?? ''],
  ]);
  if (node.hostname !== '') facts.set('hostname', node.hostname);
  facts.set('role', isReplica ? 'replica' : 'master');
  facts.set('replication-offset', replOffset);
  facts.set('health', node.health === 'fail' ? 'fail' : isLoading ? 'loading' : 'online');
  return facts;
}

/** What CLUSTER LINKS tells of one link. */
export interface LinkFacts {
  readonly isOutbound: boolean;
  readonly nodeId: NodeId;
  /** Wall time. */
  readonly createdMs: number;
  readonly queuedBytes: number;
}

export function describeLinks(links: readonly LinkFacts[]): ReplyValue[] {
  return links.map(({ isOutbound, nodeId, createdMs, queuedBytes }) => {
    return new Map<string, ReplyValue>([
      ['direction', isOutbound ? 'to' : 'from'],
      ['node', nodeId],
      ['create-time', createdMs],
      ['events', queuedBytes > 0 ? 'rw' : 'r'],
      ['send-buffer-allocated', queuedBytes],
      ['send-buffer-used', queuedBytes],
    ]);
  });
}

/** CLUSTER INFO. */
export function describeInfo(
  config: ClusterConfig,
  state: ClusterStateName,
  stats: MessageStats,
  linksOverLimit: number,
): string {
  const slots = { ok: 0, pfail: 0, fail: 0 };
  for (const id of config.slots.owners) slots[config.nodes.get(id)!.health] += config.slots.slotCountOf(id);
  const { me } = config;
  const epochOf = me.masterId === undefined ? me : (config.nodes.get(me.masterId) ?? me);
  const lines: [string, string | number][] = [
    ['cluster_state', state],
    ['cluster_slots_assigned', config.slots.assignedCount],
    ['cluster_slots_ok', slots.ok],
    ['cluster_slots_pfail', slots.pfail],
    ['cluster_slots_fail', slots.fail],
    ['cluster_known_nodes', config.nodes.size],
    ['cluster_size', config.voterCount],
    ['cluster_current_epoch', config.currentEpoch],
    ['cluster_my_epoch', epochOf.configEpoch],
    ...messageLines('sent', stats.sent),
    ...messageLines('received', stats.received),
    ['total_cluster_links_buffer_limit_exceeded', linksOverLimit],
  ];
  return lines.map(([name, value]) => `${name}:${value}\r\n`).join('');
}

function messageLines(direction: 'sent' | 'received', counts: MessageStats['sent']): [string, number][] {
  const lines: [string, number][] = [];
  let total = 0;
  for (const [kind, count] of Object.entries(counts)) {
    lines.push([`cluster_stats_messages_${kind}_${direction}`, count]);
    total += count;
  }
  return [...lines, [`cluster_stats_messages_${direction}`, total]];
}
