/**
 * `npm test`: type check, format, lint, layers, then every test. Each check counts as one test. The last line says
 * `N passed, N failed, N skipped`; the exit code is 1 when anything failed. Arguments go to vitest, as filters.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const bin = (name: string): string => join(root, 'node_modules/.bin', name);

const checks: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['type check', bin('tsc'), '-p', 'tsconfig.json'],
  ['format (npm run format)', bin('oxfmt'), '--check'],
  ['lint', bin('oxlint')],
  ['layers', process.execPath, 'scripts/check-layers.ts'],
];

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/** Runs a program; its output is shown as it comes, or kept and returned. */
function run(command: string, args: readonly string[], shows: boolean): Promise<{ code: number; output: string }> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', shows ? 'inherit' : 'pipe', shows ? 'inherit' : 'pipe'],
    });
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', fail);
    child.once('close', (code) => done({ code: code ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}

async function runChecks(totals: Totals): Promise<void> {
  for (const [name, command, ...args] of checks) {
    const start = performance.now();
    const { code, output } = await run(command, args, false);
    if (code === 0) totals.passed++;
    else {
      totals.failed++;
      console.log(output);
    }
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`${code === 0 ? 'ok' : 'FAILED'}  ${name} (${seconds} s)`);
  }
}

/** The parts of vitest's JSON report that are counted. */
interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: 'passed' | 'failed';
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

async function runTests(totals: Totals, filters: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kvartz-test-'));
  try {
    const file = join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const { code } = await run(process.execPath, [bin('vitest'), 'run', ...reporters, ...filters], true);
    const failedBefore = totals.failed;
    count(totals, JSON.parse(readFileSync(file, 'utf8')) as VitestReport);
    // Errors outside of any test, such as an unhandled rejection.
    if (code !== 0 && totals.failed === failedBefore) totals.failed++;
  } catch (error) {
    console.error('vitest left no report:', error);
    totals.failed++;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function count(totals: Totals, report: VitestReport): void {
  for (const { status, assertionResults } of report.testResults) {
    for (const one of assertionResults) {
      if (one.status === 'passed') totals.passed++;
      else if (one.status === 'failed') totals.failed++;
      else totals.skipped++;
    }
    // A file that could not be loaded, or whose hooks failed.
    if (status === 'failed' && assertionResults.every((one) => one.status !== 'failed')) totals.failed++;
  }
}

const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
const filters = process.argv.slice(2);
if (filters.length === 0) await runChecks(totals);
await runTests(totals, filters);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed === 0 ? 0 : 1;
