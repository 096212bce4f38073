/**
 * Kvartz and redis-server (or $VALKEY_SERVER) side by side: the same load on both, in turns, and the ratio.
 *
 *   node test/bench/main.ts [--only get,set] [--pipeline 16] [--value 3,64] [--pairs 5] [--seconds 1.5] [--quick]
 *
 * docs/performance.md says what the figures mean.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { serverCommand } from '../support/server-command.ts';
import { fill } from './fill.ts';
import { calibrate, type Load, measure } from './load.ts';
import { findProgram } from './programs.ts';
import { describeMachine, type Pair, type Result, summarize, tableHead, tableRow, versionOf } from './report.ts';
import { canPin, pinSelfTo, type ServerProcess, startServer } from './server-process.ts';
import { collectionShapes } from './collection-shapes.ts';
import { messageShapes } from './message-shapes.ts';
import { type Shape, stringShapes } from './shapes.ts';

const allShapes: readonly Shape[] = [...stringShapes(), ...collectionShapes(), ...messageShapes()];
const commandNames = [...new Set(allShapes.map(({ command }) => command))];

const serverCore = 0;
const loadCore = 1;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' }, // commands, separated by commas
    pipeline: { type: 'string' },
    value: { type: 'string' },
    pairs: { type: 'string' },
    keys: { type: 'string' },
    seconds: { type: 'string' }, // length of one sample
    quick: { type: 'boolean', default: false }, // 3 pairs of short samples
    server: { type: 'string' }, // command line of Kvartz, split at spaces
    baseline: { type: 'string' },
    json: { type: 'string', default: 'bench-results.json' },
    help: { type: 'boolean', default: false },
  },
});

const usage = `Usage: npm run bench -- [options]
  --only get,set        commands to measure, of:
                        ${commandNames.join(', ')}
  --pipeline 1,16       depths to measure: 1, 16, 64
  --value 3,64          value sizes to measure, in bytes: 3, 64, 1024, 65536; 0: collections
  --keys N              number of different keys, at most (1000000; fewer where values are large)
  --pairs N             pairs of runs per shape (5)
  --seconds S           length of one run (1.5)
  --quick               3 pairs of 0.5 seconds
  --server "CMD ARGS"   Kvartz's command line (node apps/node/src/main.ts)
  --baseline "CMD"      the other server's ($VALKEY_SERVER, or redis-server)
  --json FILE           where all samples go (bench-results.json)`;

if (options.help) {
  console.log(usage);
} else {
  await main();
}

async function main(): Promise<void> {
  const pairs = positive('--pairs', options.pairs, options.quick ? 3 : 5);
  const seconds = positive('--seconds', options.seconds, options.quick ? 0.5 : 1.5);
  const shapes = selectedShapes();
  const keysMax = positive('--keys', options.keys, 1_000_000);
  const kvartzArgv = options.server?.split(' ') ?? serverCommand();
  const baselineArgv = (options.baseline ?? process.env['VALKEY_SERVER'] ?? 'redis-server').split(' ');
  for (const program of ['redis-benchmark', baselineArgv[0]!])
    if (findProgram(program) === undefined) fail(`${program} is not installed (Debian: redis-server, redis-tools)`);

  const machine = describeMachine();
  const versions = {
    kvartz: versionOf(kvartzArgv),
    baseline: versionOf(baselineArgv),
    load: versionOf(['redis-benchmark']),
  };
  console.log(`${machine['cpu']}, ${machine['cores']} cores, load ${machine['loadAverage']}; Node ${machine['node']}`);
  console.log(`baseline: ${versions.baseline}`);
  const pinned = canPin() && Number(machine['cores']) > 1;
  if (!pinned) console.log('taskset or a second core is missing: server and load share cores, ratios are rough');

  const core = pinned ? serverCore : undefined;
  pinSelfTo(pinned ? loadCore : undefined);
  const kvartz = await startServer({ label: 'kvartz', argv: kvartzArgv, core });
  let baseline: ServerProcess | undefined;
  const results: Result[] = [];
  try {
    baseline = await startServer({ label: 'baseline', argv: baselineArgv, core });
    console.log(tableHead);
    let filledBytes = -1;
    for (const shape of shapes) {
      const keys = Math.min(shape.keysMax, keysMax);
      const { valueBytes } = shape;
      if (shape.prepare !== undefined) {
        filledBytes = -1;
        for (const server of [kvartz, baseline]) await shape.prepare(server.port);
      } else if (valueBytes !== filledBytes) {
        filledBytes = valueBytes;
        for (const server of [kvartz, baseline]) await fill({ port: server.port, keys, valueBytes, flush: true });
      }
      const load = { ...shape, benchmark: shape.benchmark(keys), core: pinned ? loadCore : undefined };
      const result = await compare(shape, load, kvartz, baseline, pairs, seconds);
      results.push(result);
      console.log(tableRow(result));
    }
  } finally {
    await kvartz.stop();
    await baseline?.stop();
  }
  const missed = results.filter((result) => !result.met).length;
  console.log(missed === 0 ? 'every target met' : `${missed} of ${results.length} targets missed`);
  const when = new Date().toISOString();
  writeFileSync(
    options.json,
    `${JSON.stringify({ when, machine, versions, pinned, pairs, seconds, results }, null, 1)}\n`,
  );
  console.log(`all samples: ${options.json}`);
}

/** The order within a pair alternates, so that neither server always runs on the warmer machine. */
async function compare(
  shape: Shape,
  load: Load,
  kvartz: ServerProcess,
  baseline: ServerProcess,
  pairCount: number,
  seconds: number,
): Promise<Result> {
  const operations = {
    kvartz: await calibrate(kvartz, load, seconds),
    baseline: await calibrate(baseline, load, seconds),
  };
  const pairs: Pair[] = [];
  for (let i = 0; i < pairCount; i++) {
    if (i % 2 === 0) {
      const first = await measure(kvartz, load, operations.kvartz);
      pairs.push({ kvartz: first, baseline: await measure(baseline, load, operations.baseline) });
    } else {
      const first = await measure(baseline, load, operations.baseline);
      pairs.push({ kvartz: await measure(kvartz, load, operations.kvartz), baseline: first });
    }
  }
  return summarize(shape, pairs);
}

function selectedShapes(): Shape[] {
  const commands = options.only?.toLowerCase().split(',') ?? [];
  for (const name of commands)
    if (!commandNames.includes(name)) fail(`--only: no command "${name}" here; there are ${commandNames.join(', ')}`);
  const depths = options.pipeline?.split(',').map(Number) ?? [];
  const sizes = options.value?.split(',').map(Number) ?? [];
  const shapes = allShapes.filter(
    (shape) =>
      (commands.length === 0 || commands.includes(shape.command)) &&
      (depths.length === 0 || depths.includes(shape.pipeline)) &&
      (sizes.length === 0 || sizes.includes(shape.valueBytes)),
  );
  if (shapes.length === 0) fail('nothing to measure: no shape has all of these commands, pipelines and values');
  return shapes;
}

function positive(name: string, text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (!(value > 0)) fail(`${name} must be a number greater than 0, not "${text}"`);
  return value;
}

function fail(message: string): never {
  console.error(`bench: ${message}`);
  process.exit(2);
}
