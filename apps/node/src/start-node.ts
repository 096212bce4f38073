import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  createClusterService,
  type DirectiveValue,
  Kernel,
  type LoadedConfig,
  loadConfig,
  type Log,
  optionsOf,
  silentLog,
} from '@kvartz/server';
import { LogLines } from './log-lines.ts';
import { startMetrics } from './metrics/metrics-server.ts';
import { processFacts } from './process-facts.ts';
import { realEnv } from './real-env.ts';

export interface StartNodeOptions {
  /** Directives of redis.conf by name: `{ port: 7000, 'cluster-enabled': true }`. Port 0 takes any free port. */
  readonly directives?: Readonly<Record<string, DirectiveValue | undefined>>;
  /** Where log lines go; silent by default, `stdout` for lines as the command prints them. */
  readonly log?: Log | 'stdout';
}

export interface RunningNode {
  /** The TCP port that clients connect to; 0 when there is only a Unix socket. */
  readonly port: number;
  readonly kernel: Kernel;
  /** Stops serving and frees the port. Where save points are set, a last snapshot is saved before, if the disk takes it. */
  close(): Promise<void>;
}

/** Starts a server in this process. Rejects with a ConfigError, a SystemError (`EADDRINUSE`) or a DataFileError. */
export async function startNode(options: StartNodeOptions = {}): Promise<RunningNode> {
  const loaded = loadConfig({
    options: optionsOf({ port: 0, bind: '127.0.0.1', save: '', ...options.directives }),
    resolveFolder: existingFolder,
  });
  return runNode(loaded, { log: options.log ?? silentLog, isAnyPort: true, onShutdown: () => {} });
}

interface RunOptions {
  readonly log: Log | 'stdout';
  readonly isAnyPort: boolean;
  readonly onShutdown: () => void;
  /** Called before anything is loaded. */
  readonly onKernel?: (kernel: Kernel) => void;
}

/** The common end of `startNode` and of the command. */
export async function runNode(loaded: LoadedConfig, options: RunOptions): Promise<RunningNode> {
  const { config, withoutEffect, renamedCommands } = loaded;
  const log = options.log === 'stdout' ? new LogLines(config, process.pid) : options.log;
  const facts = processFacts(config.path ?? '');
  log.notice(`Kvartz version=${facts.version}, pid=${facts.pid}, runtime=${facts.runtime}, just started`);
  if (withoutEffect.length > 0) {
    log.warning(`Directives that are accepted but have no effect here: ${withoutEffect.join(', ')}`);
  }
  const kernel = new Kernel({
    env: realEnv(config.dir),
    config,
    renamedCommands,
    log,
    process: facts,
    isAnyPort: options.isAnyPort,
    onShutdown: options.onShutdown,
  });
  options.onKernel?.(kernel);
  if (config.clusterEnabled) kernel.cluster = createClusterService(kernel);
  // Before the start, so that /readyz says what it waits for.
  const metrics = config.metricsPort > 0 ? await startMetrics(kernel) : undefined;
  try {
    await kernel.start();
  } catch (error) {
    await metrics?.close();
    throw error;
  }
  const close = async (): Promise<void> => {
    await metrics?.close();
    await kernel.shutdown.begin({ save: 'default', isForced: true, isNow: true });
    // A shutdown that was under way may have left off.
    await kernel.stop();
  };
  return { port: kernel.listeners.port, kernel, close };
}

/** `dir` is where files go; it is made when its parent exists. */
export function existingFolder(path: string): string {
  const folder = resolve(path);
  mkdirSync(folder, { recursive: true });
  return folder;
}
