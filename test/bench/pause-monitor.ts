/**
 * Preloaded into the server under test (`NODE_OPTIONS=--import=...`), so that its pauses are seen from inside: a probe on
 * another process would measure its own wait for a core as well. Every interval appends one line of JSON, a `PauseRecord`,
 * to the file named by KVARTZ_PAUSE_FILE.
 */
import { openSync, writeSync } from 'node:fs';
import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';

export interface PauseRecord {
  readonly wallMs: number;
  /** Longest time, in this interval, between two chances of the event loop to run a timer that is always due. */
  readonly loopDelayMaxMs: number;
  /** Collections that ended in this interval. */
  readonly collections: readonly { readonly kind: string; readonly ms: number }[];
}

const intervalMs = 100;
const resolutionMs = 1;

const kinds = new Map<number, string>([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'scavenge'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'mark-compact'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weak callbacks'],
]);

const path = process.env['KVARTZ_PAUSE_FILE'];
if (path !== undefined) record(openSync(path, 'a'));

function record(file: number): void {
  let collections: { kind: string; ms: number }[] = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as { detail?: { kind?: number } }).detail ?? {};
      collections.push({ kind: kinds.get(kind ?? -1) ?? 'other', ms: entry.duration });
    }
  }).observe({ entryTypes: ['gc'] });
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  setInterval(() => {
    // The histogram holds whole periods; what exceeds the period is delay.
    const loopDelayMaxMs = Math.max(0, delay.max / 1e6 - resolutionMs);
    const line: PauseRecord = { wallMs: Date.now(), loopDelayMaxMs, collections };
    writeSync(file, `${JSON.stringify(line)}\n`);
    collections = [];
    delay.reset();
  }, intervalMs).unref();
}
