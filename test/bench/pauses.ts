import { readFileSync } from 'node:fs';
import type { PauseRecord } from './pause-monitor.ts';

export interface PauseSummary {
  readonly loopDelayMaxMs: number;
  readonly collectionMaxMs: number;
  readonly collectionTotalMs: number;
  /** Number of collections by kind. */
  readonly collections: Readonly<Record<string, number>>;
}

/** What the monitor saw between two moments of wall time. */
export function summarizePauses(path: string, fromMs: number, toMs: number): PauseSummary {
  const records = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}')) // the last line may be half written
    .map((line) => JSON.parse(line) as PauseRecord)
    .filter((record) => record.wallMs > fromMs && record.wallMs <= toMs);
  const all = records.flatMap((record) => record.collections);
  const counts: Record<string, number> = {};
  for (const { kind } of all) counts[kind] = (counts[kind] ?? 0) + 1;
  return {
    loopDelayMaxMs: records.reduce((max, record) => Math.max(max, record.loopDelayMaxMs), 0),
    collectionMaxMs: all.reduce((max, { ms }) => Math.max(max, ms), 0),
    collectionTotalMs: all.reduce((sum, { ms }) => sum + ms, 0),
    collections: counts,
  };
}

export function describePauses(summary: PauseSummary): string {
  const kinds = Object.entries(summary.collections).map(([kind, count]) => `${count} ${kind}`);
  const loop = `longest turn of the event loop ${summary.loopDelayMaxMs.toFixed(2)} ms`;
  const longest = `longest collection ${summary.collectionMaxMs.toFixed(2)} ms`;
  return `${loop}, ${longest} (${kinds.join(', ') || 'none'}; ${summary.collectionTotalMs.toFixed(1)} ms in all)`;
}
