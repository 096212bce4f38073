import type { LatencyEvent } from '../../latency/latency-monitor.ts';

/** Columns that fit a terminal: the last spikes. */
const columnsMax = 80;
const rows = 4;

/**
 * A column for each spike, from the left the oldest, as high as it took long; under it, from top to bottom, how long ago
 * it was.
 *
 *       #
 *     _ #
 *    _|o|
 *    |||_
 *
 *    1 14s
 *    5ms
 */
export function graphText(name: string, { maxMs, samples }: LatencyEvent, unixSeconds: number): string {
  const shown = samples.slice(-columnsMax);
  const times = shown.map(({ ms }) => ms);
  const [low, high] = [Math.min(...times), Math.max(...times)];
  const heights = times.map((ms) => (high === low ? 0.5 : (ms - low) / (high - low)) * (rows - 1));
  const lines: string[] = [];
  for (let row = rows - 1; row >= 0; row--) {
    lines.push(heights.map((height) => cell(height - row)).join(''));
  }
  const ages = shown.map((sample) => ageText(unixSeconds - sample.unixSeconds));
  const labelRows = Math.max(...ages.map((age) => age.length));
  const labels = Array.from({ length: labelRows }, (_, row) => ages.map((age) => age[row] ?? ' ').join(''));
  const title = `${name} - high ${high} ms, low ${low} ms (all time high ${maxMs} ms)`;
  const picture = [...lines, '', ...labels].map((line) => line.trimEnd()).join('\n');
  return `${title}\n${'-'.repeat(columnsMax)}\n${picture}\n`;
}

/** What a column shows in a row, by how far its top is above the bottom of the row. */
function cell(above: number): string {
  if (above < 0) return ' ';
  if (above >= 1) return '|';
  return above < 1 / 3 ? '_' : above < 2 / 3 ? 'o' : '#';
}

function ageText(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
