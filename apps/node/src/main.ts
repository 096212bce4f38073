#!/usr/bin/env node
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  ConfigError,
  type Kernel,
  loadConfig,
  type LoadedConfig,
  parseArguments,
  shutdownOptionsOf,
} from '@kvartz/server';
import manifest from '../package.json' with { type: 'json' };
import { restartForMemory } from './memory-settings.ts';
import { existingFolder, runNode, type RunningNode } from './start-node.ts';

const usage = `Usage: kvartz-node [file.conf] [--directive value ...] [-]

  kvartz-node                              default configuration, port 6379
  kvartz-node /etc/kvartz.conf             directives of redis.conf from a file
  kvartz-node --port 7000 --cluster-enabled yes --dir /var/lib/kvartz
  kvartz-node kvartz.conf --maxmemory 2gb  what is on the command line overrules the file
  echo 'port 7000' | kvartz-node -         directives from standard input
  kvartz-node --version | --help
`;

function readConfig(): LoadedConfig {
  const given = parseArguments(process.argv.slice(2));
  if (given.action !== 'run') {
    process.stdout.write(given.action === 'help' ? usage : `Kvartz server v=${manifest.version}\n`);
    process.exit(0);
  }
  return loadConfig({
    file: given.file === undefined ? undefined : configFile(given.file),
    stdin: given.readsStdin ? readFileSync(0, 'latin1') : undefined,
    options: given.options,
    include: (pattern) =>
      /[*?[]/.test(pattern) ? globSync(pattern).toSorted().map(configFile) : [configFile(pattern)],
    resolveFolder: existingFolder,
  });
}

function configFile(path: string): { path: string; text: string } {
  const full = resolve(path);
  try {
    return { path: full, text: readFileSync(full, 'latin1') };
  } catch (error) {
    throw new Error(`can't open config file '${full}': ${(error as Error).message}`, { cause: error });
  }
}

/** Ends the process with the reason on standard error, as redis-server does for a bad configuration. */
function fail(error: unknown): never {
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    error instanceof ConfigError ? error.report(`Kvartz ${manifest.version}`) : `Fatal error, ${text}\n`,
  );
  process.exit(1);
}

/** Ample for a last snapshot. */
const orphanTimeoutMs = 60_000;

async function main(): Promise<void> {
  let loaded: LoadedConfig;
  try {
    loaded = readConfig();
  } catch (error) {
    fail(error);
  }
  const { config } = loaded;
  if (config.port === 0 && config.unixsocket === '') fail('configured to not listen anywhere, exiting.');
  process.title = `kvartz-node ${config.bind[0] ?? '*'}:${config.port}${config.clusterEnabled ? ' [cluster]' : ''}`;
  let node: RunningNode | undefined;
  let kernel: Kernel | undefined;
  let isStopping = false;
  const finish = async (): Promise<void> => {
    await node?.close();
    if (config.pidfile !== '') rmSync(config.pidfile, { force: true });
    kernel?.log.warning('Kvartz is now ready to exit, bye bye...');
    process.exit(0);
  };
  const stop = async (reason: string, words: readonly string[]): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    if (kernel === undefined || kernel.isLoading) {
      kernel?.log.warning('Received shutdown signal during loading, exiting now.');
      process.exit(0);
    }
    kernel.log.warning(`Received ${reason} scheduling shutdown...`);
    if (await kernel.shutdown.begin(shutdownOptionsOf(words))) return finish();
    kernel.log.warning(
      `${reason} received but errors trying to shut down the server, check the logs for more information`,
    );
    isStopping = false;
  };
  process.on('uncaughtException', (error) => {
    kernel?.log.warning(`=== BUG REPORT: ${error.stack ?? error.message}`);
    fail(error);
  });
  process.on('SIGTERM', () => void stop('SIGTERM', config.shutdownOnSigterm));
  process.on('SIGINT', () => {
    if (isStopping) {
      kernel?.log.warning('You insist... exiting now.');
      process.exit(1);
    }
    void stop('SIGINT', config.shutdownOnSigint);
  });
  process.on('SIGHUP', () => {});
  // A parent that started us with a channel wants us to end with it, however it ends.
  process.on('disconnect', () => {
    setTimeout(() => process.exit(1), orphanTimeoutMs); // nobody is left who would kill a shutdown that hangs
    kernel?.log.warning('The parent process has gone: shutting down...');
    void stop('the end of the parent', []);
  });
  if (process.connected === false) process.exit(0); // it went while our modules were loading
  process.channel?.unref();
  try {
    node = await runNode(loaded, {
      log: 'stdout',
      isAnyPort: false,
      onShutdown: () => void finish(),
      onKernel: (made) => (kernel = made),
    });
    if (config.pidfile !== '') writeFileSync(config.pidfile, `${process.pid}\n`);
  } catch (error) {
    fail(error);
  }
}

restartForMemory();
await main();
