import type { Kernel } from '../kernel.ts';

export function uptimeSeconds({ monotonicMs, stats }: Kernel): number {
  return Math.floor((monotonicMs - stats.startedMs) / 1000);
}
