import { describe, expect, test } from 'vitest';
import { TestServer } from './support/test-server.ts';

/** Sections by name, each with its fields. */
function parse(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let fields = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    if (line === '') continue;
    if (line.startsWith('# ')) {
      fields = new Map();
      sections.set(line.slice(2), fields);
      continue;
    }
    const colon = line.indexOf(':');
    expect([line, colon > 0]).toEqual([line, true]);
    expect([line, fields.has(line.slice(0, colon))]).toEqual([line, false]);
    fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return sections;
}

const DEFAULT = 'Server Clients Memory Persistence Stats Replication CPU Modules Errorstats Cluster Keyspace'.split(
  ' ',
);
const ALL =
  'Server Clients Memory Persistence Stats Replication CPU Modules Commandstats Errorstats Latencystats Cluster Keyspace'.split(
    ' ',
  );

describe('which sections', () => {
  for (const [request, names] of [
    ['INFO', DEFAULT],
    ['INFO default', DEFAULT],
    ['INFO all', ALL],
    ['INFO everything', ALL],
    ['INFO server', ['Server']],
    ['INFO KEYSPACE Memory', ['Memory', 'Keyspace']],
    ['INFO default commandstats', ALL.filter((name) => name !== 'Latencystats')],
    ['INFO nosuch', []],
    ['INFO memory nosuch', ['Memory']],
  ] as const) {
    test(request, async () => {
      const client = await (await TestServer.start()).connect();
      expect([...parse(String(await client.ask(request))).keys()]).toEqual(names);
    });
  }
});

test('sections are parted by one empty line', async () => {
  const client = await (await TestServer.start()).connect();
  expect(await client.ask('INFO modules cluster')).toBe('# Modules\r\n\r\n# Cluster\r\ncluster_enabled:0\r\n');
});

describe('fields that clients and exporters read', () => {
  const wanted: Record<string, string> = {
    Server:
      'redis_version redis_mode os arch_bits process_id run_id tcp_port uptime_in_seconds uptime_in_days hz executable config_file',
    Clients: 'connected_clients maxclients blocked_clients client_recent_max_input_buffer tracking_clients',
    Memory:
      'used_memory used_memory_human used_memory_rss used_memory_peak used_memory_peak_perc used_memory_dataset ' +
      'total_system_memory maxmemory maxmemory_human maxmemory_policy mem_fragmentation_ratio mem_allocator mem_clients_normal',
    Persistence:
      'loading rdb_changes_since_last_save rdb_bgsave_in_progress rdb_last_save_time rdb_last_bgsave_status aof_enabled ' +
      'aof_rewrite_in_progress aof_last_write_status',
    Stats:
      'total_connections_received total_commands_processed instantaneous_ops_per_sec total_net_input_bytes ' +
      'total_net_output_bytes rejected_connections expired_keys evicted_keys keyspace_hits keyspace_misses pubsub_channels ' +
      'latest_fork_usec total_error_replies',
    Replication: 'role connected_slaves master_replid master_repl_offset repl_backlog_active repl_backlog_size',
    CPU: 'used_cpu_sys used_cpu_user used_cpu_sys_children used_cpu_user_children',
    Cluster: 'cluster_enabled',
  };
  for (const [section, names] of Object.entries(wanted)) {
    test(section, async () => {
      const client = await (await TestServer.start()).connect();
      const fields = parse(String(await client.ask(`INFO ${section}`))).get(section);
      expect(names.split(' ').filter((name) => !fields?.has(name))).toEqual([]);
    });
  }
});

test('the values are those of the server', async () => {
  const server = await TestServer.start({ directives: { maxmemory: '100mb', hz: 20 } });
  const client = await server.connect();
  const other = await server.connect();
  for (const request of ['SET a 1', 'SET b 1 EX 100', 'GET a', 'GET x', 'NOSUCH', 'SELECT 5', 'SET c 1', 'GET']) {
    await client.ask(request);
  }
  await server.world.run(5000);
  const info = parse(String(await other.ask('INFO everything')));
  const value = (section: string, name: string): string | undefined => info.get(section)?.get(name);
  expect(value('Server', 'uptime_in_seconds')).toBe('5');
  expect(value('Server', 'hz')).toBe('20');
  expect(value('Server', 'tcp_port')).toBe('6379');
  expect(value('Server', 'run_id')).toMatch(/^[0-9a-f]{40}$/);
  expect(value('Clients', 'connected_clients')).toBe('2');
  expect(value('Memory', 'maxmemory')).toBe('104857600');
  expect(value('Memory', 'maxmemory_human')).toBe('100.00M');
  expect(Number(value('Memory', 'used_memory'))).toBe(server.kernel.arena.usedBytes);
  expect(Number(value('Memory', 'used_memory_peak'))).toBeGreaterThanOrEqual(server.kernel.arena.usedBytes);
  expect(value('Persistence', 'rdb_changes_since_last_save')).toBe('3');
  expect(value('Stats', 'keyspace_hits')).toBe('1');
  expect(value('Stats', 'keyspace_misses')).toBe('1');
  expect(value('Stats', 'total_connections_received')).toBe('2');
  expect(value('Stats', 'total_error_replies')).toBe('2');
  expect(value('Commandstats', 'cmdstat_set')).toMatch(
    /^calls=3,usec=\d+,usec_per_call=[\d.]+,rejected_calls=0,failed_calls=0$/,
  );
  expect(value('Commandstats', 'cmdstat_get')).toMatch(/^calls=2,.*,rejected_calls=1,failed_calls=0$/);
  expect(value('Errorstats', 'errorstat_ERR')).toBe('count=2');
  expect(value('Keyspace', 'db0')).toMatch(/^keys=2,expires=1,avg_ttl=\d+,subexpiry=0$/);
  expect(value('Keyspace', 'db5')).toMatch(/^keys=1,expires=0,avg_ttl=0,subexpiry=0$/);
  expect(value('Keyspace', 'db1')).toBeUndefined();
});

test('text in RESP3', async () => {
  const client = await (await TestServer.start()).connect();
  await client.ask('HELLO 3');
  expect(await client.ask('INFO cluster')).toBe('# Cluster\r\ncluster_enabled:0\r\n');
});
