/** The server as a process: its configuration, its exit codes, its log, its signals. */
import { execFile, fork, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, expect, test } from 'vitest';
import { serverCommand } from '../support/server-command.ts';
import { freePort, TestNode } from './support/test-node.ts';

const isRedis = process.env['KVARTZ_NODE']?.includes('redis-server') ?? false;
const folder = mkdtempSync(join(tmpdir(), 'kvartz-process-'));
let node: TestNode | undefined;
afterEach(() => node?.remove());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the server to its end; for starts that fail at once. */
function run(args: readonly string[], input = ''): Promise<{ code: number; output: string }> {
  const [program, ...leading] = serverCommand();
  return new Promise((resolve) => {
    const child = execFile(program!, [...leading, ...args], { timeout: 10_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    );
    child.stdin!.end(input);
  });
}

test('--version and --help print and end', async () => {
  expect(await run(['--version'])).toMatchObject({ code: 0, output: expect.stringMatching(/ server v=\d+\.\d+\.\d+/) });
  expect((await run(['--help'])).output).toMatch(/^Usage: /);
});

test('an unknown directive in a file: the file, the line, the text; exit code 1', async () => {
  const path = join(folder, 'unknown.conf');
  writeFileSync(path, '# a comment\nport 0\nno-such-directive 7\n');
  const { code, output } = await run([path]);
  expect(code).toBe(1);
  expect(output).toContain('*** FATAL CONFIG FILE ERROR');
  expect(output).toContain('Reading the configuration file, at line 3');
  expect(output).toContain(">>> 'no-such-directive 7'");
});

for (const [what, flags, reason] of [
  ['an unknown flag', ['--no-such-directive', '7'], 'Bad directive or wrong number of arguments'],
  ['a number that is none', ['--maxclients', 'many'], "argument couldn't be parsed into an integer"],
  ['a number out of range', ['--port', '70000'], 'argument must be between 0 and 65535 inclusive'],
  ['a switch that is neither', ['--cluster-enabled', 'maybe'], "argument must be 'yes' or 'no'"],
] as const)
  test(`${what} on the command line: why, and exit code 1`, async () => {
    const { code, output } = await run(flags);
    expect(code).toBe(1);
    expect(output).toContain(reason);
  });

test('a port that is taken: which one; exit code 1', async () => {
  const port = await freePort();
  const holder = createServer().listen(port);
  const { code, output } = await run(['--port', String(port), '--dir', folder]);
  holder.close();
  expect(code).toBe(1);
  expect(output).toContain(String(port));
  expect(output).toMatch(/address already in use/i);
});

test('the command line overrules the file, and standard input is read for -', async () => {
  const path = join(folder, 'some.conf');
  writeFileSync(path, 'maxclients 111\ntimeout 5\n');
  const port = await freePort();
  const [program, ...leading] = serverCommand();
  const args = [path, '--port', String(port), '--dir', folder, '--maxclients', '222', '-'];
  const child = spawn(program!, [...leading, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    child.stdin.end('timeout 7\n');
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => String(chunk).includes('Ready to accept connections') && resolve());
      child.once('exit', () => reject(new Error('the server ended')));
    });
    const redis = new Redis({ port, protocol: 2 });
    expect(await redis.config('GET', 'maxclients')).toEqual(['maxclients', '222']);
    expect(await redis.config('GET', 'timeout')).toEqual(['timeout', '7']);
    redis.disconnect();
  } finally {
    child.removeAllListeners('exit').kill('SIGKILL');
  }
});

test('a Unix socket, with its permissions, beside TCP', async () => {
  const path = join(folder, 'kvartz.sock');
  node = await TestNode.start(['--unixsocket', path, '--unixsocketperm', '700']);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  const redis = new Redis({ path });
  expect(await redis.set('via', 'socket')).toBe('OK');
  expect(await redis.client('LIST')).toContain(`addr=${path}:0`);
  redis.disconnect();
  expect(await node.ask('GET', 'via')).toBe('$6\r\nsocket');
});

test('SIGTERM and SIGINT end it with code 0, SHUTDOWN too; log lines are of the form that tools read', async () => {
  const line = /^\d+:M \d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3} [*#] /;
  for (const end of ['SIGTERM', 'SIGINT', 'SHUTDOWN'] as const) {
    const port = await freePort();
    const [program, ...leading] = serverCommand();
    const args = [...leading, '--port', String(port), '--dir', folder, '--save', ''];
    const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    const exit = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
    await new Promise<void>((resolve) =>
      child.stdout.on('data', (chunk: Buffer) => (output += chunk).includes('Ready to accept') && resolve()),
    );
    if (end === 'SHUTDOWN') {
      const redis = new Redis({ port, retryStrategy: null });
      redis.on('error', () => {});
      await redis.call('SHUTDOWN', 'NOSAVE').catch(() => {});
      redis.disconnect();
    } else child.kill(end);
    expect(await exit).toBe(0);
    const lines = output.split('\n').filter((text) => text.includes('Ready to accept connections'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(line);
  }
});

test('CONFIG REWRITE keeps what was set, and the next start reads it', async () => {
  const path = join(folder, 'rewritten.conf');
  writeFileSync(path, `# kept\nport ${await freePort()}\nmaxclients 100\ndir ${folder}\n`);
  const startFrom = async () => {
    const [program, ...leading] = serverCommand();
    const child = spawn(program!, [...leading, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise<void>((resolve) =>
      child.stdout.on('data', (chunk: Buffer) => String(chunk).includes('Ready to accept') && resolve()),
    );
    return child;
  };
  const port = Number(/^port (\d+)$/m.exec(readFileSync(path, 'utf8'))![1]);
  for (const expected of ['100', '321']) {
    const child = await startFrom();
    const redis = new Redis({ port, protocol: 2 });
    expect(await redis.config('GET', 'maxclients')).toEqual(['maxclients', expected]);
    await redis.config('SET', 'maxclients', '321');
    expect(await redis.config('REWRITE')).toBe('OK');
    redis.disconnect();
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
  }
  expect(readFileSync(path, 'utf8')).toMatch(/^# kept\n[^]*maxclients 321/);
});

test.skipIf(isRedis)('it ends with the parent that holds its channel', async () => {
  const [, script] = serverCommand();
  const child = fork(script!, ['--port', String(await freePort()), '--dir', folder], { silent: true });
  const exit = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  await new Promise<void>((resolve) =>
    child.stdout!.on('data', (chunk: Buffer) => String(chunk).includes('Ready to accept') && resolve()),
  );
  child.disconnect();
  expect(await exit).toBe(0);
});

test.skipIf(isRedis)('it ends, too, when that parent goes while it is starting', async () => {
  const [, script] = serverCommand();
  const exits = [0, 50, 100, 150, 200, 300].map(async (delayMs) => {
    const child = fork(script!, ['--port', String(await freePort()), '--dir', folder], { stdio: 'ignore' });
    const exit = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
    await sleep(delayMs);
    child.disconnect();
    return exit;
  });
  expect(new Set(await Promise.all(exits))).toEqual(new Set([0]));
});
