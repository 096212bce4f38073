/** Whole servers: files pass from one to the other, and a server that is ended, or finds a bad file, does as redis-server. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../cluster/support/test-node.ts';
import { describeWith } from '../support/programs.ts';
import { serverCommand } from '../support/server-command.ts';
import { fillDataSet } from './support/data-set.ts';
import { checkRdb, RedisProcess } from './support/redis-process.ts';

describeWith(['redis-server', 'redis-check-rdb'], 'the files of whole servers', () => {
  test.each(['save', 'bgsave', 'debug reload'])('redis-server to Kvartz and back: %s', async (way) => {
    const theirs = await RedisProcess.start();
    await fillDataSet(theirs);
    const digest = await theirs.digest();
    const file = await theirs.save();
    await theirs.stop();
    const ours = await RedisProcess.of(serverCommand(), [], file);
    let saved: Buffer;
    try {
      expect(await ours.digest()).toBe(digest);
      const [name, ...args] = way.split(' ');
      const lastSave = Number(await ours.call('lastsave'));
      if (way === 'bgsave') await new Promise((resolve) => setTimeout(resolve, 1100));
      expect(String(await ours.call(name, ...args))).toMatch(/^(OK|Background saving started)$/);
      if (way === 'bgsave') await expect.poll(() => ours.call('lastsave')).toBeGreaterThan(lastSave);
      expect(await ours.digest()).toBe(digest);
      saved = readFileSync(join(ours.folder, 'dump.rdb'));
    } finally {
      await ours.stop();
    }
    expect(checkRdb(saved)).toContain('RDB looks OK');
    const again = await RedisProcess.start([], saved);
    try {
      expect(await again.digest()).toBe(digest);
    } finally {
      await again.stop();
    }
  });

  test('INFO persistence has the fields of redis-server, in their order', async () => {
    const [theirs, ours] = [await RedisProcess.start(), await RedisProcess.of(serverCommand(), [])];
    try {
      const names = async (server: RedisProcess): Promise<string[]> =>
        String(await server.call('info', 'persistence')).match(/^\w+(?=:)/gm) ?? [];
      expect(await names(ours)).toEqual(await names(theirs));
    } finally {
      await Promise.all([theirs.stop(), ours.stop()]);
    }
  });
});

interface Ended {
  readonly code: number | string | null;
  readonly output: string;
}

/** A server in a folder; `ended`: when it has. */
class Server {
  readonly port: number;
  readonly ended: Promise<Ended>;
  readonly #child: ReturnType<typeof spawn>;
  output = '';

  private constructor(port: number, folder: string, flags: readonly string[]) {
    this.port = port;
    const [program, ...leading] = serverCommand();
    const args = [...leading, '--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...flags];
    this.#child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    }
    this.ended = new Promise((resolve) =>
      this.#child.once('close', (code, signal) => resolve({ code: signal ?? code, output: this.output })),
    );
    onTestFinished(() => void this.#child.kill('SIGKILL'));
  }

  static async start(folder: string, flags: readonly string[] = []): Promise<Server> {
    return new Server(await freePort(), folder, flags);
  }

  async until(text: string): Promise<void> {
    await expect.poll(() => this.output, { timeout: 20_000 }).toContain(text);
  }

  connect(): Redis {
    const client = new Redis({ port: this.port, host: '127.0.0.1', retryStrategy: null });
    client.on('error', () => {});
    onTestFinished(() => client.disconnect());
    return client;
  }

  kill(signal: NodeJS.Signals): Promise<Ended> {
    this.#child.kill(signal);
    return this.ended;
  }
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kvartz-servers-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('the end of a server', () => {
  test.each([
    ['SIGTERM', [], true],
    ['SIGINT', [], true],
    ['SIGTERM', ['--save', ''], false],
    ['SIGTERM', ['--shutdown-on-sigterm', 'nosave'], false],
    ['SIGTERM', ['--save', '', '--shutdown-on-sigterm', 'save'], true],
  ] as const)('%s %j: saved %s', async (signal, flags, isSaved) => {
    const folder = newFolder();
    const server = await Server.start(folder, flags);
    await server.until('Ready to accept connections');
    expect(await server.connect().set('a', '1')).toBe('OK');
    const { code, output } = await server.kill(signal);
    expect(code).toBe(0);
    expect(output.includes('Saving the final RDB snapshot before exiting.')).toBe(isSaved);
    expect(readdirSync(folder)).toEqual(isSaved ? ['dump.rdb'] : []);
    const second = await Server.start(folder, ['--save', '']);
    await second.until('Ready to accept connections');
    expect(await second.connect().get('a')).toBe(isSaved ? '1' : null);
    await second.kill('SIGKILL');
  });

  test('what cannot be saved keeps it alive; SIGTERM again, when it can, ends it', async () => {
    const folder = newFolder();
    const server = await Server.start(folder, ['--enable-protected-configs', 'yes']);
    await server.until('Ready to accept connections');
    const client = server.connect();
    await client.set('a', '1');
    await client.config('SET', 'dbfilename', '');
    void server.kill('SIGTERM');
    await server.until('SIGTERM received but errors trying to shut down the server');
    expect(await client.set('a', '2')).toBe('OK');
    await client.config('SET', 'dbfilename', 'dump.rdb');
    expect((await server.kill('SIGTERM')).code).toBe(0);
    expect(readdirSync(folder)).toEqual(['dump.rdb']);
  });

  test('while it loads it ends at once, and the file stays as it was', async () => {
    const folder = newFolder();
    const first = await Server.start(folder, ['--enable-debug-command', 'yes']);
    await first.until('Ready to accept connections');
    await first.connect().call('DEBUG', 'POPULATE', '1000');
    await first.kill('SIGTERM');
    const before = readFileSync(join(folder, 'dump.rdb'));
    const second = await Server.start(folder, ['--key-load-delay', '100000']);
    await second.until('RDB age');
    expect((await second.kill('SIGTERM')).code).toBe(0);
    expect(second.output).not.toContain('Ready to accept connections');
    expect(readFileSync(join(folder, 'dump.rdb')).equals(before)).toBe(true);
  });
});

describe('a snapshot that cannot be loaded', () => {
  test.each([
    ['not one at all', Buffer.from('hello, this is a text'), 'corrupt at offset 0: expected REDIS'],
    ['cut off', Buffer.from('REDIS0010\xfa', 'latin1'), 'truncated at offset'],
  ])('%s: a clear line, exit code 1, and the file stays', async (_name, content, reason) => {
    const folder = newFolder();
    writeFileSync(join(folder, 'dump.rdb'), content);
    const { code, output } = await (await Server.start(folder)).ended;
    expect(code).toBe(1);
    expect(output).toContain('Fatal error, dump.rdb cannot be loaded: ');
    expect(output).toContain(reason);
    expect(output).not.toContain('Ready to accept connections');
    expect(readFileSync(join(folder, 'dump.rdb')).equals(content)).toBe(true);
  });
});
