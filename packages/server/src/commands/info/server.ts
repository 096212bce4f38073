import type { Kernel } from '../../kernel.ts';
import { compatibleVersion } from '../../version.ts';
import { uptimeSeconds } from '../uptime.ts';
import { isSubscriber } from '../../pubsub/subscriptions.ts';
import type { Field, Section } from './section.ts';

export const serverSection: Section = { name: 'Server', isDefault: true, fields: serverFields };

function serverFields(kernel: Kernel): Field[] {
  const { config, env, listeners, processFacts, runId } = kernel;
  const uptime = uptimeSeconds(kernel);
  return [
    ['redis_version', compatibleVersion],
    ['server_name', 'kvartz'],
    ['kvartz_version', processFacts.version],
    ['redis_git_sha1', '00000000'],
    ['redis_git_dirty', 0],
    ['redis_build_id', 0],
    ['redis_mode', config.clusterEnabled ? 'cluster' : 'standalone'],
    ['os', processFacts.os],
    ['arch_bits', 64],
    ['runtime', processFacts.runtime],
    ['process_id', processFacts.pid],
    ['process_supervised', 'no'],
    ['run_id', runId],
    ['tcp_port', listeners.port],
    ['server_time_usec', env.clock.wallMs() * 1000],
    ['uptime_in_seconds', uptime],
    ['uptime_in_days', Math.floor(uptime / 86_400)],
    ['hz', config.hz],
    ['configured_hz', config.hz],
    ['lru_clock', Math.floor(kernel.nowMs / 1000) % 2 ** 24],
    ['executable', processFacts.executable],
    ['config_file', config.path ?? ''],
    ['io_threads_active', 0],
  ];
}

export const clientsSection: Section = { name: 'Clients', isDefault: true, fields: clientsFields };

function clientsFields({ blocking, clientPause, clients, config, tracking }: Kernel): Field[] {
  let inputBytes = 0;
  let outputBytes = 0;
  let watching = 0;
  let subscribers = 0;
  for (const client of clients.values()) {
    inputBytes = Math.max(inputBytes, client.decoder.bufferedBytes);
    outputBytes = Math.max(outputBytes, client.connection.queuedBytes);
    if (client.watched.length > 0) watching++;
    if (isSubscriber(client)) subscribers++;
  }
  return [
    ['connected_clients', clients.size],
    ['cluster_connections', 0],
    ['maxclients', config.maxclients],
    ['client_recent_max_input_buffer', inputBytes],
    ['client_recent_max_output_buffer', outputBytes],
    ['blocked_clients', blocking.clientCount + clientPause.waitingCount],
    ['tracking_clients', tracking.clientCount],
    ['pubsub_clients', subscribers],
    ['watching_clients', watching],
    ['clients_in_timeout_table', blocking.deadlineCount],
    ['total_blocking_keys', blocking.keyCount],
  ];
}

export const cpuSection: Section = { name: 'CPU', isDefault: true, fields: cpuFields };

function cpuFields({ processFacts }: Kernel): Field[] {
  const { system, user } = processFacts.cpu();
  return [
    ['used_cpu_sys', system.toFixed(6)],
    ['used_cpu_user', user.toFixed(6)],
    ['used_cpu_sys_children', '0.000000'],
    ['used_cpu_user_children', '0.000000'],
  ];
}

export const modulesSection: Section = { name: 'Modules', isDefault: true, fields: () => [] };

export const clusterSection: Section = {
  name: 'Cluster',
  isDefault: true,
  fields: ({ config }) => [['cluster_enabled', config.clusterEnabled ? 1 : 0]],
};
