export { type RunningCluster, startCluster, type StartClusterOptions } from './start-cluster.ts';
