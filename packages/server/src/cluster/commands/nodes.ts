import {
  describeLinks,
  describeNodes,
  describeReplicas,
  describeShards,
  describeSlots,
  type NodeId,
} from '@kvartz/cluster';
import { textAt } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';
import { clusterOf } from './operator.ts';
import { writeValue } from './reply-value.ts';

export function nodes(context: ServerContext): void {
  const cluster = clusterOf(context);
  if (cluster === undefined) return;
  const { core } = cluster.bus;
  const handshakes = [...core.handshakes].map(({ id, host, port, busPort, isUp }) => {
    return { id, host, port, busPort, isConnected: isUp };
  });
  context.reply.verbatim(
    'txt',
    describeNodes(core.config, (id) => cluster.lineFacts(id), handshakes),
  );
}

export function slots(context: ServerContext): void {
  const cluster = clusterOf(context);
  if (cluster === undefined) return;
  const type = context.kernel.config.clusterPreferredEndpointType;
  writeValue(context.reply, describeSlots(cluster.bus.core.config, type));
}

export function shards(context: ServerContext): void {
  const cluster = clusterOf(context);
  if (cluster === undefined) return;
  const { core } = cluster.bus;
  const type = context.kernel.config.clusterPreferredEndpointType;
  writeValue(
    context.reply,
    describeShards(core.config, type, (id) => core.peer(id)?.replOffset ?? 0),
  );
}

export function links(context: ServerContext): void {
  const cluster = clusterOf(context);
  if (cluster !== undefined) writeValue(context.reply, describeLinks(cluster.bus.links()));
}

export function info(context: ServerContext): void {
  const cluster = clusterOf(context);
  if (cluster !== undefined) context.reply.verbatim('txt', cluster.infoText());
}

export function myId(context: ServerContext): void {
  const cluster = clusterOf(context);
  if (cluster !== undefined) context.reply.bulkText(cluster.bus.core.config.myId);
}

export function myShardId(context: ServerContext): void {
  const cluster = clusterOf(context);
  if (cluster !== undefined) context.reply.bulkText(cluster.bus.core.config.me.shardId);
}

export function replicas(context: ServerContext, args: Args): void {
  const cluster = clusterOf(context);
  if (cluster === undefined) return;
  const { config } = cluster.bus.core;
  const id = textAt(args, 2);
  const node = config.nodes.get(id);
  if (node === undefined) return context.reply.error(unknownNode(id));
  if (node.masterId !== undefined) return context.reply.error('ERR The specified node is not a master');
  const lines = describeReplicas(config, id, (one) => cluster.lineFacts(one));
  context.reply.array(lines.length);
  for (const line of lines) context.reply.bulkText(line);
}

export function countFailureReports(context: ServerContext, args: Args): void {
  const cluster = clusterOf(context);
  if (cluster === undefined) return;
  const { core } = cluster.bus;
  const id = textAt(args, 2);
  if (!core.config.nodes.has(id)) return context.reply.error(unknownNode(id));
  context.reply.integer(core.failureReports(id));
}

export function unknownNode(id: NodeId): string {
  return `ERR Unknown node ${id}`;
}
