import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningNode, startNode, type StartNodeOptions } from '@kvartz/node';
import { formCluster } from './form-cluster.ts';
import { NodeClient } from './node-client.ts';
import { freePorts } from './ports.ts';

export interface StartClusterOptions {
  /** Number of masters; 3 unless given. */
  readonly masters?: number;
  /** Directives of redis.conf for every node, by name. */
  readonly directives?: StartNodeOptions['directives'];
  /** Where the nodes keep their files. Unless given, a temporary folder that `close` removes. */
  readonly dir?: string;
  /** Where the log lines of all nodes go; silent unless given. */
  readonly log?: StartNodeOptions['log'];
}

export interface RunningCluster {
  /** `[{ host: '127.0.0.1', port: 40711 }, ...]`, one for each master: what cluster clients take. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  readonly nodes: readonly RunningNode[];
  /** Stops every node and frees the ports. */
  close(): Promise<void>;
}

const host = '127.0.0.1';
const formTimeoutMs = 30_000;

/** A new cluster in this process, on free ports of the loopback interface, ready for clients. */
export async function startCluster(options: StartClusterOptions = {}): Promise<RunningCluster> {
  const masters = options.masters ?? 3;
  if (!Number.isInteger(masters) || masters < 1) throw new RangeError(`masters: ${masters} is not a number of nodes`);
  const ports = await freePorts(host, masters);
  const folder = options.dir ?? mkdtempSync(join(tmpdir(), 'kvartz-cluster-'));
  const nodes: RunningNode[] = [];
  const close = async () => {
    await Promise.all(nodes.map((node) => node.close()));
    if (options.dir === undefined) rmSync(folder, { recursive: true, force: true });
  };
  const clients: NodeClient[] = [];
  try {
    for (const port of ports) {
      const dir = join(folder, `node-${nodes.length + 1}`);
      const directives = { ...options.directives, port, bind: host, dir, 'cluster-enabled': true };
      nodes.push(await startNode(options.log === undefined ? { directives } : { directives, log: options.log }));
      clients.push(await NodeClient.connect(host, port));
    }
    await formCluster(clients, { host, ports, timeoutMs: formTimeoutMs });
  } catch (error) {
    await close();
    throw error;
  } finally {
    for (const client of clients) client.close();
  }
  return { addresses: ports.map((port) => ({ host, port })), nodes, close };
}
