import { infoFields } from '../commands/info/index.ts';
import { compatibleVersion } from '../version.ts';
import type { Kernel } from '../kernel.ts';
import { infoMetrics } from './info-metrics.ts';

/** One time series of a metric. */
export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric as Prometheus takes it: `name{labels} value`. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge';
  readonly samples: readonly MetricSample[];
}

const noLabels = {};

/** Everything that the node tells a monitor, as it is now. Counters begin again with CONFIG RESETSTAT. */
export function serverMetrics(kernel: Kernel): Metric[] {
  const { config } = kernel;
  const fields = infoFields(kernel);
  if (kernel.cluster !== undefined) {
    for (const line of kernel.cluster.infoText().split('\r\n')) {
      const colon = line.indexOf(':');
      if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
    }
  }
  const metrics: Metric[] = [one('redis_up', 'gauge', 'Always 1: the server answers.', 1)];
  for (const [field, name, kind, help] of infoMetrics) {
    const value = numberOf(fields.get(field));
    if (!Number.isNaN(value)) metrics.push(one(name, kind, help, value));
  }
  metrics.push({
    name: 'redis_instance_info',
    help: 'What runs here; always 1.',
    kind: 'gauge',
    samples: [
      {
        labels: {
          role: String(fields.get('role')),
          redis_version: compatibleVersion,
          kvartz_version: kernel.processFacts.version,
          redis_mode: config.clusterEnabled ? 'cluster' : 'standalone',
          os: kernel.processFacts.os,
          maxmemory_policy: config.maxmemoryPolicy,
          process_id: String(kernel.processFacts.pid),
          run_id: kernel.runId,
          tcp_port: String(kernel.listeners.port),
        },
        value: 1,
      },
    ],
  });
  metrics.push(...databaseMetrics(kernel), ...commandMetrics(kernel), ...troubleMetrics(kernel));
  if (fields.has('cluster_state')) {
    metrics.push(one('redis_cluster_state', 'gauge', '1: all is well.', fields.get('cluster_state') === 'ok' ? 1 : 0));
  }
  return metrics;
}

/** Of a status, 1 is good. */
function numberOf(value: string | number | undefined): number {
  return value === 'ok' ? 1 : value === 'err' ? 0 : Number(value);
}

function one(name: string, kind: Metric['kind'], help: string, value: number): Metric {
  return { name, help, kind, samples: [{ labels: noLabels, value }] };
}

function databaseMetrics({ databases }: Kernel): Metric[] {
  const keys: MetricSample[] = [];
  const expiring: MetricSample[] = [];
  const ttl: MetricSample[] = [];
  for (const [index, { averageTtlMs, expiringCount, keyCount }] of databases.entries()) {
    const labels = { db: `db${index}` };
    keys.push({ labels, value: keyCount });
    expiring.push({ labels, value: expiringCount });
    if (expiringCount > 0) ttl.push({ labels, value: averageTtlMs / 1000 });
  }
  return [
    { name: 'redis_db_keys', help: 'Keys of a database.', kind: 'gauge', samples: keys },
    { name: 'redis_db_keys_expiring', help: 'Keys with a time of expiry.', kind: 'gauge', samples: expiring },
    { name: 'redis_db_avg_ttl_seconds', help: 'Mean time to live of such keys.', kind: 'gauge', samples: ttl },
  ];
}

function commandMetrics({ config, table }: Kernel): Metric[] {
  const calls: MetricSample[] = [];
  const seconds: MetricSample[] = [];
  const rejected: MetricSample[] = [];
  const failed: MetricSample[] = [];
  const percentiles: MetricSample[] = [];
  for (const command of table.everyCommand()) {
    if (command.calls === 0 && command.rejectedCalls === 0) continue;
    const labels = { cmd: command.name };
    calls.push({ labels, value: command.calls });
    seconds.push({ labels, value: command.usec / 1e6 });
    rejected.push({ labels, value: command.rejectedCalls });
    failed.push({ labels, value: command.failedCalls });
    if (command.latency === undefined) continue;
    for (const percent of config.latencyTrackingInfoPercentiles) {
      const quantile = { ...labels, quantile: String(percent / 100) };
      percentiles.push({ labels: quantile, value: command.latency.percentile(percent) / 1000 });
    }
  }
  const counter = (name: string, help: string, samples: MetricSample[]): Metric => {
    return { name, help, kind: 'counter', samples };
  };
  return [
    counter('redis_commands_total', 'Calls of a command.', calls),
    counter('redis_commands_duration_seconds_total', 'Seconds that its calls took.', seconds),
    counter('redis_commands_rejected_calls_total', 'Calls refused before they ran.', rejected),
    counter('redis_commands_failed_calls_total', 'Calls that answered an error.', failed),
    {
      name: 'redis_latency_percentiles_usec',
      help: 'Within so many microseconds this share of its calls ended.',
      kind: 'gauge',
      samples: percentiles,
    },
  ];
}

function troubleMetrics({ latency, slowlog, stats }: Kernel): Metric[] {
  const spikes = [...latency.events].map(([event_name, { samples }]) => {
    return { labels: { event_name }, value: samples[samples.length - 1].ms / 1000 };
  });
  const errors = [...stats.errors].map(([err, value]) => ({ labels: { err }, value }));
  return [
    { name: 'redis_errors_total', help: 'Error replies by their code.', kind: 'counter', samples: errors },
    { name: 'redis_latency_spike_duration_seconds', help: 'The last spike.', kind: 'gauge', samples: spikes },
    one('redis_slowlog_length', 'gauge', 'Entries of the slow log.', slowlog.entries.length),
    one('redis_slowlog_last_id', 'gauge', 'Id of its last entry.', slowlog.entries[0]?.id ?? 0),
    one(
      'redis_last_slow_execution_duration_seconds',
      'gauge',
      'How long its last entry took.',
      (slowlog.entries[0]?.usec ?? 0) / 1e6,
    ),
  ];
}

/** Why the node should get no traffic now; undefined: it is ready. */
export function unreadyReason(kernel: Kernel): string | undefined {
  if (kernel.listeners.kinds.length === 0) return 'not listening';
  if (kernel.isLoading) return 'loading the data set';
  const state = kernel.cluster === undefined ? 'ok' : /cluster_state:(\w+)/.exec(kernel.cluster.infoText())?.[1];
  return state === 'ok' ? undefined : `cluster state is ${state}`;
}
