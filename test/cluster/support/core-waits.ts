import { readFileSync } from 'node:fs';

/**
 * How long the main thread of a process (`self`: the thread that asks) has been ready to run while something else had the core, in
 * ms since it started; always 0 where the system does not say. Source: "ns on the core, ns ready without a core, slices" in
 * https://docs.kernel.org/scheduler/sched-stats.html
 */
export function coreWaitMs(pid: number | 'self'): number {
  try {
    const file = pid === 'self' ? '/proc/thread-self/schedstat' : `/proc/${pid}/schedstat`;
    return Number(readFileSync(file, 'latin1').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}
