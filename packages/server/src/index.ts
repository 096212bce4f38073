export { type Client, Gate, Halt } from './client.ts';
export type { ClusterService } from './cluster-service.ts';
export {
  ConfigError,
  type DirectiveValue,
  type LoadedConfig,
  loadConfig,
  optionsOf,
  parseArguments,
  type RenamedCommand,
  ServerConfig,
} from './config/index.ts';
export {
  ClusterBus,
  type ClusterBusOptions,
  type ClusterEvent,
  type CommandResult,
  createClusterService,
  NodesConfFileError,
} from './cluster/index.ts';
export { serverCommands } from './commands/index.ts';
export { ServerContext } from './context.ts';
export type { EffectSink } from './effects.ts';
export { Kernel, type KernelOptions } from './kernel.ts';
export { type Log, silentLog } from './log.ts';
export { type Metric, type MetricSample, serverMetrics, unreadyReason } from './metrics/server-metrics.ts';
export { cutFile, describeEnd } from './persistence/aof-loading-tail.ts';
export { replayAppendOnlyFiles } from './persistence/aof-replay.ts';
export { DataFileError } from './persistence/data-file-error.ts';
export { type ShutdownOptions } from './persistence/shutdown.ts';
export { shutdownOptionsOf } from './persistence/shutdown-command.ts';
export { noProcessFacts, type ProcessFacts } from './process-facts.ts';
export { CommandTable, ServerCommand } from './table.ts';
