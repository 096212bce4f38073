import type { Kernel } from '../../kernel.ts';
import type { LatencyEvent } from '../../latency/latency-monitor.ts';

/** What may help against the spikes of an event. */
const advice: ReadonlyMap<string, string> = new Map([
  [
    'command',
    'SLOWLOG GET names the commands. Ask for less at once: SCAN for KEYS, ranges and counts for whole collections, ' +
      'UNLINK for DEL of what is large.',
  ],
  [
    'fast-command',
    'Quick commands were slow: the machine was busy with something else. Look at its load, at swapping, and at how much ' +
      'of a processor its host gives it (steal time).',
  ],
  ['expire-cycle', 'Many keys expire at once. Spread their times, or lower active-expire-effort.'],
  ['eviction-cycle', 'Memory is full and much has to go at once. Raise maxmemory or write less.'],
]);

/** LATENCY DOCTOR: each event with its figures and what may help. */
export function doctorText({ latency }: Kernel): string {
  if (latency.thresholdMs === 0) {
    return (
      'Nothing is watched: set latency-monitor-threshold to the milliseconds from which on a delay is too long ' +
      '(CONFIG SET latency-monitor-threshold 100).\n'
    );
  }
  if (latency.events.size === 0) return `Nothing has taken longer than ${latency.thresholdMs} ms.\n`;
  return [...latency.events]
    .map(([name, event], i) => `${i + 1}. ${name}: ${figures(event)}${helpFor(name)}\n`)
    .join('');
}

function figures({ maxMs, samples }: LatencyEvent): string {
  const meanMs = samples.reduce((sum, { ms }) => sum + ms, 0) / samples.length;
  const periodSeconds = (samples[samples.length - 1].unixSeconds - samples[0].unixSeconds) / samples.length;
  const often = samples.length > 1 ? `, one every ${periodSeconds.toFixed(1)} seconds` : '';
  const count = `${samples.length} spike${samples.length === 1 ? '' : 's'}`;
  return `${count}${often}; ${meanMs.toFixed(1)} ms on average, ${maxMs} ms at worst.`;
}

function helpFor(event: string): string {
  const help = advice.get(event);
  return help === undefined ? '' : ` ${help}`;
}
