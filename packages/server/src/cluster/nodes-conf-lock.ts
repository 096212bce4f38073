import type { Disk, Lock } from '@kvartz/base';
import { NodesConfFileError } from './nodes-conf-store.ts';

/** Takes nodes.conf for this process, so that no second node takes up the same identity. */
export async function lockNodesConf(disk: Disk, path: string): Promise<Lock> {
  try {
    return await disk.lock(`${path}.lock`);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EWOULDBLOCK') throw error;
    throw new NodesConfFileError(
      `the cluster configuration ${path} is in use by another node (${(error as Error).message}). ` +
        'Give each node a cluster-config-file or a dir of its own',
      { cause: error },
    );
  }
}
