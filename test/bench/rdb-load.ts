/**
 * Loading RDB files: Kvartz's loader and redis-server (or $VALKEY_SERVER) with the same file, in turns.
 *
 *   node test/bench/rdb-load.ts [--only strings,hashes] [--scale 1] [--pairs 3]
 *
 * `--scale 0.1` makes everything a tenth. Compared are the seconds in which the keys are there, and the processor's time, user and
 * system, of all threads.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findProgram } from './programs.ts';
import { rdbContents } from './rdb-contents.ts';
import { describeMachine } from './report.ts';
import { pinTo, startServer } from './server-process.ts';
import { median } from './stats.ts';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    scale: { type: 'string', default: '1' },
    pairs: { type: 'string', default: '3' },
    baseline: { type: 'string' },
    json: { type: 'string', default: 'bench-rdb-load.json' },
  },
});

interface Load {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const scale = Number(options.scale);
const pairCount = Number(options.pairs);
const names = options.only?.split(',') ?? Object.keys(rdbContents);
const unknown = names.filter((name) => rdbContents[name] === undefined);
const baselineArgv = (options.baseline ?? process.env['VALKEY_SERVER'] ?? 'redis-server').split(' ');
if (!(scale > 0 && pairCount > 0)) fail('--scale and --pairs must be numbers greater than 0');
if (unknown.length > 0) fail(`--only: no ${unknown.join(', ')}; there are ${Object.keys(rdbContents).join(', ')}`);
if (findProgram(baselineArgv[0]!) === undefined) fail(`${baselineArgv[0]} is not installed (Debian: redis-server)`);

const machine = describeMachine();
const child = join(import.meta.dirname, 'rdb-load-child.ts');
console.log(`${machine['cpu']}, load ${machine['loadAverage']}`);
console.log('content         file MB   kvartz s   base s   ratio   kvartz cpu s   base cpu s   ratio   target');
const results = [];
for (const name of names) results.push(await compare(name));
writeFileSync(options.json, `${JSON.stringify({ when: new Date().toISOString(), machine, results }, null, 1)}\n`);

async function compare(name: string): Promise<object> {
  const { keys, ratioMax } = rdbContents[name]!;
  const folder = mkdtempSync(join(tmpdir(), 'kvartz-load-'));
  try {
    const file = join(folder, 'dump.rdb');
    run('make', file, name, String(Math.max(1, Math.round(keys * scale))));
    const megabytes = statSync(file).size / 1e6;
    const pairs: { kvartz: Load; baseline: Load }[] = [];
    for (let i = 0; i < pairCount; i++) {
      const kvartz = JSON.parse(run('load', file)) as Load;
      pairs.push({ kvartz, baseline: await loadBaseline(file) });
    }
    const of = (pick: (pair: (typeof pairs)[number]) => number): number => median(pairs.map(pick));
    const ratio = of(({ kvartz, baseline }) => kvartz.seconds / baseline.seconds);
    const cpuRatio = of(({ kvartz, baseline }) => kvartz.cpuSeconds / baseline.cpuSeconds);
    const columns = [
      name.padEnd(14),
      megabytes.toFixed(1).padStart(8),
      of((pair) => pair.kvartz.seconds)
        .toFixed(2)
        .padStart(10),
      of((pair) => pair.baseline.seconds)
        .toFixed(2)
        .padStart(8),
      ratio.toFixed(2).padStart(7),
      of((pair) => pair.kvartz.cpuSeconds)
        .toFixed(2)
        .padStart(14),
      of((pair) => pair.baseline.cpuSeconds)
        .toFixed(2)
        .padStart(12),
      cpuRatio.toFixed(2).padStart(7),
      `   <= ${ratioMax} ${Math.max(ratio, cpuRatio) <= ratioMax ? 'met' : 'MISSED'}`,
    ];
    console.log(columns.join(' '));
    return { name, megabytes, ratio, cpuRatio, pairs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(...args: string[]): string {
  const [program, ...rest] = [...pinTo(undefined), process.execPath, child, ...args];
  return execFileSync(program!, rest, { encoding: 'utf8' });
}

/** Until it answers; seconds as it says itself. */
async function loadBaseline(file: string): Promise<Load> {
  const folder = mkdtempSync(join(tmpdir(), 'kvartz-load-'));
  const there = join(folder, 'dump.rdb');
  renameSync(file, there);
  try {
    const extraArgs = ['--dir', folder];
    const server = await startServer({ label: 'baseline', argv: baselineArgv, extraArgs });
    try {
      const said = /DB loaded from disk: ([\d.]+) seconds/.exec(server.output());
      if (said === null) throw new Error(`the baseline does not say that it has loaded: ${server.output()}`);
      return { seconds: Number(said[1]), cpuSeconds: server.cpuSeconds() };
    } finally {
      await server.stop();
    }
  } finally {
    renameSync(there, file);
    rmSync(folder, { recursive: true, force: true });
  }
}

function fail(message: string): never {
  console.error(`rdb-load: ${message}`);
  process.exit(2);
}
