export type { LinkOptions } from './link.ts';
export { Scheduler } from './scheduler.ts';
export { SystemError } from './system-error.ts';
export { VirtualEnv } from './virtual-env.ts';
export type { NetworkOptions, VirtualNetwork } from './virtual-network.ts';
export type { DiskOperation, VirtualVolume } from './virtual-volume.ts';
export { VirtualWorld, type EnvOptions, type WorldOptions } from './virtual-world.ts';
