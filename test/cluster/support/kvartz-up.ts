import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const entry = resolve(fileURLToPath(import.meta.url), '../../../../apps/cli/src/main.ts');

/** What a command of kvartz prints, to its end. */
export async function kvartz(...args: string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, [entry, ...args], { timeout: 20_000 })).stdout;
}

/** `kvartz up` in a process of its own. The servers it starts are found by the logs they write, in its folder. */
export class KvartzUp {
  readonly child: ChildProcess;
  readonly exit: Promise<number | NodeJS.Signals>;
  output = '';
  readonly #dir: string;

  constructor(...flags: string[]) {
    this.#dir = flags[flags.indexOf('--dir') + 1]!;
    const [program, ...leading] = this.command;
    // A process group of its own, as a shell makes one for what it runs: Ctrl-C goes to the group.
    this.child = spawn(program!, [...leading, 'up', ...flags], {
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.exit = new Promise((done) => this.child.once('close', (code, signal) => done(signal ?? code!)));
    started.add(this);
    void this.exit.then(() => this.processes.length === 0 && started.delete(this));
  }

  protected get command(): readonly string[] {
    return [process.execPath, entry];
  }

  protected get environment(): NodeJS.ProcessEnv {
    return { ...process.env, npm_lifecycle_event: undefined };
  }

  /** Ids of the server processes that live. */
  get nodes(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => standardOutputOf(pid).startsWith(`${this.#dir}/`));
  }

  /** Ids of all processes of this run that live. */
  get processes(): number[] {
    return this.child.exitCode === null && this.child.signalCode === null
      ? [this.child.pid!, ...this.nodes]
      : this.nodes;
  }

  async until(text: string | RegExp, timeoutMs = 30_000): Promise<string> {
    const isThere = () => (typeof text === 'string' ? this.output.includes(text) : text.test(this.output));
    await eventually(`${text} printed`, timeoutMs, () => isThere() || this.child.exitCode !== null);
    if (!isThere()) throw new Error(`kvartz up ended without printing ${text}:\n${this.output}`);
    return this.output;
  }

  /** As a terminal does on Ctrl-C. */
  interrupt(): void {
    process.kill(-this.child.pid!, 'SIGINT');
  }

  async untilNoProcessIsLeft(timeoutMs = 8000): Promise<void> {
    await eventually('no process left', timeoutMs, () => this.processes.length === 0);
  }

  killAll(): void {
    for (const pid of this.processes) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // gone in the meantime, as nodes do when kvartz is
      }
    }
  }
}

/** In a shell that stays, as npm runs it; `child` is the shell. */
export class KvartzUpUnderNpm extends KvartzUp {
  protected override get command(): readonly string[] {
    return ['sh', '-c', '"$@"; true', 'sh', process.execPath, entry];
  }

  protected override get environment(): NodeJS.ProcessEnv {
    return { ...process.env, npm_lifecycle_event: 'start' };
  }
}

const started = new Set<KvartzUp>();

/** For afterEach: whatever a failed test has left. */
export function killLeftovers(): void {
  for (const up of started) up.killAll();
  started.clear();
}

async function eventually(what: string, timeoutMs: number, isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`not ${what} after ${timeoutMs} ms`);
    await sleep(20);
  }
}

/** Empty for processes that are gone. A name in the process list would not do: servers change theirs. */
function standardOutputOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/1`);
  } catch {
    return '';
  }
}
