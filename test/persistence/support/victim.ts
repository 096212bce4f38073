import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../cluster/support/test-node.ts';
import { serverCommand } from '../../support/server-command.ts';
import { Wire } from './wire.ts';

const readyTimeoutMs = 30_000;

/** A server process that is made to be killed and started again, in the same folder and on the same port. */
export class Victim {
  readonly port: number;
  readonly folder: string;
  readonly #argv: readonly string[];
  #child: ChildProcess | undefined;
  #gone = Promise.resolve();
  /** What it has printed since it was last started. */
  output = '';

  private constructor(port: number, folder: string, argv: readonly string[]) {
    this.port = port;
    this.folder = folder;
    this.#argv = [...argv, '--port', String(port), '--dir', folder];
  }

  /** Not started yet. `command`: another server to compare with. */
  static async create(
    directives: readonly string[],
    { command = serverCommand(), folder = mkdtempSync(join(tmpdir(), 'kvartz-crash-')) } = {},
  ): Promise<Victim> {
    return new Victim(await freePort(), folder, [...command, ...directives]);
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  start(): void {
    const child = spawn(this.#argv[0]!, this.#argv.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...quickStart() },
    });
    this.#child = child;
    this.output = '';
    running.add(child);
    this.#gone = new Promise((resolve) => {
      child.once('close', () => {
        running.delete(child);
        resolve();
      });
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (this.output += chunk));
  }

  /** Until it has loaded its files: a connection. Throws with what it printed when it ends instead. */
  async ready(): Promise<Wire> {
    const deadline = performance.now() + readyTimeoutMs;
    while (performance.now() < deadline) {
      if (!this.isRunning) throw new Error(`the server did not start:\n${this.output.slice(-4000)}`);
      const wire = await this.connect().catch(() => undefined);
      const [reply] = (await wire?.ask(['PING']).catch(() => [])) ?? [];
      if (reply === 'PONG') return wire!;
      wire?.close();
      await sleep(5);
    }
    throw new Error(`the server is not ready:\n${this.output.slice(-4000)}`);
  }

  connect(): Promise<Wire> {
    return Wire.open(this.port);
  }

  /** Returns when the process is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.isRunning) this.#child!.kill(signal);
    await this.#gone;
  }

  /** Until it ends by itself. */
  async ended(): Promise<{ readonly code: number | null }> {
    await this.#gone;
    return { code: this.#child!.exitCode };
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const running = new Set<ChildProcess>();

/** Hundreds of starts: modules are compiled once (for all runs: Node.js sees what has changed), and the settings for memory, which take a second start, are left out. */
function quickStart(): NodeJS.ProcessEnv {
  return { NODE_COMPILE_CACHE: join(tmpdir(), 'kvartz-test-modules'), GLIBC_TUNABLES: 'glibc.malloc.hugetlb=0' };
}

// A test that dies on its way must not leave servers behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
