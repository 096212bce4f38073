import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { formCluster, untilAgreed } from './form-cluster.ts';
import { NodeProcess } from './node-process.ts';
import { portsFrom, requireFreePorts } from './ports.ts';
import { UsageError } from './usage-error.ts';

export interface LocalClusterOptions {
  /** Folder of the cluster: one folder per node, and cluster.json. */
  readonly dir: string;
  readonly host: string;
  /** Undefined: as the cluster in `dir` has them, or 3 from port 7000. */
  readonly masters?: number | undefined;
  readonly basePort?: number | undefined;
  /** Program and leading arguments of the server. */
  readonly command: readonly string[];
  /** Further directives for every node, as flags. */
  readonly directives: readonly string[];
}

/** What cluster.json remembers. `formed` is false while the first start is under way. */
interface Plan {
  readonly version: 1;
  readonly masters: number;
  readonly basePort: number;
  readonly formed: boolean;
}

const defaultMasters = 3;
const defaultBasePort = 7000;
const readyTimeoutMs = 30_000;
const agreeTimeoutMs = 60_000;

/** A cluster of real processes on this machine, whose identity and data stay in one folder from start to start. */
export class LocalCluster {
  readonly dir: string;
  readonly ports: readonly number[];
  /** True when this start made the cluster, false when it resumed one. */
  readonly wasCreated: boolean;
  readonly nodes: readonly NodeProcess[];

  private constructor(dir: string, ports: readonly number[], wasCreated: boolean, nodes: readonly NodeProcess[]) {
    this.dir = dir;
    this.ports = ports;
    this.wasCreated = wasCreated;
    this.nodes = nodes;
  }

  /**
   * Resolves when the cluster serves every slot. Rejects, with nothing left running, when it cannot: with a UsageError
   * for what the user can mend. `onStarted` gets the cluster as soon as it has processes, so that a signal can stop them.
   */
  static async start(options: LocalClusterOptions, onStarted: (cluster: LocalCluster) => void): Promise<LocalCluster> {
    const dir = resolve(options.dir);
    const plan = planFor(dir, options);
    const ports = portsFrom(plan.basePort, plan.masters);
    await requireFreePorts(options.host, ports);
    writePlan(dir, plan);
    const { host, command, directives } = options;
    const nodes = ports.map(
      (port) => new NodeProcess({ host, port, folder: join(dir, `node-${port}`), command, directives }),
    );
    const cluster = new LocalCluster(dir, ports, !plan.formed, nodes);
    onStarted(cluster);
    try {
      await cluster.#unlessOneEnds(cluster.#assemble(host));
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    if (!plan.formed) writePlan(dir, { ...plan, formed: true });
    return cluster;
  }

  async #assemble(host: string): Promise<void> {
    const clients = await Promise.all(this.nodes.map((node) => node.ready(readyTimeoutMs)));
    try {
      if (this.wasCreated) await formCluster(clients, { host, ports: this.ports, timeoutMs: agreeTimeoutMs });
      else await untilAgreed(clients, agreeTimeoutMs);
    } finally {
      for (const client of clients) client.close();
    }
  }

  async #unlessOneEnds(work: Promise<void>): Promise<void> {
    const ends = this.nodes.map(async (node) => {
      await node.ended;
      throw new Error(node.describeEnd('ended while the cluster was starting'));
    });
    for (const end of ends) end.catch(() => {}); // only the first one counts
    await Promise.race([work, ...ends]);
  }

  /** Ends every node and waits for it. */
  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  kill(): void {
    for (const node of this.nodes) node.kill();
  }
}

/** What is in the folder decides; options that contradict it are an error, not a second cluster over the first. */
function planFor(dir: string, { masters, basePort }: LocalClusterOptions): Plan {
  const found = readPlan(dir);
  if (found === undefined)
    return { version: 1, masters: masters ?? defaultMasters, basePort: basePort ?? defaultBasePort, formed: false };
  if ((masters ?? found.masters) !== found.masters || (basePort ?? found.basePort) !== found.basePort)
    throw new UsageError(
      `${dir} holds a cluster of ${found.masters} masters from port ${found.basePort} on; ` +
        'leave out --masters and --base-port to resume it, or choose another --dir',
    );
  return found;
}

function readPlan(dir: string): Plan | undefined {
  const path = planPath(dir);
  if (!existsSync(path)) return undefined;
  const plan = parsePlan(readFileSync(path, 'utf8'));
  if (plan === undefined)
    throw new UsageError(`${path} is not a cluster description this version can read; choose another --dir`);
  return plan;
}

function parsePlan(text: string): Plan | undefined {
  try {
    const plan = JSON.parse(text) as Plan;
    const isWhole =
      Number.isInteger(plan.masters) && Number.isInteger(plan.basePort) && typeof plan.formed === 'boolean';
    return plan.version === 1 && isWhole ? plan : undefined;
  } catch {
    return undefined;
  }
}

function writePlan(dir: string, plan: Plan): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(`${planPath(dir)}.tmp`, `${JSON.stringify(plan)}\n`);
  renameSync(`${planPath(dir)}.tmp`, planPath(dir));
}

function planPath(dir: string): string {
  return join(dir, 'cluster.json');
}
