import type { Kernel } from '../../kernel.ts';
import type { Replication } from '../../replication/replication.ts';
import type { Field, Section } from './section.ts';

export const replicationSection: Section = { name: 'Replication', isDefault: true, fields: replicationFields };

function replicationFields(kernel: Kernel): Field[] {
  const { replication } = kernel;
  const { hasBacklog, ids, offset, replicas } = replication;
  const replicaLines = [...replicas.values()].map((replica, i): Field => {
    const lag = replica.lagSeconds(kernel.monotonicMs);
    return [
      `slave${i}`,
      `ip=${replica.address},port=${replica.listeningPort},state=${replica.state},offset=${replica.ackOffset},lag=${lag}`,
    ];
  });
  const { minReplicasToWrite } = kernel.config.replication;
  return [
    ['role', replication.isReplica ? 'slave' : 'master'],
    ...masterFields(kernel, replication),
    ['connected_slaves', replicas.size],
    ...(minReplicasToWrite > 0 ? [['min_slaves_good_slaves', replication.goodReplicas] as const] : []),
    ...replicaLines,
    ['master_failover_state', 'no-failover'],
    ['master_replid', ids.replId],
    ['master_replid2', ids.secondId ?? '0'.repeat(40)],
    ['master_repl_offset', offset],
    ['second_repl_offset', ids.secondId === undefined ? -1 : ids.secondOffset + 1],
    ['repl_backlog_active', hasBacklog ? 1 : 0],
    ['repl_backlog_size', kernel.config.get('repl-backlog-size')],
    ['repl_backlog_first_byte_offset', hasBacklog ? replication.backlog.startOffset + 1 : 0],
    ['repl_backlog_histlen', hasBacklog ? replication.backlog.lengthBytes : 0],
  ];
}

/** What a replica tells of its master. */
function masterFields({ config, monotonicMs }: Kernel, { offset, role }: Replication): Field[] {
  if (role === undefined) return [];
  const { isAnnounced, isReadOnly, priority } = config.replication;
  const isUp = role.state === 'connected';
  const heardSeconds = role.lastHeardMs === undefined ? -1 : Math.floor((monotonicMs - role.lastHeardMs) / 1000);
  const fields: Field[] = [
    ['master_host', role.host],
    ['master_port', role.port],
    ['master_link_status', isUp ? 'up' : 'down'],
    ['master_last_io_seconds_ago', heardSeconds],
    ['master_sync_in_progress', role.isReceiving ? 1 : 0],
    ['slave_read_repl_offset', offset],
    ['slave_repl_offset', offset],
  ];
  if (role.isReceiving) {
    const total = role.syncBytesTotal ?? 0;
    fields.push(
      ['master_sync_total_bytes', total],
      ['master_sync_read_bytes', role.syncBytesRead],
      ['master_sync_left_bytes', total === 0 ? 0 : total - role.syncBytesRead],
      ['master_sync_perc', total === 0 ? '0.00' : ((role.syncBytesRead / total) * 100).toFixed(2)],
    );
  }
  if (!isUp) fields.push(['master_link_down_since_seconds', Math.floor((monotonicMs - role.downSinceMs) / 1000)]);
  fields.push(
    ['slave_priority', priority],
    ['slave_read_only', isReadOnly ? 1 : 0],
    ['replica_announced', isAnnounced ? 1 : 0],
  );
  return fields;
}
