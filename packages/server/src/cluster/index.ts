import type { ClusterService } from '../cluster-service.ts';
import type { Kernel } from '../kernel.ts';
import { ClusterNode } from './cluster-node.ts';

export { ClusterBus, type ClusterBusOptions, type ClusterEvent, type CommandResult } from './cluster-bus.ts';
export { clusterCommands } from './commands/index.ts';
export { NodesConfFileError } from './nodes-conf-store.ts';
export { SlotGate } from './slot-gate.ts';

/** Cluster mode for one server; the caller starts it with the kernel. */
export function createClusterService(kernel: Kernel): ClusterService {
  return new ClusterNode(kernel);
}
