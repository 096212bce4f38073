import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverCommand } from '../../support/server-command.ts';
import { RawClient } from './raw-client.ts';

const readyTimeoutMs = 20_000;

/** A real server process on a free port of the loopback interface, with a temporary folder of its own. */
export class TestNode {
  readonly port: number;
  readonly folder: string;
  readonly #directives: readonly string[];
  readonly #command: readonly string[];
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(port: number, folder: string, directives: readonly string[], command: readonly string[]) {
    this.port = port;
    this.folder = folder;
    this.#directives = directives;
    this.#command = command;
  }

  /** Directives as flags: `['--maxclients', '100']`. Another `command` starts another server, to compare with. */
  static async start(directives: readonly string[] = [], command = serverCommand()): Promise<TestNode> {
    const node = new TestNode(await freePort(), mkdtempSync(join(tmpdir(), 'kvartz-test-')), directives, command);
    await node.restart();
    return node;
  }

  static startForCluster(directives: readonly string[] = []): Promise<TestNode> {
    const cluster = [
      '--cluster-enabled',
      'yes',
      '--cluster-config-file',
      'nodes.conf',
      '--cluster-node-timeout',
      '2000',
    ];
    return TestNode.start([...cluster, ...directives]);
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What the server has printed since it was last started. */
  get output(): string {
    return this.#output;
  }

  get residentBytes(): number {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))![1]) * 1024;
  }

  /** Starts the process again in the same folder, on the same port; ends it first when it runs. */
  async restart(): Promise<void> {
    await this.end('SIGTERM');
    const [program, ...leading] = this.#command;
    const own = ['--port', String(this.port), '--dir', this.folder, '--save', '', '--appendonly', 'no'];
    const child = spawn(program!, [...leading, ...own, ...this.#directives], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#output = '';
    running.add(child);
    child.once('exit', () => running.delete(child));
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (this.#output += chunk));
    const deadline = performance.now() + readyTimeoutMs;
    while (!this.#output.includes('Ready to accept connections')) {
      if (!this.isRunning) throw new Error(`the server did not start:\n${this.#output}`);
      if (performance.now() > deadline) throw new Error(`the server is not ready:\n${this.#output}`);
      await sleep(5);
    }
  }

  connect(): Promise<RawClient> {
    return RawClient.connect(this.port);
  }

  /** One command on a connection of its own: the raw reply. */
  async ask(...parts: string[]): Promise<string> {
    const client = await this.connect();
    try {
      return await client.ask(...parts);
    } finally {
      client.close();
    }
  }

  /** Throws, with the server's output, unless it still answers others. */
  async expectAlive(): Promise<void> {
    const reply = await this.ask('PING').catch((error: Error) => error.message);
    if (reply !== '+PONG') throw new Error(`PING was answered with ${reply}; the server printed:\n${this.#output}`);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.isRunning) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    await gone;
    clearTimeout(timer);
  }

  /** For afterAll: ends the process and removes its folder. */
  async remove(): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A test that dies on its way must not leave servers behind. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const busPortOffset = 10_000;

/** A port that is free, as is its bus port; outside the range from which the system gives ports to outgoing connections. */
export async function freePort(): Promise<number> {
  return freeBasePort(1);
}

/** The first of so many such ports in a row. */
export async function freeBasePort(count: number): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 2_000);
    const ports = Array.from({ length: count }, (_, index) => first + index);
    const checks = await Promise.all(ports.flatMap((port) => [isFree(port), isFree(port + busPortOffset)]));
    if (checks.every(Boolean)) return first;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, () => probe.close(() => resolve(true)));
  });
}
