export { collectorOptions, memoryEnvironment } from './memory-settings.ts';
export { type RunningNode, startNode, type StartNodeOptions } from './start-node.ts';
export { realEnv } from './real-env.ts';
