import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PauseRecord } from './pause-monitor.ts';
import { type ServerCommand, type ServerProcess, startServer } from './server-process.ts';

export interface PauseSummary {
  /** As in PauseRecord, of all the time. */
  readonly turnMaxMs: number;
  readonly ownTurnMaxMs: number;
  readonly collectionMaxMs: number;
  readonly collectionTotalMs: number;
  /** Number of collections by kind. */
  readonly collections: Readonly<Record<string, number>>;
}

/** Pauses of a server since the last look. */
export interface PauseWatch {
  take(): PauseSummary;
}

/** Starts a server with the monitor in it, and stops it when `use` is done. */
export async function withWatchedServer<T>(
  command: ServerCommand,
  use: (server: ServerProcess, pauses: PauseWatch) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'kvartz-pauses-'));
  const pauseFile = join(folder, 'pauses');
  writeFileSync(pauseFile, '');
  const monitor = new URL('pause-monitor.ts', import.meta.url).href;
  const env = {
    ...command.env,
    NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import=${monitor}`.trim(),
    KVARTZ_PAUSE_FILE: pauseFile,
  };
  try {
    const server = await startServer({ ...command, env });
    let fromMs = Date.now();
    const take = (): PauseSummary => {
      const toMs = Date.now();
      const summary = summarizePauses(pauseFile, fromMs, toMs);
      fromMs = toMs;
      return summary;
    };
    try {
      return await use(server, { take });
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
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
    turnMaxMs: records.reduce((max, record) => Math.max(max, record.turnMaxMs), 0),
    ownTurnMaxMs: records.reduce((max, record) => Math.max(max, record.ownTurnMaxMs), 0),
    collectionMaxMs: all.reduce((max, { ms }) => Math.max(max, ms), 0),
    collectionTotalMs: all.reduce((sum, { ms }) => sum + ms, 0),
    collections: counts,
  };
}

export function describePauses(summary: PauseSummary): string {
  const kinds = Object.entries(summary.collections).map(([kind, count]) => `${count} ${kind}`);
  const wall = `${summary.turnMaxMs.toFixed(2)} ms with waiting for a core`;
  const turn = `longest turn of the event loop ${summary.ownTurnMaxMs.toFixed(2)} ms (${wall})`;
  const longest = `longest collection ${summary.collectionMaxMs.toFixed(2)} ms`;
  return `${turn}, ${longest} (${kinds.join(', ') || 'none'}; ${summary.collectionTotalMs.toFixed(1)} ms in all)`;
}
