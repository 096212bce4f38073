/** A metric that is a field of INFO, or of CLUSTER INFO. Durations are seconds, sizes bytes. */
export type InfoMetric = readonly [field: string, name: string, kind: 'counter' | 'gauge', help: string];

/** Names as redis_exporter gives them, so that its dashboards and alerts go on working. */
export const infoMetrics: readonly InfoMetric[] = [
  ['uptime_in_seconds', 'redis_uptime_in_seconds', 'gauge', 'Seconds since the start.'],
  ['process_id', 'redis_process_id', 'gauge', 'Id of the process.'],

  ['connected_clients', 'redis_connected_clients', 'gauge', 'Client connections, those of replicas left out.'],
  ['maxclients', 'redis_max_clients', 'gauge', 'As many client connections are allowed.'],
  ['blocked_clients', 'redis_blocked_clients', 'gauge', 'Clients that wait in a blocking command or a pause.'],
  ['tracking_clients', 'redis_tracking_clients', 'gauge', 'Clients that track keys for a cache of their own.'],
  ['pubsub_clients', 'redis_pubsub_clients', 'gauge', 'Clients with subscriptions.'],
  ['watching_clients', 'redis_watching_clients', 'gauge', 'Clients that watch keys.'],
  ['clients_in_timeout_table', 'redis_clients_in_timeout_table', 'gauge', 'Blocked clients with a timeout.'],
  ['client_recent_max_input_buffer', 'redis_client_recent_max_input_buffer_bytes', 'gauge', 'Largest query buffer.'],
  ['client_recent_max_output_buffer', 'redis_client_recent_max_output_buffer_bytes', 'gauge', 'Largest output buffer.'],

  ['used_memory', 'redis_memory_used_bytes', 'gauge', 'Bytes of live data.'],
  ['used_memory_rss', 'redis_memory_used_rss_bytes', 'gauge', 'Resident bytes of the process.'],
  ['used_memory_peak', 'redis_memory_used_peak_bytes', 'gauge', 'The most bytes of live data that there were.'],
  ['used_memory_overhead', 'redis_memory_used_overhead_bytes', 'gauge', 'Bytes that are not keys and values.'],
  ['used_memory_startup', 'redis_memory_used_startup_bytes', 'gauge', 'Bytes in use after the start.'],
  ['used_memory_dataset', 'redis_memory_used_dataset_bytes', 'gauge', 'Bytes of keys and values.'],
  ['maxmemory', 'redis_memory_max_bytes', 'gauge', 'maxmemory; 0 is no limit.'],
  ['mem_fragmentation_ratio', 'redis_mem_fragmentation_ratio', 'gauge', 'Resident bytes by live bytes.'],
  ['mem_clients_normal', 'redis_mem_clients_normal', 'gauge', 'Bytes of buffers of ordinary clients.'],
  ['lazyfree_pending_objects', 'redis_lazyfree_pending_objects', 'gauge', 'Values that wait to be freed.'],
  ['js_heap_used', 'kvartz_js_heap_used_bytes', 'gauge', 'Bytes of the JavaScript heap, which holds no data.'],

  ['loading', 'redis_loading_dump_file', 'gauge', '1 while files are loaded.'],
  ['rdb_changes_since_last_save', 'redis_rdb_changes_since_last_save', 'gauge', 'Changes since the last snapshot.'],
  ['rdb_bgsave_in_progress', 'redis_rdb_bgsave_in_progress', 'gauge', '1 while a snapshot is written.'],
  ['rdb_last_save_time', 'redis_rdb_last_save_timestamp_seconds', 'gauge', 'When a snapshot was last written.'],
  ['aof_enabled', 'redis_aof_enabled', 'gauge', '1 with appendonly.'],
  ['aof_rewrite_in_progress', 'redis_aof_rewrite_in_progress', 'gauge', '1 while the append-only file is rewritten.'],

  ['total_connections_received', 'redis_connections_received_total', 'counter', 'Connections that came.'],
  ['rejected_connections', 'redis_rejected_connections_total', 'counter', 'Connections refused, by maxclients mostly.'],
  ['total_commands_processed', 'redis_commands_processed_total', 'counter', 'Commands that ran.'],
  ['instantaneous_ops_per_sec', 'redis_instantaneous_ops_per_sec', 'gauge', 'Commands a second, lately.'],
  ['total_net_input_bytes', 'redis_net_input_bytes_total', 'counter', 'Bytes from clients.'],
  ['total_net_output_bytes', 'redis_net_output_bytes_total', 'counter', 'Bytes to clients.'],
  ['expired_keys', 'redis_expired_keys_total', 'counter', 'Keys that expired.'],
  ['expired_subkeys', 'redis_expired_subkeys_total', 'counter', 'Fields of hashes that expired.'],
  ['evicted_keys', 'redis_evicted_keys_total', 'counter', 'Keys evicted for want of memory.'],
  ['evicted_clients', 'redis_evicted_clients_total', 'counter', 'Clients closed by maxmemory-clients.'],
  ['keyspace_hits', 'redis_keyspace_hits_total', 'counter', 'Keys that reads found.'],
  ['keyspace_misses', 'redis_keyspace_misses_total', 'counter', 'Keys that reads did not find.'],
  ['pubsub_channels', 'redis_pubsub_channels', 'gauge', 'Channels with subscribers.'],
  ['pubsub_patterns', 'redis_pubsub_patterns', 'gauge', 'Patterns with subscribers.'],
  ['pubsubshard_channels', 'redis_pubsubshard_channels', 'gauge', 'Shard channels with subscribers.'],
  ['tracking_total_keys', 'redis_tracking_total_keys', 'gauge', 'Keys in the table of client-side caching.'],
  ['total_error_replies', 'redis_total_error_replies', 'counter', 'Error replies.'],

  ['connected_slaves', 'redis_connected_slaves', 'gauge', 'Replicas that are connected.'],
  ['master_repl_offset', 'redis_master_repl_offset', 'gauge', 'Offset of the replication stream.'],

  ['used_cpu_sys', 'redis_cpu_sys_seconds_total', 'counter', 'Seconds of processor time in the system.'],
  ['used_cpu_user', 'redis_cpu_user_seconds_total', 'counter', 'Seconds of processor time in user mode.'],
  ['cluster_enabled', 'redis_cluster_enabled', 'gauge', '1 in cluster mode.'],

  // Of CLUSTER INFO.
  ['cluster_slots_assigned', 'redis_cluster_slots_assigned', 'gauge', 'Slots that have an owner.'],
  ['cluster_slots_ok', 'redis_cluster_slots_ok', 'gauge', 'Slots whose owner is reachable.'],
  ['cluster_slots_pfail', 'redis_cluster_slots_pfail', 'gauge', 'Slots whose owner this node cannot reach.'],
  ['cluster_slots_fail', 'redis_cluster_slots_fail', 'gauge', 'Slots whose owner has failed.'],
  ['cluster_known_nodes', 'redis_cluster_known_nodes', 'gauge', 'Nodes that this node knows.'],
  ['cluster_size', 'redis_cluster_size', 'gauge', 'Masters with slots.'],
  ['cluster_current_epoch', 'redis_cluster_current_epoch', 'gauge', 'currentEpoch.'],
  ['cluster_my_epoch', 'redis_cluster_my_epoch', 'gauge', 'configEpoch of this node or its master.'],
];
