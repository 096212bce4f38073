import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { type ServerProcess, startServer } from '../../bench/server-process.ts';

type Argument = string | Buffer | number;

/** A redis-server that saves to, and loads from, a folder of ours. */
export class RedisProcess {
  readonly folder: string;
  readonly client: Redis;
  readonly port: number;
  readonly #server: ServerProcess;

  private constructor(folder: string, server: ServerProcess) {
    this.folder = folder;
    this.#server = server;
    this.port = server.port;
    this.client = new Redis({ port: server.port, host: '127.0.0.1', maxRetriesPerRequest: 0 });
  }

  /** `file`: what it loads. */
  static start(flags: readonly string[] = [], file?: Uint8Array): Promise<RedisProcess> {
    return RedisProcess.of(['redis-server'], flags, file);
  }

  /** Any server that takes Redis's directives as flags. */
  static async of(argv: readonly string[], flags: readonly string[], file?: Uint8Array): Promise<RedisProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'kvartz-rdb-'));
    if (file !== undefined) writeFileSync(join(folder, 'dump.rdb'), file);
    const extraArgs = ['--dir', folder, '--enable-debug-command', 'yes', ...flags];
    return new RedisProcess(folder, await startServer({ label: argv[0], argv, extraArgs }));
  }

  /** The reply with Buffers in place of strings. */
  call(name: string, ...args: Argument[]): Promise<unknown> {
    return this.client.callBuffer(name, ...args);
  }

  async digest(): Promise<string> {
    return String(await this.call('debug', 'digest'));
  }

  /** The file of a SAVE. */
  async save(): Promise<Buffer> {
    await this.call('save');
    return readFileSync(join(this.folder, 'dump.rdb'));
  }

  async stop(): Promise<void> {
    this.client.disconnect();
    await this.#server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What redis-check-rdb says of a file. Throws when it refuses it. */
export function checkRdb(bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'kvartz-rdb-'));
  try {
    const path = join(folder, 'dump.rdb');
    writeFileSync(path, bytes);
    return execFileSync('redis-check-rdb', [path], { encoding: 'utf8' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
