import type { Kernel } from '../kernel.ts';

export function uptimeSeconds({ monotonicMs, stats }: Kernel): number {
  return Math.floor((monotonicMs - stats.startedMs) / 1000);
}

export function startedUnixSeconds(kernel: Kernel): number {
  return Math.floor((kernel.nowMs - (kernel.monotonicMs - kernel.stats.startedMs)) / 1000);
}
