import { spawn } from 'node:child_process';
import { pinTo, type ServerProcess } from './server-process.ts';
import type { OwnLoad } from './shapes.ts';

export const connections = 50;

export interface Load {
  /** What redis-benchmark sends: its options, or a command of one's own last. */
  readonly benchmark: readonly string[];
  readonly own?: OwnLoad | undefined;
  readonly pipeline: number;
  readonly valueBytes: number;
  /** Before each run. */
  readonly beforeRun?: ((port: number, operations: number) => Promise<void>) | undefined;
  /** Core that redis-benchmark runs on. */
  readonly core: number | undefined;
}

/** One run of redis-benchmark against one server. */
export interface Sample {
  readonly operations: number;
  readonly operationsPerSecond: number;
  readonly cpuMicrosPerOperation: number;
}

/** Sends `operations` commands of the shape and says how fast they went and what they cost the server. */
export async function measure(server: ServerProcess, load: Load, operations: number): Promise<Sample> {
  if (load.own !== undefined) return measureOwn(server, load.own, operations);
  await load.beforeRun?.(server.port, operations);
  const before = server.cpuSeconds();
  const output = await redisBenchmark(server.port, load, operations);
  const cpuSeconds = server.cpuSeconds() - before;
  return {
    operations,
    operationsPerSecond: rateIn(output),
    cpuMicrosPerOperation: (cpuSeconds * 1e6) / operations,
  };
}

async function measureOwn(server: ServerProcess, load: OwnLoad, operations: number): Promise<Sample> {
  const open = await load.open(server.port);
  const cpuBefore = server.cpuSeconds();
  const startMs = performance.now();
  await open.run(operations);
  const seconds = (performance.now() - startMs) / 1000;
  const cpuSeconds = server.cpuSeconds() - cpuBefore;
  await open.close();
  return {
    operations,
    operationsPerSecond: operations / seconds,
    cpuMicrosPerOperation: (cpuSeconds * 1e6) / operations,
  };
}

/**
 * Number of operations that take the server about `seconds`: found by runs that become longer, the last of which is long enough
 * that code is compiled and a stall of the machine does not count for much. (A single short run has said 40,000 a second where
 * two millions followed, whose samples then were over in 8 ms.)
 */
export async function calibrate(server: ServerProcess, load: Load, seconds: number): Promise<number> {
  const perConnection = Math.max(load.pipeline, load.valueBytes >= 65_536 ? 4 : 100);
  let operations = load.own?.firstOperations ?? connections * perConnection;
  for (;;) {
    const { operationsPerSecond } = await measure(server, load, operations);
    if (operations / operationsPerSecond >= seconds * 0.7) return Math.ceil(operationsPerSecond * seconds);
    const wanted = Math.ceil(operationsPerSecond * seconds);
    // Over in less than redis-benchmark's clock can tell: `inf`.
    operations = Math.max(operations * 2, Number.isFinite(wanted) ? wanted : 0);
  }
}

/** Runs redis-benchmark to its end; resolves to what it prints: CSV, or else text with all percentiles. */
export function redisBenchmark(
  port: number,
  { benchmark, pipeline, core }: Load,
  operations: number,
  isCsv = true,
): Promise<string> {
  const argv = [
    ...pinTo(core),
    'redis-benchmark',
    '-h',
    '127.0.0.1',
    '-p',
    String(port),
    '-c',
    String(connections),
    '-n',
    String(operations),
    '-P',
    String(pipeline),
    ...(isCsv ? ['--csv'] : []),
    ...benchmark,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0]!, argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${argv.join(' ')} failed with ${signal ?? code}: ${errors || output}`));
    });
  });
}

/** Second field of the last CSV line: "SET","123456.78",latencies... */
function rateIn(csv: string): number {
  const field = /^"[^"]+","([\d.]+|inf)"/m.exec(csv.trim().split('\n').at(-1) ?? '');
  if (field === null) throw new Error(`redis-benchmark printed no result: ${JSON.stringify(csv)}`);
  return field[1] === 'inf' ? Infinity : Number(field[1]);
}
