import { createServer } from 'node:net';
import { UsageError } from './usage-error.ts';

/** Distance of the cluster bus from the client port, as in Redis. */
export const busPortOffset = 10_000;

/** The client ports `base`, `base + 1`, ... of `count` nodes; throws when one of them or of their bus ports cannot exist. */
export function portsFrom(basePort: number, count: number): number[] {
  const last = basePort + count - 1;
  if (last + busPortOffset > 65_535)
    throw new UsageError(
      `ports ${basePort} to ${last} do not work: the cluster bus of a node uses its port + ${busPortOffset}, ` +
        `so the last port may be ${65_535 - busPortOffset} at most`,
    );
  if (count > busPortOffset)
    throw new UsageError(`at most ${busPortOffset} nodes fit between the ports of one machine`);
  return Array.from({ length: count }, (_, index) => basePort + index);
}

/** Throws, naming every port that somebody else listens on, client and bus ports alike. */
export async function requireFreePorts(host: string, ports: readonly number[]): Promise<void> {
  const taken: string[] = [];
  for (const port of ports) {
    if (!(await isFree(host, port))) taken.push(`${port} (clients of node ${port})`);
    if (!(await isFree(host, port + busPortOffset)))
      taken.push(`${port + busPortOffset} (cluster bus of node ${port})`);
  }
  if (taken.length === 0) return;
  const [subject, verb] = taken.length === 1 ? ['port', 'is'] : ['ports', 'are'];
  throw new UsageError(
    `${subject} ${taken.join(', ')} ${verb} taken by another process on ${host}; ` +
      'stop it, or choose other ports with --base-port. Nothing was started.',
  );
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else if (error.code === 'EACCES') reject(new UsageError(`no permission to listen on port ${port} of ${host}`));
      else reject(new UsageError(`cannot listen on ${host}:${port}: ${error.message}`));
    });
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** `count` client ports whose bus ports are free, too, chosen by the system. For clusters that live in one process. */
export async function freePorts(host: string, count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = await anyFreePort(host);
    const isUsable =
      port + busPortOffset <= 65_535 && !ports.has(port - busPortOffset) && !ports.has(port + busPortOffset);
    if (isUsable && (await isFree(host, port + busPortOffset))) ports.add(port);
  }
  return [...ports];
}

function anyFreePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ host, port: 0, exclusive: true }, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
