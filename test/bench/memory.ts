/**
 * Memory per key, and the pauses that a large keyspace causes: fills Kvartz and redis-server (or $VALKEY_SERVER) with the
 * same keys, one after the other, then writes to Kvartz at full rate.
 *
 *   node test/bench/memory.ts [--keys 10000000] [--write-seconds 20] [--no-baseline]
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { serverCommand } from '../support/server-command.ts';
import { fill } from './fill.ts';
import { redisBenchmark } from './load.ts';
import { describePauses, type PauseSummary, withWatchedServer } from './pauses.ts';
import { findProgram } from './programs.ts';
import { describeMachine, versionOf } from './report.ts';
import { canPin, pinSelfTo, type ServerCommand, type ServerProcess, startServer } from './server-process.ts';

const keyBytes = 16;
const valueBytes = 32;
const residentRatioMax = 0.65;
const pauseMaxMs = 10;
const warmUpKeys = 200_000;
/** The monitor's last interval is over. */
const monitorMs = 250;

const { values: options } = parseArgs({
  options: {
    keys: { type: 'string', default: '10000000' },
    'write-seconds': { type: 'string', default: '20' },
    'no-baseline': { type: 'boolean', default: false },
    server: { type: 'string' },
    baseline: { type: 'string' },
    json: { type: 'string', default: 'bench-memory.json' },
  },
});

interface Filled {
  readonly seconds: number;
  readonly residentAtStart: number;
  readonly residentBytes: number;
  readonly bytesPerKey: number;
}

const keys = Number(options.keys);
const writeSeconds = Number(options['write-seconds']);
if (!(Number.isInteger(keys) && keys > 0 && writeSeconds > 0)) {
  console.error('memory: --keys must be a whole number greater than 0, --write-seconds a number greater than 0');
  process.exit(2);
}
const kvartzArgv = options.server?.split(' ') ?? serverCommand();
const baselineArgv = (options.baseline ?? process.env['VALKEY_SERVER'] ?? 'redis-server').split(' ');
for (const program of options['no-baseline'] ? ['redis-benchmark'] : ['redis-benchmark', baselineArgv[0]!]) {
  if (findProgram(program) !== undefined) continue;
  console.error(`memory: ${program} is not installed (Debian: redis-server, redis-tools)`);
  process.exit(2);
}

const machine = describeMachine();
const pinned = canPin() && Number(machine['cores']) > 1;
const [serverCore, loadCore] = pinned ? [0, 1] : [undefined, undefined];
pinSelfTo(loadCore);
console.log(
  `${machine['cpu']}, load ${machine['loadAverage']}; ${keys} keys of ${keyBytes} bytes, values of ${valueBytes}`,
);

const kvartz = await measureKvartz();
const baseline = options['no-baseline'] ? undefined : await measureBaseline();
const ratio = baseline === undefined ? undefined : kvartz.filled.bytesPerKey / baseline.bytesPerKey;
if (ratio !== undefined)
  verdict(`memory ratio ${ratio.toFixed(3)}`, ratio <= residentRatioMax, `<= ${residentRatioMax}`);
const collectionMaxMs = Math.max(kvartz.filling.collectionMaxMs, kvartz.writing.collectionMaxMs);
verdict(`longest collection ${collectionMaxMs.toFixed(2)} ms`, collectionMaxMs < pauseMaxMs, `< ${pauseMaxMs} ms`);
const turnMaxMs = Math.max(kvartz.filling.ownTurnMaxMs, kvartz.writing.ownTurnMaxMs);
verdict(`longest turn ${turnMaxMs.toFixed(2)} ms`, turnMaxMs < pauseMaxMs, `< ${pauseMaxMs} ms`);

const versions = { kvartz: versionOf(kvartzArgv), baseline: versionOf(baselineArgv) };
const report = { when: new Date().toISOString(), machine, versions, pinned, keys, kvartz, baseline, ratio };
writeFileSync(options.json, `${JSON.stringify(report, null, 1)}\n`);

function measureKvartz(): Promise<{ filled: Filled; filling: PauseSummary; writing: PauseSummary }> {
  return withWatchedServer({ label: 'kvartz', argv: kvartzArgv, core: serverCore }, async (server, pauses) => {
    // The first requests meet code that has not been compiled: that is another kind of pause.
    await fill({ port: server.port, keys: Math.min(keys, warmUpKeys), valueBytes });
    await sleep(monitorMs);
    pauses.take();
    const filled = await fillAndWeigh(server);
    const filling = pauses.take();
    console.log(`  while filling: ${describePauses(filling)}`);
    await writeAtFullRate(server);
    const writing = pauses.take();
    console.log(`  while writing: ${describePauses(writing)}`);
    return { filled, filling, writing };
  });
}

function measureBaseline(): Promise<Filled> {
  return withServer({ label: 'baseline', argv: baselineArgv, core: serverCore }, fillAndWeigh);
}

async function withServer<T>(command: ServerCommand, use: (server: ServerProcess) => Promise<T>): Promise<T> {
  const server = await startServer(command);
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

async function fillAndWeigh(server: ServerProcess): Promise<Filled> {
  const residentAtStart = server.residentBytes();
  const startMs = performance.now();
  await fill({ port: server.port, keys, valueBytes });
  const seconds = (performance.now() - startMs) / 1000;
  await sleep(1000); // background work, such as a rehash, ends
  const residentBytes = server.residentBytes();
  const bytesPerKey = residentBytes / keys;
  const at = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  console.log(
    `${server.label}: ${bytesPerKey.toFixed(1)} bytes per key; resident ${at(residentBytes)}, ${at(residentAtStart)} ` +
      `when empty; filled in ${seconds.toFixed(1)} s (${((keys / seconds) * 1e-6).toFixed(2)} million keys per second)`,
  );
  return { seconds, residentAtStart, residentBytes, bytesPerKey };
}

/** Overwrites and, one time in six, a new key: so the tables grow, too. */
async function writeAtFullRate(server: ServerProcess): Promise<void> {
  const write = async (operations: number) => {
    const benchmark = ['-t', 'set', '-d', String(valueBytes), '-r', String(Math.ceil(keys * 1.2))];
    const load = { benchmark, pipeline: 16, valueBytes, core: loadCore };
    const began = performance.now();
    await redisBenchmark(server.port, load, operations);
    return performance.now() - began;
  };
  const trialOperations = 50_000;
  const trialMs = await write(trialOperations);
  await write(Math.ceil((trialOperations * writeSeconds * 1000) / trialMs));
  await sleep(monitorMs);
}

function verdict(what: string, met: boolean, target: string): void {
  console.log(`${what}: target ${target} ${met ? 'met' : 'MISSED'}`);
}
