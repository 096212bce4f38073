import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import type { Sample } from './load.ts';
import { meets, type Shape } from './shapes.ts';
import { median } from './stats.ts';

export interface Pair {
  readonly kvartz: Sample;
  readonly baseline: Sample;
}

export interface Result {
  readonly shape: Shape;
  readonly throughputRatio: number;
  readonly cpuRatio: number;
  readonly met: boolean;
  readonly pairs: readonly Pair[];
}

/** Ratios are formed within each pair, whose two runs follow each other, and the median is taken over the pairs. */
export function summarize(shape: Shape, pairs: readonly Pair[]): Result {
  const { target } = shape;
  const throughputRatio = median(pairs.map((p) => p.kvartz.operationsPerSecond / p.baseline.operationsPerSecond));
  const cpuRatio = median(pairs.map((p) => p.kvartz.cpuMicrosPerOperation / p.baseline.cpuMicrosPerOperation));
  const met = meets(target, target.metric === 'throughput' ? throughputRatio : cpuRatio);
  return { shape, throughputRatio, cpuRatio, met, pairs };
}

export const tableHead =
  'shape                 kvartz op/s   base op/s   ratio   kvartz us/op  base us/op   ratio  busy   target';

export function tableRow({ shape, throughputRatio, cpuRatio, met, pairs }: Result): string {
  const { name, target } = shape;
  const middle = (pick: (p: Pair) => number) => median(pairs.map(pick));
  const bound = target.metric === 'throughput' ? `ops >= ${target.ratio}` : `cpu <= ${target.ratio}`;
  return [
    name.padEnd(20),
    middle((p) => p.kvartz.operationsPerSecond)
      .toFixed(0)
      .padStart(12),
    middle((p) => p.baseline.operationsPerSecond)
      .toFixed(0)
      .padStart(11),
    throughputRatio.toFixed(2).padStart(7),
    middle((p) => p.kvartz.cpuMicrosPerOperation)
      .toFixed(3)
      .padStart(14),
    middle((p) => p.baseline.cpuMicrosPerOperation)
      .toFixed(3)
      .padStart(11),
    cpuRatio.toFixed(2).padStart(7),
    `${(busyShare(pairs) * 100).toFixed(0)}%`.padStart(5),
    `  ${bound.padEnd(11)} ${met ? 'met' : 'MISSED'}`,
  ].join(' ');
}

/**
 * Share of its core that Kvartz used. Well below 1 the load generator was the limit, and the throughput ratio says less
 * about the servers than the ratio of CPU per operation.
 */
function busyShare(pairs: readonly Pair[]): number {
  return median(pairs.map(({ kvartz }) => kvartz.operationsPerSecond * kvartz.cpuMicrosPerOperation * 1e-6));
}

/** What one has to know about the machine to compare figures. */
export function describeMachine(): Record<string, string | number> {
  const [first] = cpus();
  return {
    cpu: first?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: release(),
    loadAverage: loadAverage(),
    node: process.version,
  };
}

function loadAverage(): string {
  try {
    return readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(' ');
  } catch {
    return 'unknown';
  }
}

/** First line that the program prints for `--version`. */
export function versionOf(argv: readonly string[]): string {
  try {
    return execFileSync(argv[0]!, [...argv.slice(1), '--version'], { encoding: 'utf8', timeout: 5000 })
      .trim()
      .split('\n')[0]!;
  } catch {
    return 'unknown';
  }
}
