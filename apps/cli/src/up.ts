import { LocalCluster, type LocalClusterOptions } from './local-cluster.ts';

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** One Ctrl-C under npm arrives twice: from the terminal, and passed on by npm. */
const sameSignalMs = 500;

/**
 * Runs a local cluster until a signal ends it, or until its last node is gone. Resolves to the exit code.
 * Should this process die without a chance to stop its nodes, they end by themselves: see NodeProcess.
 */
export async function up(options: LocalClusterOptions): Promise<number> {
  let cluster: LocalCluster | undefined;
  let isStopping = false;
  let firstSignalMs = 0;
  const stop = (signal: NodeJS.Signals) => {
    if (isStopping) {
      if (performance.now() - firstSignalMs > sameSignalMs) cluster?.kill(); // asked again: no more patience
      return;
    }
    isStopping = true;
    firstSignalMs = performance.now();
    console.log(`kvartz: ${signal}, stopping the nodes (again to kill them)`);
    void cluster?.stop();
  };
  for (const signal of stopSignals) process.on(signal, stop);
  const orphanWatch = onLossOfParent(() => stop('SIGHUP'));
  // After a hang-up the terminal is gone and what is printed with it; that must not be what ends us.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

  try {
    const started = await LocalCluster.start(options, (starting) => {
      cluster = starting;
      if (isStopping) void starting.stop();
    });
    console.log(greeting(started, options.host));
    await Promise.all(
      started.nodes.map(async (node) => {
        await node.ended;
        if (!isStopping)
          console.error(`kvartz: ${node.describeEnd('ended')}\nstart it again with: ${node.commandLine}`);
      }),
    );
    if (!isStopping) console.error('kvartz: no node is left');
    return isStopping ? 0 : 1;
  } catch (error) {
    if (isStopping) return 0;
    throw error;
  } finally {
    for (const signal of stopSignals) process.off(signal, stop);
    clearInterval(orphanWatch);
  }
}

const orphanPollMs = 250;

/**
 * npm and npx run us in a shell: a signal to npm ends the shell, which does not pass it on. Under them, and only under
 * them, we therefore end when our parent does; started by hand we may outlive a shell, as with nohup.
 */
function onLossOfParent(callback: () => void): NodeJS.Timeout | undefined {
  if (process.env['npm_lifecycle_event'] === undefined) return undefined;
  const { ppid } = process;
  const watch = setInterval(() => {
    if (process.ppid === ppid) return;
    clearInterval(watch);
    callback();
  }, orphanPollMs);
  return watch.unref();
}

function greeting({ ports, dir, wasCreated }: LocalCluster, host: string): string {
  const [first, last] = [ports[0]!, ports.at(-1)!];
  const range = first === last ? `port ${first}` : `ports ${first} to ${last}`;
  const masters = ports.length === 1 ? '1 master' : `${ports.length} masters`;
  const hostFlag = host === '127.0.0.1' ? '' : ` -h ${host}`;
  return [
    `kvartz: ready, a cluster of ${masters} on ${range} (${wasCreated ? 'created' : 'resumed'} in ${dir})`,
    '',
    `  redis-cli -c${hostFlag} -p ${first}`,
    `  new Redis.Cluster([{ host: '${host}', port: ${first} }])    // ioredis`,
    '',
    'Ctrl-C stops all of it.',
  ].join('\n');
}
