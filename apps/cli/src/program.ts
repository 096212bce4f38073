import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { addAofCommands } from './aof/aof-commands.ts';
import { addRdbCommands } from './rdb/rdb-commands.ts';
import { nodeCommand } from './node-command.ts';
import { clusterStatus } from './status.ts';
import { up } from './up.ts';
import { UsageError } from './usage-error.ts';
import { wholeNumber } from './whole-number.ts';

interface UpFlags {
  readonly masters?: number;
  readonly replicas: number;
  readonly basePort?: number;
  readonly dir: string;
  readonly host: string;
  readonly nodePath?: string;
}

/** The command line of `kvartz`. Actions set process.exitCode; mistakes of the user come out as UsageError. */
export function program(): Command {
  const kvartz = new Command('kvartz')
    .description('Local clusters of Kvartz, and tools for any cluster and for files of any server')
    .version(packageJson.version)
    .showHelpAfterError('(kvartz --help tells what there is)');

  kvartz
    .command('up')
    .description('run a local cluster of real processes until Ctrl-C; the next start in the same folder resumes it')
    .option('--masters <count>', 'number of masters (3)', wholeNumber(1, 1000))
    .option('--replicas <count>', 'replicas of each master', wholeNumber(0, 5), 0)
    .option('--base-port <port>', 'port of the first node; the next ones follow (7000)', wholeNumber(1, 65_535))
    .option('--dir <folder>', 'where the nodes keep their files and logs', '.kvartz')
    .option('--host <address>', 'address that the nodes listen on', '127.0.0.1')
    .addOption(new Option('--node-path <path>', 'server program').env('KVARTZ_NODE_PATH').hideHelp())
    .argument('[directives...]', 'after --: redis.conf directives for every node, such as --maxmemory 1gb')
    .action(async (directives: string[], flags: UpFlags) => {
      if (flags.replicas !== 0) throw new UsageError('--replicas: replication is not there yet, so only 0 works');
      const { masters, basePort, dir, host } = flags;
      process.exitCode = await up({ dir, host, masters, basePort, command: nodeCommand(flags.nodePath), directives });
    });

  const cluster = kvartz.command('cluster').description('look at a cluster');
  cluster
    .command('status')
    .description('its nodes, and who owns which slots')
    .option('--host <address>', 'address of any of its nodes', '127.0.0.1')
    .option('-p, --port <port>', 'port of that node', wholeNumber(1, 65_535), 7000)
    .action(async ({ host, port }: { host: string; port: number }) => console.log(await clusterStatus(host, port)));

  addRdbCommands(kvartz);
  addAofCommands(kvartz);

  kvartz
    .command('bench')
    .description('compare speed with redis-server; only in a checkout, and needs redis-benchmark')
    .argument('[options...]', 'options of the benchmark; --help lists them')
    .helpOption(false)
    .allowUnknownOption()
    .action((options: string[]) => {
      const entry = fileURLToPath(new URL('../../../test/bench/main.ts', import.meta.url));
      if (!existsSync(entry))
        throw new UsageError('the benchmark is part of a checkout of Kvartz, and this is not one');
      process.exitCode = spawnSync(process.execPath, [entry, ...options], { stdio: 'inherit' }).status ?? 1;
    });
  return kvartz;
}
