import type { CollectionLimits } from '@kvartz/engine';
import type { RdbVersion } from '@kvartz/persistence';
import { textOfByteString } from './byte-string.ts';
import type { Directive } from './directive.ts';
import { directiveNames, directives, findDirective } from './registry.ts';
import { type ReplicationSettings, replicationSettings } from './replication-settings.ts';

export interface OutputBufferLimit {
  /** 0: none. */
  readonly hardBytes: number;
  readonly softBytes: number;
  /** How long the output may stay over `softBytes`. */
  readonly softSeconds: number;
}

/** A snapshot is taken when so much has changed since the last one, and so long ago was it. */
export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

/** Told after directives have changed, with their names. A text that it returns refuses the change. */
export type ConfigListener = (names: readonly string[]) => string | undefined | void;

/**
 * The configuration of one server: every directive by name, in the form that CONFIG GET shows, and typed fields for those
 * that code reads. Made by `loadConfig`; changed by CONFIG SET (`setAll`) only.
 *
 * Invariant: each field is what its directive says, at every moment at which other code runs.
 */
export class ServerConfig {
  /** Of the file that the server was started with, in full; undefined without one. */
  readonly path: string | undefined;

  bind: readonly string[] = [];
  /** 0: do not listen on TCP. */
  port = 0;
  /** Empty: none. */
  unixsocket = '';
  /** File mode; 0: leave it to the umask. */
  unixsocketperm = 0;
  tcpBacklog = 0;
  /** 0: off. */
  tcpKeepaliveSeconds = 0;
  /** Idle clients are closed after this; 0: never. */
  timeoutSeconds = 0;
  maxclients = 0;
  protectedMode = true;
  /** One character per byte; empty: none. */
  requirepass = '';
  clientQueryBufferLimitBytes = 0;
  protoMaxBulkLenBytes = 0;
  hllSparseMaxBytes = 0;
  outputBufferLimits: Readonly<Record<'normal' | 'replica' | 'pubsub', OutputBufferLimit>> = NO_LIMITS;

  databases = 0;
  dir = '';
  loglevel: 'debug' | 'verbose' | 'notice' | 'warning' = 'notice';
  /** Empty: standard output. */
  logfile = '';
  logFormat: 'text' | 'json' = 'text';
  /** Empty: none. */
  pidfile = '';
  hz = 0;
  enableDebugCommand: 'no' | 'yes' | 'local' = 'no';
  enableProtectedConfigs: 'no' | 'yes' | 'local' = 'no';

  /** 0: no limit. */
  maxmemoryBytes = 0;
  maxmemoryPolicy = '';
  maxmemorySamples = 0;
  /** 0 to 100: how long one command may evict. */
  maxmemoryEvictionTenacity = 0;
  /** What all clients may take together; 0: no limit. */
  maxmemoryClientsBytes = 0;
  lfuLogFactor = 0;
  /** 0: counters do not decay. */
  lfuDecayMinutes = 0;
  activeExpireEffort = 0;
  collectionLimits: CollectionLimits = NO_PACKING;

  clusterEnabled = false;
  clusterConfigFile = '';
  clusterNodeTimeoutMs = 0;
  /** 0: the port plus 10000. */
  clusterPort = 0;
  /** One character per byte; empty: none. */
  clusterSecret = '';
  clusterAnnounceIp = '';
  clusterAnnouncePort = 0;
  clusterAnnounceBusPort = 0;
  clusterAnnounceHostname = '';
  clusterPreferredEndpointType: 'ip' | 'hostname' | 'unknown-endpoint' = 'ip';
  clusterRequireFullCoverage = true;
  clusterAllowReadsWhenDown = false;
  clusterAllowPubsubshardWhenDown = true;

  /** Words of SHUTDOWN. */
  shutdownOnSigterm: readonly string[] = [];
  shutdownOnSigint: readonly string[] = [];
  /** How long replicas are waited for; 0: they are not. */
  shutdownTimeoutSeconds = 0;

  appendonly = false;
  /** One character per byte; names in manifests are, too. */
  appendFilename = '';
  appendDirname = '';
  appendfsync: 'always' | 'everysec' | 'no' = 'everysec';
  noAppendfsyncOnRewrite = false;
  /** 0: never by itself. */
  autoAofRewritePercentage = 0;
  autoAofRewriteMinSizeBytes = 0;
  aofLoadTruncated = true;
  aofUseRdbPreamble = true;
  aofTimestampEnabled = false;
  aofRewriteIncrementalFsync = true;
  aofDisableAutoGc = false;

  /** Empty: no snapshots but those that are asked for. */
  savePoints: readonly SavePoint[] = [];
  dbFilename = '';
  rdbCompression = true;
  rdbChecksum = true;
  rdbVersion: RdbVersion = 10;
  rdbSaveIncrementalFsync = true;
  /** Microseconds for each key, for tests; negative numbers are none. */
  rdbKeySaveDelayUs = 0;
  keyLoadDelayUs = 0;
  stopWritesOnBgsaveError = true;

  replication: ReplicationSettings = replicationSettings(() => '');

  /** 0: no limit. */
  trackingTableMaxKeys = 0;
  /** Letters of event classes. */
  notifyKeyspaceEvents = '';

  /** Negative: off. 0: every command. */
  slowlogLogSlowerThanUs = 0;
  slowlogMaxLen = 0;
  /** 0: none. */
  metricsPort = 0;
  metricsBind = '';
  /** 0: off. */
  latencyMonitorThresholdMs = 0;
  latencyTracking = false;
  latencyTrackingInfoPercentiles: readonly number[] = [];

  readonly #values: Map<string, string>;
  readonly #listeners: ConfigListener[] = [];

  /** `values` by the canonical name; directives that are not in it have their defaults. */
  constructor(values: ReadonlyMap<string, string> = new Map(), path?: string) {
    this.path = path;
    this.#values = new Map(directives.map((row) => [row.name, values.get(row.name) ?? row.defaultValue]));
    this.#refresh();
  }

  onChange(listener: ConfigListener): void {
    this.#listeners.push(listener);
  }

  /** In the form of CONFIG GET, a byte string. The directive must exist. */
  get(name: string): string {
    const row = findDirective(name);
    if (row === undefined) throw new Error(`no directive ${name}`);
    return this.#values.get(row.name) as string;
  }

  /**
   * What CONFIG GET answers, as pairs. A pattern without wildcards finds one name and is answered with that name as it was
   * written; `matches` tells whether a name fits a pattern with wildcards.
   */
  match(patterns: readonly string[], matches: (pattern: string, name: string) => boolean): [string, string][] {
    const found = new Map<string, [string, string]>();
    for (const pattern of patterns) {
      const candidates = /[[*?]/.test(pattern)
        ? directiveNames.filter((name) => findDirective(name)?.isHidden === false && matches(pattern, name))
        : findDirective(pattern) === undefined
          ? []
          : [pattern];
      for (const name of candidates) {
        const key = name.toLowerCase();
        if (!found.has(key)) found.set(key, [name, this.get(name)]);
      }
    }
    return [...found.values()];
  }

  /**
   * CONFIG SET: all of the changes or, with the text of the error (without `ERR`) as the answer, none.
   * `isLocal`: the client may use what is reserved to this machine (`enable-protected-configs local`).
   */
  setAll(
    pairs: readonly (readonly [name: string, value: string])[],
    who: { readonly isLocal: boolean },
  ): string | undefined {
    const rows: Directive[] = [];
    const seen = new Set<string>();
    for (const [name] of pairs) {
      const row = findDirective(name);
      if (row === undefined)
        return `Unknown option or number of arguments for CONFIG SET - '${textOfByteString(name)}'`;
      const refusal =
        this.#refusalOf(row, who.isLocal) ?? (seen.has(name.toLowerCase()) ? 'duplicate parameter' : undefined);
      if (refusal !== undefined) return failed(name, refusal);
      seen.add(name.toLowerCase());
      rows.push(row);
    }

    const before = new Map<string, string>();
    for (const [i, row] of rows.entries()) {
      const [name, given] = pairs[i];
      const current = this.get(row.name);
      const parsed = row.type.parse(row.isMultiWord ? given.split(' ') : [given], { current, isRepeated: false });
      const error = 'error' in parsed ? parsed.error : parsed.value !== current ? row.startOnly : undefined;
      if (error !== undefined) {
        this.#restore(before);
        return failed(name.toLowerCase(), error);
      }
      if ('value' in parsed && parsed.value !== current) {
        if (!before.has(row.name)) before.set(row.name, current);
        this.#values.set(row.name, parsed.value);
      }
    }
    return before.size === 0 ? undefined : this.#publish(before);
  }

  #refusalOf(row: Directive, isLocal: boolean): string | undefined {
    if (row.isImmutable) return "can't set immutable config";
    const allowed = this.enableProtectedConfigs;
    const isAllowed = !row.isProtected || allowed === 'yes' || (allowed === 'local' && isLocal);
    return isAllowed ? undefined : "can't set protected config";
  }

  /** What a command has changed that CONFIG SET may not: REPLICAOF. */
  note(name: string, value: string): void {
    const before = new Map([[name, this.get(name)]]);
    this.#values.set(name, value);
    this.#publish(before);
  }

  #publish(before: ReadonlyMap<string, string>): string | undefined {
    const names = [...before.keys()];
    this.#refresh();
    for (const [i, listener] of this.#listeners.entries()) {
      const refusal = listener(names);
      if (typeof refusal !== 'string') continue;
      this.#restore(before);
      for (const told of this.#listeners.slice(0, i + 1)) told(names);
      return failed(names[0], refusal);
    }
    return undefined;
  }

  #restore(before: ReadonlyMap<string, string>): void {
    for (const [name, value] of before) this.#values.set(name, value);
    this.#refresh();
  }

  #refresh(): void {
    this.bind = this.#words('bind').map(textOfByteString);
    this.port = this.#number('port');
    this.unixsocket = this.#text('unixsocket');
    this.unixsocketperm = Number.parseInt(this.get('unixsocketperm'), 8);
    this.tcpBacklog = this.#number('tcp-backlog');
    this.tcpKeepaliveSeconds = this.#number('tcp-keepalive');
    this.timeoutSeconds = this.#number('timeout');
    this.maxclients = this.#number('maxclients');
    this.protectedMode = this.#isYes('protected-mode');
    this.requirepass = this.get('requirepass');
    this.clientQueryBufferLimitBytes = this.#number('client-query-buffer-limit');
    this.protoMaxBulkLenBytes = this.#number('proto-max-bulk-len');
    this.hllSparseMaxBytes = this.#number('hll-sparse-max-bytes');
    this.outputBufferLimits = outputBufferLimitsOf(this.#words('client-output-buffer-limit'));

    this.databases = this.#number('databases');
    this.dir = this.#text('dir');
    this.loglevel = this.get('loglevel') as typeof this.loglevel;
    this.logfile = this.#text('logfile');
    this.logFormat = this.get('log-format') as typeof this.logFormat;
    this.pidfile = this.#text('pidfile');
    this.hz = this.#number('hz');
    this.enableDebugCommand = this.get('enable-debug-command') as typeof this.enableDebugCommand;
    this.enableProtectedConfigs = this.get('enable-protected-configs') as typeof this.enableProtectedConfigs;

    this.maxmemoryBytes = this.#number('maxmemory');
    this.maxmemoryPolicy = this.get('maxmemory-policy');
    this.maxmemorySamples = this.#number('maxmemory-samples');
    this.maxmemoryEvictionTenacity = this.#number('maxmemory-eviction-tenacity');
    this.maxmemoryClientsBytes = shareOf(this.get('maxmemory-clients'), this.maxmemoryBytes);
    this.lfuLogFactor = this.#number('lfu-log-factor');
    this.lfuDecayMinutes = this.#number('lfu-decay-time');
    this.activeExpireEffort = this.#number('active-expire-effort');
    this.collectionLimits = {
      hashMaxListpackEntries: this.#number('hash-max-listpack-entries'),
      hashMaxListpackValue: this.#number('hash-max-listpack-value'),
      listMaxListpackSize: packSize(this.#number('list-max-listpack-size')),
      setMaxIntsetEntries: this.#number('set-max-intset-entries'),
      setMaxListpackEntries: this.#number('set-max-listpack-entries'),
      setMaxListpackValue: this.#number('set-max-listpack-value'),
      streamNodeMaxBytes: this.#number('stream-node-max-bytes'),
      streamNodeMaxEntries: this.#number('stream-node-max-entries'),
      zsetMaxListpackEntries: this.#number('zset-max-listpack-entries'),
      zsetMaxListpackValue: this.#number('zset-max-listpack-value'),
    };

    this.clusterEnabled = this.#isYes('cluster-enabled');
    this.clusterConfigFile = this.#text('cluster-config-file');
    this.clusterNodeTimeoutMs = this.#number('cluster-node-timeout');
    this.clusterPort = this.#number('cluster-port');
    this.clusterSecret = this.get('cluster-secret');
    this.clusterAnnounceIp = this.#text('cluster-announce-ip');
    this.clusterAnnouncePort = this.#number('cluster-announce-port');
    this.clusterAnnounceBusPort = this.#number('cluster-announce-bus-port');
    this.clusterAnnounceHostname = this.#text('cluster-announce-hostname');
    this.clusterPreferredEndpointType = this.get(
      'cluster-preferred-endpoint-type',
    ) as typeof this.clusterPreferredEndpointType;
    this.clusterRequireFullCoverage = this.#isYes('cluster-require-full-coverage');
    this.clusterAllowPubsubshardWhenDown = this.#isYes('cluster-allow-pubsubshard-when-down');
    this.clusterAllowReadsWhenDown = this.#isYes('cluster-allow-reads-when-down');

    this.appendonly = this.#isYes('appendonly');
    this.appendFilename = this.get('appendfilename');
    this.appendDirname = this.#text('appenddirname');
    this.appendfsync = this.get('appendfsync') as typeof this.appendfsync;
    this.noAppendfsyncOnRewrite = this.#isYes('no-appendfsync-on-rewrite');
    this.autoAofRewritePercentage = this.#number('auto-aof-rewrite-percentage');
    this.autoAofRewriteMinSizeBytes = this.#number('auto-aof-rewrite-min-size');
    this.aofLoadTruncated = this.#isYes('aof-load-truncated');
    this.aofUseRdbPreamble = this.#isYes('aof-use-rdb-preamble');
    this.aofTimestampEnabled = this.#isYes('aof-timestamp-enabled');
    this.aofRewriteIncrementalFsync = this.#isYes('aof-rewrite-incremental-fsync');
    this.aofDisableAutoGc = this.#isYes('aof-disable-auto-gc');

    this.shutdownOnSigterm = this.#words('shutdown-on-sigterm');
    this.shutdownTimeoutSeconds = this.#number('shutdown-timeout');
    this.shutdownOnSigint = this.#words('shutdown-on-sigint');

    this.savePoints = savePointsOf(this.#words('save').map(Number));
    this.dbFilename = this.#text('dbfilename');
    this.rdbCompression = this.#isYes('rdbcompression');
    this.rdbChecksum = this.#isYes('rdbchecksum');
    this.rdbVersion = this.#number('rdb-version') as RdbVersion;
    this.rdbSaveIncrementalFsync = this.#isYes('rdb-save-incremental-fsync');
    this.rdbKeySaveDelayUs = this.#number('rdb-key-save-delay');
    this.keyLoadDelayUs = this.#number('key-load-delay');
    this.stopWritesOnBgsaveError = this.#isYes('stop-writes-on-bgsave-error');

    this.replication = replicationSettings((name) => this.get(name));

    this.trackingTableMaxKeys = this.#number('tracking-table-max-keys');
    this.notifyKeyspaceEvents = this.get('notify-keyspace-events');

    this.slowlogLogSlowerThanUs = this.#number('slowlog-log-slower-than');
    this.slowlogMaxLen = this.#number('slowlog-max-len');
    this.metricsPort = this.#number('metrics-port');
    this.metricsBind = this.#text('metrics-bind');
    this.latencyMonitorThresholdMs = this.#number('latency-monitor-threshold');
    this.latencyTracking = this.#isYes('latency-tracking');
    this.latencyTrackingInfoPercentiles = this.#words('latency-tracking-info-percentiles').map(Number);
  }

  #isYes(name: string): boolean {
    return this.get(name) === 'yes';
  }

  /** Limits beyond 2^53 lose their last digits, which no limit needs. */
  #number(name: string): number {
    return Number(this.get(name));
  }

  #text(name: string): string {
    return textOfByteString(this.get(name));
  }

  #words(name: string): string[] {
    const value = this.get(name);
    return value === '' ? [] : value.split(' ');
  }
}

/** Until the directives are read. */
const NO_PACKING: CollectionLimits = {
  hashMaxListpackEntries: 0,
  hashMaxListpackValue: 0,
  listMaxListpackSize: 1,
  setMaxIntsetEntries: 0,
  setMaxListpackEntries: 0,
  setMaxListpackValue: 0,
  streamNodeMaxBytes: 1,
  streamNodeMaxEntries: 1,
  zsetMaxListpackEntries: 0,
  zsetMaxListpackValue: 0,
};

/** Bytes, or a percentage of `wholeBytes`. */
function shareOf(value: string, wholeBytes: number): number {
  return value.endsWith('%') ? Math.floor((Number(value.slice(0, -1)) / 100) * wholeBytes) : Number(value);
}

/** Redis takes any number, and holds it to these (`quicklistSetFill`); a pack of none would hold nothing. */
function packSize(given: number): number {
  return given === 0 ? 1 : Math.max(-5, Math.min(32_768, given));
}

const NO_LIMIT: OutputBufferLimit = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
const NO_LIMITS = { normal: NO_LIMIT, replica: NO_LIMIT, pubsub: NO_LIMIT };

function outputBufferLimitsOf(words: readonly string[]): ServerConfig['outputBufferLimits'] {
  const limitAt = (at: number): OutputBufferLimit => ({
    hardBytes: Number(words[at + 1]),
    softBytes: Number(words[at + 2]),
    softSeconds: Number(words[at + 3]),
  });
  return { normal: limitAt(0), replica: limitAt(4), pubsub: limitAt(8) };
}

function savePointsOf(numbers: readonly number[]): SavePoint[] {
  const points: SavePoint[] = [];
  for (let i = 0; i < numbers.length; i += 2) points.push({ seconds: numbers[i], changes: numbers[i + 1] });
  return points;
}

function failed(name: string, reason: string): string {
  return `CONFIG SET failed (possibly related to argument '${textOfByteString(name)}') - ${reason}`;
}
