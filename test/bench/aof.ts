/**
 * SET with an append-only file: Kvartz and redis-server (or $VALKEY_SERVER), each on one core, in turns, on the disk of the
 * temporary folder.
 *
 *   node test/bench/aof.ts [--pairs 3] [--seconds 1] [--policies always,everysec,no,off] [--pipelines 1,16]
 *
 * 50 connections, 32-byte values, 100,000 keys. What `always` reaches is the disk's latency as much as the server; the ratio
 * is of servers on the same disk in the same minute.
 */
import { parseArgs } from 'node:util';
import { serverCommand } from '../support/server-command.ts';
import { calibrate, type Load, measure, type Sample } from './load.ts';
import { findProgram } from './programs.ts';
import { describeMachine } from './report.ts';
import { canPin, pinSelfTo, type ServerProcess, startServer } from './server-process.ts';
import { median } from './stats.ts';

const { values: options } = parseArgs({
  options: {
    pairs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '1' },
    policies: { type: 'string', default: 'always,everysec,no,off' },
    pipelines: { type: 'string', default: '1,16' },
    baseline: { type: 'string' },
  },
});

/** Throughput, in that of the baseline, that issue 5 asks for. */
const targets: Readonly<Record<string, number>> = {
  'always 1': 1,
  'always 16': 1.3,
  'everysec 1': 1,
  'everysec 16': 1.3,
};
const serverCore = 0;
const loadCore = 1;
const baselineArgv = (options.baseline ?? process.env['VALKEY_SERVER'] ?? 'redis-server').split(' ');
if (findProgram(baselineArgv[0]!) === undefined) {
  console.error(`aof: ${baselineArgv[0]} is not installed (Debian: redis-server)`);
  process.exit(2);
}

if (canPin()) pinSelfTo(loadCore);
const machine = describeMachine();
console.log(`${machine['cpu']}, load ${machine['loadAverage']}`);
console.log('policy, pipeline      kvartz/s    base/s   ratio   us of CPU: kvartz   base   target');
for (const policy of options.policies.split(',')) {
  for (const pipeline of options.pipelines.split(',').map(Number)) await compare(policy, pipeline);
}

async function compare(policy: string, pipeline: number): Promise<void> {
  const load: Load = {
    benchmark: ['-t', 'set', '-d', '32', '-r', '100000'],
    pipeline,
    valueBytes: 32,
    core: canPin() ? loadCore : undefined,
  };
  const pairs: { readonly kvartz: Sample; readonly baseline: Sample }[] = [];
  const [kvartz, baseline] = [
    await start('kvartz', serverCommand(), policy),
    await start('base', baselineArgv, policy),
  ];
  try {
    const operations = new Map<ServerProcess, number>();
    for (const server of [kvartz, baseline]) {
      operations.set(server, await calibrate(server, load, Number(options.seconds)));
    }
    for (let i = 0; i < Number(options.pairs); i++) {
      const ours = await measure(kvartz, load, operations.get(kvartz)!);
      pairs.push({ kvartz: ours, baseline: await measure(baseline, load, operations.get(baseline)!) });
    }
  } finally {
    await kvartz.stop();
    await baseline.stop();
  }
  print(`${policy} ${pipeline}`, pairs);
}

function start(label: string, argv: readonly string[], policy: string): Promise<ServerProcess> {
  const extraArgs = policy === 'off' ? [] : ['--appendonly', 'yes', '--appendfsync', policy];
  return startServer({ label, argv, core: canPin() ? serverCore : undefined, extraArgs });
}

function print(name: string, pairs: readonly { readonly kvartz: Sample; readonly baseline: Sample }[]): void {
  const rate = (of: 'kvartz' | 'baseline'): number => median(pairs.map((pair) => pair[of].operationsPerSecond));
  const cpu = (of: 'kvartz' | 'baseline'): number => median(pairs.map((pair) => pair[of].cpuMicrosPerOperation));
  const ratio = median(pairs.map((pair) => pair.kvartz.operationsPerSecond / pair.baseline.operationsPerSecond));
  const target = targets[name];
  console.log(
    [
      name.padEnd(18),
      rate('kvartz').toFixed(0).padStart(11),
      rate('baseline').toFixed(0).padStart(9),
      ratio.toFixed(2).padStart(7),
      cpu('kvartz').toFixed(2).padStart(19),
      cpu('baseline').toFixed(2).padStart(6),
      target === undefined ? '' : `  >= ${target} ${ratio >= target ? 'met' : 'MISSED'}`,
    ].join(' '),
  );
}
