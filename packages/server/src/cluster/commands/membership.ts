import { integerAt, isKeyword, NOT_INTEGER, SYNTAX_ERROR, textAt, wrongSubcommandArity } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';
import { unknownNode } from './nodes.ts';
import { clusterOf, operate } from './operator.ts';

/** CLUSTER MEET ip port [cluster-bus-port]. */
export function meet(context: ServerContext, args: Args): void {
  const cluster = clusterOf(context);
  if (cluster === undefined) return;
  const { reply } = context;
  if (args.count > 5) return reply.error(wrongSubcommandArity('CLUSTER', textAt(args, 1)));
  const port = integerAt(args, 3);
  if (Number.isNaN(port)) return reply.error(`ERR Invalid TCP base port specified: ${textAt(args, 3)}`);
  const busPort = args.count === 5 ? integerAt(args, 4) : port + 10_000;
  if (Number.isNaN(busPort)) return reply.error(`ERR Invalid TCP bus port specified: ${textAt(args, 4)}`);
  operate(context, cluster, { name: 'meet', host: textAt(args, 2), port, busPort });
}

export function forget(context: ServerContext, args: Args): void {
  const cluster = clusterOf(context);
  if (cluster !== undefined) operate(context, cluster, { name: 'forget', id: textAt(args, 2) });
}

/** CLUSTER RESET [HARD|SOFT]. */
export function reset(context: ServerContext, args: Args): void {
  const cluster = clusterOf(context);
  if (cluster === undefined) return;
  const { reply, databases } = context;
  if (args.count > 3) return reply.error(wrongSubcommandArity('CLUSTER', textAt(args, 1)));
  const isHard = args.count === 3 && isKeyword(args, 2, 'hard');
  if (args.count === 3 && !isHard && !isKeyword(args, 2, 'soft')) return reply.error(SYNTAX_ERROR);
  if (cluster.bus.core.config.me.masterId === undefined && databases[0].keyCount > 0) {
    return reply.error("ERR CLUSTER RESET can't be called with master nodes containing keys");
  }
  operate(context, cluster, { name: 'reset', isHard });
}

export function saveConfig(context: ServerContext): void {
  const cluster = clusterOf(context);
  if (cluster !== undefined) operate(context, cluster, { name: 'saveConfig' });
}

export function bumpEpoch(context: ServerContext): void {
  const cluster = clusterOf(context);
  if (cluster === undefined) return;
  operate(context, cluster, { name: 'bumpEpoch' }, (reply, epoch, isNew) => {
    reply.simple(`${isNew ? 'BUMPED' : 'STILL'} ${epoch}`);
  });
}

export function setConfigEpoch(context: ServerContext, args: Args): void {
  const cluster = clusterOf(context);
  if (cluster === undefined) return;
  const epoch = integerAt(args, 2);
  if (!Number.isFinite(epoch)) return context.reply.error(NOT_INTEGER);
  operate(context, cluster, { name: 'setConfigEpoch', epoch });
}

const NO_REPLICATION = 'ERR this version of Kvartz has no replication yet: every node of a cluster is a master';

export function replicate(context: ServerContext, args: Args): void {
  const cluster = clusterOf(context);
  if (cluster === undefined) return;
  const { config } = cluster.bus.core;
  const id = textAt(args, 2);
  if (!config.nodes.has(id)) return context.reply.error(unknownNode(id));
  if (id === config.myId) return context.reply.error("ERR Can't replicate myself");
  context.reply.error(NO_REPLICATION);
}

/** CLUSTER FAILOVER [FORCE|TAKEOVER]. */
export function failover(context: ServerContext, args: Args): void {
  const cluster = clusterOf(context);
  if (cluster === undefined) return;
  const { reply } = context;
  if (args.count > 3) return reply.error(wrongSubcommandArity('CLUSTER', textAt(args, 1)));
  if (args.count === 3 && !isKeyword(args, 2, 'force') && !isKeyword(args, 2, 'takeover')) {
    return reply.error(SYNTAX_ERROR);
  }
  reply.error('ERR You should send CLUSTER FAILOVER to a replica');
}
