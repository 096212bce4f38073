import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryEnvironment } from '@kvartz/node';
import { NodeClient } from './node-client.ts';

export interface NodeProcessOptions {
  readonly host: string;
  readonly port: number;
  /** Absolute; created when absent. Holds nodes.conf and node.log. */
  readonly folder: string;
  /** Program and leading arguments of the server. */
  readonly command: readonly string[];
  /** Further directives, as flags: ['--appendonly', 'yes']. */
  readonly directives: readonly string[];
}

const pollMs = 20;
const stopTimeoutMs = 60_000;

/**
 * One server in a process of its own. It writes its log itself, so that the log is whole even when this process dies; and
 * it holds the other end of an IPC channel, whose closing tells it that this process died. It leads a process group of
 * its own: Ctrl-C in the terminal reaches only this process, which then stops the nodes in order.
 */
export class NodeProcess {
  readonly port: number;
  readonly logPath: string;
  readonly commandLine: string;
  /** Settles when the process has ended, however it did: `code 0`, `signal SIGKILL`, `error ENOENT`. */
  readonly ended: Promise<string>;
  readonly #host: string;
  readonly #child: ChildProcess;
  readonly #logStartBytes: number;
  #end: string | undefined;

  constructor({ host, port, folder, command, directives }: NodeProcessOptions) {
    this.port = port;
    this.#host = host;
    mkdirSync(folder, { recursive: true });
    this.logPath = join(folder, 'node.log');
    const argv = [...command, ...nodeDirectives(host, port, folder), ...directives];
    this.commandLine = argv.map(quoted).join(' ');
    const log = openSync(this.logPath, 'a');
    this.#logStartBytes = fstatSync(log).size;
    const env = { ...memoryEnvironment, ...process.env };
    this.#child = spawn(argv[0]!, argv.slice(1), { detached: true, stdio: ['ignore', log, log, 'ipc'], env });
    closeSync(log);
    this.ended = new Promise((resolve) => {
      const end = (how: string) => resolve((this.#end ??= how));
      this.#child.once('error', (error: NodeJS.ErrnoException) => end(`error ${error.code ?? error.message}`));
      this.#child.once('exit', (code, signal) => end(signal === null ? `code ${code}` : `signal ${signal}`));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#end === undefined;
  }

  /** A connection to the node, once it answers. Rejects with its last log lines when it ends before, or takes too long. */
  async ready(timeoutMs: number): Promise<NodeClient> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const client = await this.#answering();
      if (client !== undefined) return client;
      if (this.#end !== undefined) throw new Error(this.describeEnd('did not start'));
      if (performance.now() > deadline)
        throw new Error(
          `node ${this.port} does not answer after ${timeoutMs} ms; the end of ${this.logPath}:\n${this.lastLogLines()}`,
        );
      await sleep(pollMs);
    }
  }

  async #answering(): Promise<NodeClient | undefined> {
    let client: NodeClient | undefined;
    try {
      client = await NodeClient.connect(this.#host, this.port);
      await client.command('PING');
      return client;
    } catch {
      client?.close(); // not listening yet, or LOADING
      return undefined;
    }
  }

  /** `node 7001 <what happened> (signal SIGKILL); the end of <log>: ...` */
  describeEnd(what: string): string {
    return `node ${this.port} ${what} (${this.#end}); the end of ${this.logPath}:\n${this.lastLogLines()}`;
  }

  /** What this run has logged, at most `count` lines of it, indented. */
  lastLogLines(count = 10): string {
    const text = existsSync(this.logPath) ? readTail(this.logPath, this.#logStartBytes) : '';
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    return lines.length === 0
      ? '  (nothing)'
      : lines
          .slice(-count)
          .map((line) => `  ${line}`)
          .join('\n');
  }

  /** Asks the node to end, and waits; kills it when it does not. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), stopTimeoutMs);
    await this.ended;
    clearTimeout(timer);
  }

  kill(): void {
    if (this.isRunning) this.#child.kill('SIGKILL');
  }
}

function nodeDirectives(host: string, port: number, folder: string): string[] {
  const cluster = ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'];
  return ['--port', String(port), '--bind', host, '--dir', folder, ...cluster];
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

const tailBytesMax = 16_384;

function readTail(path: string, startBytes: number): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const from = Math.max(startBytes, size - tailBytesMax);
    const buffer = Buffer.alloc(Math.max(0, size - from));
    const read = readSync(file, buffer, 0, buffer.length, from);
    return buffer.toString('utf8', 0, read);
  } finally {
    closeSync(file);
  }
}
