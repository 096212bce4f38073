import { connect, type Socket } from 'node:net';
import { type Load, redisBenchmark } from './load.ts';
import type { ServerProcess } from './server-process.ts';
import { median } from './stats.ts';

/** A value of 32 bytes that compression does not shorten, as redis-benchmark's are. */
const pattern = 'VXKeHogKgJ=[5V9_X^b?48OK4lF9<7-E';
const pipeline = 16;
const pollMs = 20;

export interface SaveLoadOptions {
  readonly keys: number;
  /** Of one run of redis-benchmark. */
  readonly seconds: number;
  /** Runs at rest. */
  readonly runs: number;
  readonly core: number | undefined;
}

/** What SET does at rest and while a snapshot is written, and what the snapshot costs. */
export interface SaveLoadResult {
  readonly restPerSecond: number;
  readonly savePerSecond: number;
  readonly restP999Ms: number;
  readonly saveP999Ms: number;
  /** Of the snapshot under load, and of one without. */
  readonly saveSeconds: number;
  readonly quietSeconds: number;
  /** Above what is resident before: of all processes, as far as each has it for itself. */
  readonly extraBytes: number;
  readonly dataBytes: number;
  /** Runs that lay within the snapshot. */
  readonly runs: number;
}

interface Run {
  readonly perSecond: number;
  /** How many requests took no longer than so many milliseconds, beginning with the quickest. */
  readonly latencies: readonly (readonly [ms: number, count: number])[];
}

export const fillPattern: string = pattern;

/** The server holds `keys` keys as `fill` makes them. */
export async function measureSave(server: ServerProcess, options: SaveLoadOptions): Promise<SaveLoadResult> {
  const { keys, seconds, runs } = options;
  const control = await Control.open(server.port);
  const dataBytes = server.residentBytes();
  await oneRun(server, options, keys); // warms up: every key is written once, more or less
  const first = await oneRun(server, options, Math.round(seconds * 200_000));
  const operations = Math.round(first.perSecond * seconds);
  const rest: Run[] = [];
  for (let i = 0; i < runs; i++) rest.push(await oneRun(server, options, operations));
  const quietSeconds = await control.save();
  const beforeBytes = server.residentBytes();
  let isSaving = true;
  let extraBytes = 0;
  const sampler = setInterval(() => (extraBytes = Math.max(extraBytes, server.residentBytes() - beforeBytes)), 50);
  const saving = control.save().finally(() => (isSaving = false));
  const during: Run[] = [];
  const inSave = Math.round(operations / 3);
  while (isSaving) {
    const run = await oneRun(server, options, inSave);
    if (isSaving || during.length === 0) during.push(run);
  }
  clearInterval(sampler);
  const saveSeconds = await saving;
  const copied = Number(/rdb_last_cow_size:(\d+)/.exec(await control.ask('INFO persistence'))?.[1] ?? 0);
  control.close();
  return {
    restPerSecond: median(rest.map(({ perSecond }) => perSecond)),
    savePerSecond: median(during.map(({ perSecond }) => perSecond)),
    restP999Ms: p999Of(rest),
    saveP999Ms: p999Of(during),
    saveSeconds,
    quietSeconds,
    extraBytes: Math.max(extraBytes, copied),
    dataBytes,
    runs: during.length,
  };
}

async function oneRun(server: ServerProcess, { core, keys }: SaveLoadOptions, operations: number): Promise<Run> {
  const benchmark = ['-r', String(keys), '-d', '32', '-t', 'set'];
  const load: Load = { benchmark, pipeline, valueBytes: 32, core };
  const output = await redisBenchmark(server.port, load, operations, false);
  const perSecond = /throughput summary: ([\d.]+)/.exec(output);
  const percentiles = output.slice(0, output.indexOf('Cumulative distribution'));
  const lines = percentiles.matchAll(/% <= ([\d.]+) milliseconds \(cumulative count (\d+)\)/g);
  const latencies = [...lines].map(([, ms, count]) => [Number(ms), Number(count)] as const);
  if (perSecond === null || latencies.length === 0) throw new Error(`redis-benchmark printed no result: ${output}`);
  return { perSecond: Number(perSecond[1]), latencies };
}

/** Of all requests of these runs. */
function p999Of(runs: readonly Run[]): number {
  const steps = runs.flatMap(({ latencies }) => {
    return latencies.map(([ms, count], i) => [ms, count - (latencies[i - 1]?.[1] ?? 0)] as const);
  });
  const total = steps.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [ms, count] of steps.toSorted(([a], [b]) => a - b)) {
    seen += count;
    if (seen >= total * 0.999) return ms;
  }
  return Number.NaN;
}

/** A connection for BGSAVE and INFO. */
class Control {
  readonly #socket: Socket;
  #received = '';
  #arrived = (): void => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#received += chunk.toString('latin1');
      this.#arrived();
    });
  }

  static open(port: number): Promise<Control> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new Control(socket)));
      socket.once('error', reject);
    });
  }

  /** The reply as it came: a line, or a bulk string with its head. */
  async ask(command: string): Promise<string> {
    this.#received = '';
    this.#socket.write(`${command}\r\n`);
    while (!isWhole(this.#received)) await new Promise<void>((resolve) => (this.#arrived = resolve));
    return this.#received;
  }

  /** Seconds from BGSAVE until the snapshot is in its place. */
  async save(): Promise<number> {
    const startMs = performance.now();
    const reply = await this.ask('BGSAVE');
    if (!reply.startsWith('+Background')) throw new Error(`BGSAVE was answered with ${reply}`);
    while ((await this.ask('INFO persistence')).includes('rdb_bgsave_in_progress:1')) {
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    const seconds = (performance.now() - startMs) / 1000;
    if (!(await this.ask('INFO persistence')).includes('rdb_last_bgsave_status:ok')) throw new Error('BGSAVE failed');
    return seconds;
  }

  close(): void {
    this.#socket.destroy();
  }
}

function isWhole(reply: string): boolean {
  const head = /^\$(\d+)\r\n/.exec(reply);
  return head === null
    ? reply.endsWith('\r\n') && !reply.startsWith('$')
    : reply.length >= head[0].length + Number(head[1]) + 2;
}
