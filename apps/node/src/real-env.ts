import type { Env } from '@kvartz/base';
import { RealClock } from './env/clock.ts';
import { RealDisk } from './env/disk.ts';
import { RealRandom } from './env/random.ts';
import { RealTimers } from './env/timers.ts';
import { NetTransport } from './transport/net-transport.ts';

/** The Env of a process: this machine's clock, randomness, timers, sockets and files (below `folder`). */
export function realEnv(folder: string): Env {
  return {
    clock: new RealClock(),
    random: new RealRandom(),
    timers: new RealTimers(),
    transport: new NetTransport(),
    disk: new RealDisk(folder),
  };
}
