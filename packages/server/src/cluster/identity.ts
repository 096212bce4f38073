import type { Random } from '@kvartz/base';
import { ClusterConfig, type CoreSettings, makeNodeId } from '@kvartz/cluster';

/** A node that has never run before. */
export function newIdentity({ host, port, busPort, hostname }: CoreSettings, random: Random): ClusterConfig {
  return ClusterConfig.alone({
    id: makeNodeId(random),
    host,
    port,
    busPort,
    hostname,
    shardId: makeNodeId(random),
    masterId: undefined,
    configEpoch: 0,
    health: 'ok',
    hasNoAddress: false,
  });
}

/** A nodes.conf of Redis 7.0 has no shard ids. */
export function withShardId(config: ClusterConfig, random: Random): ClusterConfig {
  if (config.me.shardId !== '') return config;
  return config.withNodeFields(config.myId, { shardId: makeNodeId(random) });
}
