import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './programs.ts';

/** One server under load: started by `startServer`, pinned to a core, in a temporary folder of its own. */
export interface ServerProcess {
  readonly label: string;
  readonly port: number;
  readonly pid: number;
  /** Seconds of CPU, user and system, of all threads since the start. Resolution 10 ms. */
  cpuSeconds(): number;
  /** Resident bytes now. */
  residentBytes(): number;
  /** What the server has printed so far. */
  output(): string;
  stop(): Promise<void>;
}

export interface ServerCommand {
  readonly label: string;
  /** Program and leading arguments; `--port N --dir D --save '' --appendonly no` follow. */
  readonly argv: readonly string[];
  /** Core to pin to; undefined leaves the choice to the system. */
  readonly core?: number | undefined;
  readonly extraArgs?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

const readyTimeoutMs = 20_000;

/** Starts the server and waits for its ready line. Rejects with what it printed when it dies or does not get ready. */
export async function startServer(command: ServerCommand): Promise<ServerProcess> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'kvartz-bench-'));
  const settings = ['--port', String(port), '--dir', folder, '--save', '', '--appendonly', 'no'];
  const argv = [...pinTo(command.core), ...command.argv, ...settings, ...(command.extraArgs ?? [])];
  const child = spawn(argv[0]!, argv.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...command.env },
  });
  let output = '';
  const keep = (chunk: Buffer) => (output += chunk.toString());
  child.stdout!.on('data', keep);
  child.stderr!.on('data', keep);
  const killWithParent = () => child.kill('SIGKILL');
  process.once('exit', killWithParent);
  exitOnSignals();
  try {
    await untilReady(child, () => output);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${command.label} (${argv.join(' ')}) did not start: ${output.trim().slice(-2000)}`, {
      cause: error,
    });
  }
  const pid = child.pid!;
  return {
    label: command.label,
    port,
    pid,
    cpuSeconds: () => cpuSecondsOf(pid),
    residentBytes: () => residentBytesOf(pid),
    output: () => output,
    async stop() {
      process.off('exit', killWithParent);
      if (child.exitCode === null && child.signalCode === null) {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        await gone;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** So that Ctrl-C runs the exit handlers, which end the servers. */
function exitOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    if (process.listenerCount(signal) === 0) process.once(signal, () => process.exit(1));
}

function untilReady(child: ChildProcess, output: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready after ${readyTimeoutMs} ms`)), readyTimeoutMs);
    const check = () => {
      if (!output().includes('Ready to accept connections')) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout!.on('data', check);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`exited with ${signal ?? code}`));
    });
  });
}

/** A TCP port of the loopback interface that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

let tasksetFound: boolean | undefined;

/**
 * Prefix for an argv that pins the program to one core; empty where `taskset` is missing or no core is asked for.
 * KVARTZ_BENCH_PREFIX puts more words before that: `chrt --rr 1`, as root, keeps other work off both cores meanwhile.
 */
export function pinTo(core: number | undefined): string[] {
  const prefix = process.env['KVARTZ_BENCH_PREFIX']?.split(' ') ?? [];
  return core === undefined || !canPin() ? prefix : [...prefix, 'taskset', '-c', String(core)];
}

export function canPin(): boolean {
  return (tasksetFound ??= findProgram('taskset') !== undefined);
}

/** Moves this process to a core, so that work it does itself does not take the server's. */
export function pinSelfTo(core: number | undefined): void {
  if (core !== undefined && canPin()) execFileSync('taskset', ['-acp', String(core), String(process.pid)]);
}

let ticksPerSecond: number | undefined;

/** Fields 14 and 15 of /proc/PID/stat: utime and stime in clock ticks, of all threads, dead ones too. */
function cpuSecondsOf(pid: number): number {
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name in parentheses may hold spaces
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function residentBytesOf(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return line === null ? Number.NaN : Number(line[1]) * 1024;
}
