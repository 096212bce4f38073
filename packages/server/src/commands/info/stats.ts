import type { Kernel } from '../../kernel.ts';
import type { Field, Section } from './section.ts';

export const statsSection: Section = { name: 'Stats', isDefault: true, fields: statsFields };

function statsFields({ context, eviction, output, pubSub, replication, stats, tracking }: Kernel): Field[] {
  return [
    ['total_connections_received', stats.connectionsReceived],
    ['total_commands_processed', stats.commandsProcessed],
    ['instantaneous_ops_per_sec', Math.round(stats.commandRate.perSecond)],
    ['total_net_input_bytes', stats.bytesIn],
    ['total_net_output_bytes', output.bytesWritten],
    ['total_net_repl_input_bytes', 0],
    ['total_net_repl_output_bytes', 0],
    ['instantaneous_input_kbps', (stats.inputRate.perSecond / 1024).toFixed(2)],
    ['instantaneous_output_kbps', (stats.outputRate.perSecond / 1024).toFixed(2)],
    ['instantaneous_input_repl_kbps', '0.00'],
    ['instantaneous_output_repl_kbps', '0.00'],
    ['rejected_connections', stats.connectionsRejected],
    ['sync_full', replication.fullSyncs],
    ['sync_partial_ok', replication.partialSyncs],
    ['sync_partial_err', replication.partialSyncsRefused],
    ['expired_subkeys', context.expiredFields],
    ['expired_keys', stats.expiredKeys],
    ['evicted_keys', stats.evictedKeys],
    ['evicted_clients', stats.evictedClients],
    ['total_eviction_exceeded_time', Math.floor(eviction.exceededMs)],
    ['current_eviction_exceeded_time', Math.floor(eviction.exceededForMs)],
    ['keyspace_hits', context.keyspaceHits],
    ['keyspace_misses', context.keyspaceMisses],
    ['pubsub_channels', pubSub.channelCount],
    ['pubsub_patterns', pubSub.patternCount],
    ['pubsubshard_channels', pubSub.shardChannelCount],
    ['latest_fork_usec', 0],
    ['total_forks', 0],
    ['migrate_cached_sockets', 0],
    ['slave_expires_tracked_keys', 0],
    ['active_defrag_hits', 0],
    ['active_defrag_misses', 0],
    ['active_defrag_key_hits', 0],
    ['active_defrag_key_misses', 0],
    ['tracking_total_keys', tracking.keyCount],
    ['tracking_total_items', tracking.itemCount],
    ['tracking_total_prefixes', tracking.prefixCount],
    ['unexpected_error_replies', 0],
    ['total_error_replies', stats.totalErrorReplies],
    ['client_query_buffer_limit_disconnections', stats.queryBufferLimitDisconnections],
    ['client_output_buffer_limit_disconnections', stats.outputBufferLimitDisconnections],
  ];
}

export const commandStatsSection: Section = { name: 'Commandstats', isDefault: false, fields: commandStatsFields };

function commandStatsFields({ table }: Kernel): Field[] {
  const fields: Field[] = [];
  for (const { calls, failedCalls, name, rejectedCalls, usec } of table.everyCommand()) {
    if (calls === 0 && rejectedCalls === 0) continue;
    const perCall = (calls === 0 ? 0 : usec / calls).toFixed(2);
    const counts = `rejected_calls=${rejectedCalls},failed_calls=${failedCalls}`;
    fields.push([`cmdstat_${name}`, `calls=${calls},usec=${usec},usec_per_call=${perCall},${counts}`]);
  }
  return fields;
}

export const errorStatsSection: Section = {
  name: 'Errorstats',
  isDefault: true,
  fields: ({ stats }) => [...stats.errors].map(([code, count]) => [`errorstat_${code}`, `count=${count}`]),
};

/** The percentiles of `latency-tracking-info-percentiles`, in microseconds. */
export const latencyStatsSection: Section = { name: 'Latencystats', isDefault: false, fields: latencyStatsFields };

function latencyStatsFields({ config, table }: Kernel): Field[] {
  const fields: Field[] = [];
  for (const { latency, name } of table.everyCommand()) {
    if (latency === undefined) continue;
    const values = config.latencyTrackingInfoPercentiles.map(
      (percent) => `p${percent}=${(latency.percentile(percent) / 1000).toFixed(3)}`,
    );
    fields.push([`latency_percentiles_usec_${name}`, values.join(',')]);
  }
  return fields;
}

export const keyspaceSection: Section = { name: 'Keyspace', isDefault: true, fields: keyspaceFields };

function keyspaceFields({ databases }: Kernel): Field[] {
  const fields: Field[] = [];
  for (const [index, { averageTtlMs, expiringCount, keyCount, partlyExpiringCount }] of databases.entries()) {
    if (keyCount === 0) continue;
    const times = `expires=${expiringCount},avg_ttl=${Math.floor(averageTtlMs)},subexpiry=${partlyExpiringCount}`;
    fields.push([`db${index}`, `keys=${keyCount},${times}`]);
  }
  return fields;
}
