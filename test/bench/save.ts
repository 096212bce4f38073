/**
 * SET while a snapshot is written: Kvartz and redis-server (or $VALKEY_SERVER), each with its children on one core, in turns.
 *
 *   node test/bench/save.ts [--keys 1000000] [--pairs 1] [--seconds 1] [--runs 3]
 *
 * 50 connections, pipeline 16, 16-byte keys and 32-byte values that compression does not shorten. docs/cut.md says what the
 * figures mean.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { serverCommand } from '../support/server-command.ts';
import { fill } from './fill.ts';
import { findProgram } from './programs.ts';
import { describeMachine } from './report.ts';
import { fillPattern, measureSave, type SaveLoadResult } from './save-load.ts';
import { canPin, pinSelfTo, startServer } from './server-process.ts';
import { median } from './stats.ts';

const { values: options } = parseArgs({
  options: {
    keys: { type: 'string', default: '1000000' },
    pairs: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '1' },
    runs: { type: 'string', default: '3' },
    baseline: { type: 'string' },
    json: { type: 'string', default: 'bench-save.json' },
  },
});

const serverCore = 0;
const loadCore = 1;
const keys = Number(options.keys);
const baselineArgv = (options.baseline ?? process.env['VALKEY_SERVER'] ?? 'redis-server').split(' ');
if (findProgram(baselineArgv[0]!) === undefined) {
  console.error(`save: ${baselineArgv[0]} is not installed (Debian: redis-server)`);
  process.exit(2);
}

interface Row {
  readonly name: string;
  readonly of: (result: SaveLoadResult) => number;
  readonly digits: number;
  readonly target: string;
  readonly isMet: (kvartz: number, baseline: number) => boolean;
}

const rows: readonly Row[] = [
  { name: 'SET/s at rest', of: (r) => r.restPerSecond, digits: 0, target: '', isMet: () => true },
  { name: 'SET/s during BGSAVE', of: (r) => r.savePerSecond, digits: 0, target: '', isMet: () => true },
  {
    name: 'the second of the first',
    of: (r) => r.savePerSecond / r.restPerSecond,
    digits: 2,
    target: '>= 0.7',
    isMet: (kvartz) => kvartz >= 0.7,
  },
  { name: 'p99.9 at rest, ms', of: (r) => r.restP999Ms, digits: 2, target: '', isMet: () => true },
  {
    name: 'p99.9 during BGSAVE, ms',
    of: (r) => r.saveP999Ms,
    digits: 2,
    target: '<= base',
    isMet: (kvartz, baseline) => kvartz <= baseline,
  },
  {
    name: 'snapshot under load, s',
    of: (r) => r.saveSeconds,
    digits: 2,
    target: '<= 1.3 base',
    isMet: (kvartz, baseline) => kvartz <= 1.3 * baseline,
  },
  { name: 'snapshot at rest, s', of: (r) => r.quietSeconds, digits: 2, target: '', isMet: () => true },
  {
    name: 'extra memory, of the data',
    of: (r) => r.extraBytes / r.dataBytes,
    digits: 3,
    target: '< 0.1',
    isMet: (kvartz) => kvartz < 0.1,
  },
];

if (canPin()) pinSelfTo(loadCore);
const core = canPin() ? serverCore : undefined;
const machine = describeMachine();
console.log(`${machine['cpu']}, load ${machine['loadAverage']}; ${keys} keys`);
const pairs: { kvartz: SaveLoadResult; baseline: SaveLoadResult }[] = [];
for (let i = 0; i < Number(options.pairs); i++) {
  const kvartz = await measureOne('kvartz', serverCommand());
  pairs.push({ kvartz, baseline: await measureOne('baseline', baselineArgv) });
}
console.log(
  `${'of kvartz and the baseline'.padEnd(26)} ${'kvartz'.padStart(10)} ${'base'.padStart(10)}   ratio   target`,
);
for (const row of rows) printRow(row);
writeFileSync(options.json, `${JSON.stringify({ when: new Date().toISOString(), machine, keys, pairs }, null, 1)}\n`);

async function measureOne(label: string, argv: readonly string[]): Promise<SaveLoadResult> {
  const server = await startServer({ label, argv, core });
  try {
    await fill({ port: server.port, keys, valueBytes: 32, pattern: fillPattern });
    const { seconds, runs } = options;
    return await measureSave(server, {
      keys,
      seconds: Number(seconds),
      runs: Number(runs),
      core: canPin() ? loadCore : undefined,
    });
  } finally {
    await server.stop();
  }
}

function printRow({ digits, isMet, name, of, target }: Row): void {
  const kvartz = median(pairs.map((pair) => of(pair.kvartz)));
  const baseline = median(pairs.map((pair) => of(pair.baseline)));
  const columns = [
    name.padEnd(26),
    kvartz.toFixed(digits).padStart(10),
    baseline.toFixed(digits).padStart(10),
    (kvartz / baseline).toFixed(2).padStart(7),
  ];
  if (target !== '') columns.push(`  ${target} ${isMet(kvartz, baseline) ? 'met' : 'MISSED'}`);
  console.log(columns.join(' '));
}
