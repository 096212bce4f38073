/**
 * What users get: packages are built and packed, their tarballs installed into an empty folder without a network, and
 * used from there, as JavaScript and by the type checker.
 */
import { deepEqual, equal, match } from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, test } from 'vitest';
import { freeBasePort } from '../cluster/support/test-node.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const folders = [
  ...['base', 'resp', 'engine', 'router', 'cluster', 'persistence', 'replication', 'commands', 'server', 'lab'].map(
    (name) => `packages/${name}`,
  ),
  'apps/node',
  'apps/cli',
];
/** From the registry; packed from node_modules here, so that nothing has to be fetched. */
const registryPackages = [
  '@clack/core',
  '@clack/prompts',
  '@opentelemetry/api',
  'bintrees',
  'commander',
  'fast-string-truncated-width',
  'fast-string-width',
  'fast-wrap-ansi',
  'msgpackr',
  'prom-client',
  'sisteransi',
  'tdigest',
].map((name) => `node_modules/${name}`);

let folder = '';
const inFolder = (...args: string[]) => run(process.execPath, args, { cwd: folder, timeout: 30_000 });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvartz-pack-'));
  const names = await Promise.all(
    folders.map(async (one) => JSON.parse(await readFile(join(root, one, 'package.json'), 'utf8')).name as string),
  );
  await nx('run-many', '-t', 'build', '-p', ...names);
  const tarballs = join(folder, 'tarballs');
  await mkdir(tarballs);
  const sources = [...folders.map((one) => join(root, one, 'dist')), ...registryPackages.map((one) => join(root, one))];
  await npm(['pack', ...sources, '--pack-destination', tarballs], root);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }));
  const files = (await readdir(tarballs)).map((name) => join(tarballs, name));
  equal(files.length, sources.length);
  await npm(['install', '--offline', '--omit=optional', ...files], folder);
}, 240_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test('packed: base and its subpaths', async () => {
  const { stdout } = await inFolder(
    '--input-type=module',
    '--eval',
    `import { crc64, utf8Bytes } from '@kvartz/base';
     import { VirtualWorld } from '@kvartz/base/virtual';
     import { diskSuite } from '@kvartz/base/suites';
     const world = new VirtualWorld({ seed: 1 });
     world.advance(5);
     console.log(crc64(utf8Bytes('123456789'), 0, 9).toString(16), world.nowMs, typeof diskSuite);`,
  );
  equal(stdout.trim(), 'e9c6d914c4b8d9ca 5 function');
});

test('packed: resp', async () => {
  const { stdout } = await inFolder(
    '--input-type=module',
    '--eval',
    `import { encodeRequest, ReplyDecoder } from '@kvartz/resp';
     const decoder = new ReplyDecoder();
     decoder.feed(encodeRequest(['SET', 'key', 1]));
     decoder.next();
     console.log(JSON.stringify(decoder.value));`,
  );
  deepEqual(JSON.parse(stdout), ['SET', 'key', '1']);
});

test('packed: a node in process, with the facts of its commands', async () => {
  const { stdout } = await inFolder(
    '--input-type=module',
    '--eval',
    `import { connect } from 'node:net';
     import { startNode } from '@kvartz/node';
     const node = await startNode({ directives: { port: 0 } });
     const socket = connect(node.port, '127.0.0.1');
     socket.write('SET k v\\r\\nGET k\\r\\nCOMMAND INFO get\\r\\nQUIT\\r\\n');
     let text = '';
     for await (const chunk of socket) text += chunk;
     console.log(JSON.stringify(text));
     await node.close();`,
  );
  match(JSON.parse(stdout) as string, /^\+OK\r\n\$1\r\nv\r\n\*1\r\n\*10\r\n\$3\r\nget\r\n:2\r\n/);
});

test('packed: the command kvartz-node', async () => {
  const { stdout } = await run(join(folder, 'node_modules/.bin/kvartz-node'), ['--version'], { cwd: folder });
  match(stdout, /0\.1\.0/);
});

test('packed: the command kvartz, and a cluster that it runs', async () => {
  const basePort = await freeBasePort(3);
  const up = spawn(
    join(folder, 'node_modules/.bin/kvartz'),
    ['up', '--base-port', String(basePort), '--dir', join(folder, 'cluster')],
    { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(up, 'exit');
  try {
    let output = '';
    for await (const chunk of up.stdout) {
      output += chunk;
      if (output.includes('ready')) break;
    }
    match(output, /ready, a cluster of 3 masters/);
  } finally {
    up.kill('SIGTERM');
    deepEqual(await exited, [0, null]);
  }
}, 60_000);

test('packed: type declarations', async () => {
  await writeFile(
    join(folder, 'user.ts'),
    `import { ByteBuffer, type Env } from '@kvartz/base';
import { VirtualWorld } from '@kvartz/base/virtual';
import { keySlot, SlotMap } from '@kvartz/router';
import { startNode, type RunningNode } from '@kvartz/node';
export const env: Env = new VirtualWorld({ seed: 1 }).env('h');
export const slot: number = keySlot(new ByteBuffer(4).u8, 0, 4);
export const map: SlotMap<string> = SlotMap.empty<string>().withSlotOwner(1, 'a');
export const node: Promise<RunningNode> = startNode({ directives: { port: 0 } });
// @ts-expect-error -- so that types are really there
export const wrong: string = keySlot(new Uint8Array(0), 0, 0);
`,
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--typeRoots'];
  await inFolder(tsc, ...options, join(root, 'node_modules/@types'), '--types', 'node', 'user.ts').catch((error) => {
    throw new Error(error.stdout);
  });
});

test('packed: only what a user needs', async () => {
  const names = await readdir(join(folder, 'node_modules/@kvartz/base'));
  deepEqual(names.filter((name) => !name.startsWith('.')).toSorted(), ['LICENSE', 'README.md', 'package.json', 'src']);
  const shipped = await readdir(join(folder, 'node_modules/@kvartz/base/src'), { recursive: true });
  deepEqual(
    shipped.filter((name) => /\.(test|bench)\./.test(name) || /(?<!\.d)\.ts$/.test(name)),
    [],
  );
});

function nx(...args: string[]): Promise<unknown> {
  const bin = join(root, 'node_modules/.bin');
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env.PATH}`,
    NX_DAEMON: 'false',
    NX_TUI: 'false',
    NX_NO_CLOUD: 'true',
  };
  return run(join(bin, 'nx'), args, { cwd: root, env, timeout: 200_000 }).catch((error) => {
    throw new Error(`nx ${args.join(' ')}:\n${error.stdout}${error.stderr}`, { cause: error });
  });
}

function npm(args: string[], cwd: string): Promise<unknown> {
  return run('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], { cwd, timeout: 60_000 });
}
