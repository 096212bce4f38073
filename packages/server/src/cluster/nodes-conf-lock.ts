import type { Disk } from '@kvartz/base';
import { NodesConfFileError } from './nodes-conf-store.ts';

interface Lock {
  release(): Promise<void>;
}

/**
 * Takes nodes.conf for this process, so that no second node takes up the same identity. Returns what gives it back.
 */
export async function lockNodesConf(disk: Disk, path: string): Promise<() => Promise<void>> {
  const lockable = disk as Disk & { lock?: (path: string) => Promise<Lock> };
  if (lockable.lock === undefined) return async () => {};
  try {
    const lock = await lockable.lock(`${path}.lock`);
    return () => lock.release();
  } catch (error) {
    if ((error as { code?: string }).code !== 'EWOULDBLOCK') throw error;
    throw new NodesConfFileError(
      `the cluster configuration ${path} is in use by another node (${(error as Error).message}). ` +
        'Give each node a cluster-config-file or a dir of its own',
      { cause: error },
    );
  }
}
