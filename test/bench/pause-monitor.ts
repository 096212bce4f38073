/**
 * Preloaded into the server under test (`NODE_OPTIONS=--import=...`), so that its pauses are seen from inside: a probe on
 * another process would measure its own wait for a core as well. Every interval appends one line of JSON, a `PauseRecord`,
 * to the file named by KVARTZ_PAUSE_FILE.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { constants, PerformanceObserver } from 'node:perf_hooks';

export interface PauseRecord {
  readonly wallMs: number;
  /** Longest time, in this interval, between two chances of the event loop to run a timer that is always due. */
  readonly turnMaxMs: number;
  /**
   * The same without the time in which other programs had the core, where Linux tells (else equal to it): what the server
   * itself did, or waited for.
   */
  readonly ownTurnMaxMs: number;
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
  const waitedMs = coreWaitClock();
  let turnMaxMs = 0;
  let ownTurnMaxMs = 0;
  let lastMs = performance.now();
  let lastWaitedMs = waitedMs();
  setInterval(() => {
    const nowMs = performance.now();
    const nowWaitedMs = waitedMs();
    const turnMs = Math.max(0, nowMs - lastMs - resolutionMs);
    turnMaxMs = Math.max(turnMaxMs, turnMs);
    ownTurnMaxMs = Math.max(ownTurnMaxMs, turnMs - Math.max(0, nowWaitedMs - lastWaitedMs));
    lastMs = nowMs;
    lastWaitedMs = nowWaitedMs;
  }, resolutionMs).unref();
  setInterval(() => {
    const line: PauseRecord = { wallMs: Date.now(), turnMaxMs, ownTurnMaxMs, collections };
    writeSync(file, `${JSON.stringify(line)}\n`);
    collections = [];
    turnMaxMs = 0;
    ownTurnMaxMs = 0;
  }, intervalMs).unref();
}

/** Reads how long this thread has been ready to run while something else had the core, in ms; always 0 where nobody knows. */
function coreWaitClock(): () => number {
  const line = new Uint8Array(64);
  let file: number;
  try {
    // "ns on the core, ns ready without a core, slices", of the main thread.
    file = openSync('/proc/self/schedstat', 'r');
    readSync(file, line, 0, line.length, 0);
  } catch {
    return () => 0;
  }
  process.once('exit', () => closeSync(file));
  return () => {
    const length = readSync(file, line, 0, line.length, 0);
    let at = line.indexOf(0x20) + 1;
    let ns = 0;
    for (; at < length && line[at]! >= 0x30; at++) ns = ns * 10 + line[at]! - 0x30;
    return ns / 1e6;
  };
}
