/** The lint catches a planted violation of each kind, below apps/ and nowhere else, and says what to do instead. */
import { equal, ok } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const oxlint = join(root, 'node_modules/.bin/oxlint');

interface Diagnostic {
  readonly message: string;
  readonly code: string;
  readonly help?: string;
  readonly filename: string;
}

/** Line of code, and the cure that the message must name. */
const violations: readonly (readonly [code: string, cure: RegExp])[] = [
  ['export const a = Date.now();', /Clock from Env/],
  ['export const a = new Date(0);', /Clock from Env/],
  ['export const a = performance.now();', /Clock from Env/],
  ['setTimeout(() => {}, 1);', /Timers from Env/],
  ['setInterval(() => {}, 1);', /Timers from Env/],
  ['setImmediate(() => {});', /Timers from Env/],
  ['queueMicrotask(() => {});', /Timers from Env/],
  ['export const a = process.pid;', /Only apps/],
  ['export const a = Buffer.alloc(1);', /Uint8Array and ByteBuffer/],
  ['export const a = crypto.randomUUID();', /Random from Env/],
  ['export const a = fetch("http://x");', /Transport from Env/],
  ['console.log(1);', /only apps/],
  ['export const a = globalThis.Date;', /from Env/],
  ['export const a = Math.random();', /Random from Env/],
  ['import { readFileSync } from "node:fs"; export const a = readFileSync;', /Disk from Env/],
  ['import { readFile } from "node:fs/promises"; export const a = readFile;', /Disk from Env/],
  ['import { readFile } from "fs/promises"; export const a = readFile;', /Disk from Env/],
  ['import { connect } from "node:net"; export const a = connect;', /Transport from Env/],
  ['import { setTimeout as wait } from "node:timers/promises"; export const a = wait;', /Timers from Env/],
  ['import { randomBytes } from "node:crypto"; export const a = randomBytes;', /Random from Env/],
  ['import { cpus } from "node:os"; export const a = cpus;', /without Node's modules/],
  ['import type { Stats } from "node:fs"; export type A = Stats;', /Disk from Env/],
  ['export { join } from "node:path";', /without Node's modules/],
];

const clean = [
  ['packages/core/src/clean.ts', 'export const at = (clock: { wallMs(): number }): number => clock.wallMs();'],
  ['packages/core/src/core.test.ts', 'import { test } from "node:test"; console.log(Date.now(), process.pid, test);'],
  ['packages/core/src/core.bench.ts', 'console.log(performance.now(), Buffer.alloc(1));'],
  [
    'apps/node/src/main.ts',
    'import { readFileSync } from "node:fs"; console.log(Date.now(), readFileSync, process.pid);',
  ],
  ['scripts/tool.ts', 'console.log(Math.random(), new Date());'],
] as const;

let folder = '';
let diagnostics: readonly Diagnostic[] = [];
const plantedFile = (index: number): string => `packages/core/src/planted-${index}.ts`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvartz-lint-'));
  await cp(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  const files = [...clean, ...violations.map(([code], i) => [plantedFile(i), code] as const)];
  for (const [path, code] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `${code}\n`);
  }
  diagnostics = await lint(folder);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('lint: planted violations', () => {
  for (const [index, [code, cure]] of violations.entries()) {
    test(code, () => {
      const found = diagnostics.filter(({ filename }) => filename.endsWith(plantedFile(index)));
      const restricted = found.filter((diagnostic) => diagnostic.code.includes('no-restricted-'));
      ok(restricted.length > 0, `nothing found; all diagnostics of the file: ${JSON.stringify(found)}`);
      const messages = restricted.map(({ message, help }) => `${message} ${help}`);
      ok(
        messages.some((message) => cure.test(message)),
        `no cure in: ${messages.join('; ')}`,
      );
    });
  }
});

test('lint: tests, benches, apps and scripts may use the outer world', () => {
  for (const [path] of clean) {
    equal(JSON.stringify(diagnostics.filter(({ filename }) => filename.endsWith(path))), '[]', path);
  }
});

function lint(cwd: string): Promise<readonly Diagnostic[]> {
  return new Promise((done, fail) => {
    // Exit code 1 is what is expected here.
    execFile(
      process.execPath,
      [oxlint, '--format', 'json', '-c', '.oxlintrc.json'],
      { cwd },
      (_error, stdout, stderr) => {
        try {
          done((JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics);
        } catch (error) {
          fail(new Error(`oxlint said: ${stdout}${stderr}`, { cause: error }));
        }
      },
    );
  });
}
