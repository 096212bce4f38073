/** The benches on small input, so that they do not rot.. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { describeWith } from '../support/programs.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'kvartz-bench-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const words = (text: string) => text.split(' ');
const bench = (program: string, ...args: string[]) =>
  run(process.execPath, [join(import.meta.dirname, program), ...args], { timeout: 60_000 });

describeWith(['redis-benchmark', 'redis-server'], 'benches on small input', () => {
  test('main.ts measures pairs, prints a table and writes every sample', { timeout: 60_000 }, async () => {
    const json = join(folder, 'results.json');
    const { stdout } = await bench(
      'main.ts',
      ...words('--keys 1000 --pairs 2 --seconds 0.1 --only set,mset,zrange --pipeline 16 --value 0,3,64 --json'),
      json,
    );
    expect(stdout).toMatch(/^SET 64 B P16 .*(met|MISSED)$/m);
    const { results, machine } = JSON.parse(readFileSync(json, 'utf8'));
    expect(machine.cores).toBeGreaterThan(0);
    expect(results).toHaveLength(7);
    for (const result of results) {
      expect(result.pairs).toHaveLength(2);
      expect(result.throughputRatio).toBeGreaterThan(0);
      for (const { kvartz, baseline } of result.pairs) {
        expect(kvartz.operationsPerSecond).toBeGreaterThan(0);
        expect(baseline.operationsPerSecond).toBeGreaterThan(0);
      }
    }
  });

  test('save.ts measures SET at rest and during BGSAVE', { timeout: 60_000 }, async () => {
    const json = join(folder, 'save.json');
    const { stdout } = await bench('save.ts', ...words('--keys 5000 --runs 1 --seconds 0.05 --json'), json);
    expect(stdout).toMatch(/^snapshot under load, s .*(met|MISSED)$/m);
    const { pairs } = JSON.parse(readFileSync(json, 'utf8'));
    for (const result of [pairs[0].kvartz, pairs[0].baseline]) {
      expect(result.saveSeconds).toBeGreaterThan(0);
      expect(result.savePerSecond).toBeGreaterThan(0);
      expect(result.saveP999Ms).toBeGreaterThan(0);
    }
  });

  test('collection-memory.ts weighs every kind', { timeout: 60_000 }, async () => {
    const json = join(folder, 'collections.json');
    const { stdout } = await bench('collection-memory.ts', '--scale', '0.01', '--json', json);
    expect(stdout.match(/ratio \d\.\d+/g)).toHaveLength(5);
    const { results } = JSON.parse(readFileSync(json, 'utf8'));
    for (const { kvartz, baseline } of results) expect(Math.min(kvartz, baseline)).toBeGreaterThan(0);
  });

  test('rdb-load.ts loads files with both', { timeout: 60_000 }, async () => {
    const json = join(folder, 'rdb-load.json');
    const { stdout } = await bench(
      'rdb-load.ts',
      '--only',
      'strings,zset',
      '--scale',
      '0.001',
      '--pairs',
      '1',
      '--json',
      json,
    );
    expect(stdout.match(/met|MISSED/g)).toHaveLength(2);
    const { results } = JSON.parse(readFileSync(json, 'utf8'));
    for (const { megabytes, pairs } of results) {
      expect(megabytes).toBeGreaterThan(0);
      expect(pairs[0].kvartz.seconds).toBeGreaterThan(0);
    }
  });

  test('memory.ts fills both servers and watches the pauses of ours', { timeout: 60_000 }, async () => {
    const json = join(folder, 'memory.json');
    const { stdout } = await bench('memory.ts', '--keys', '20000', '--write-seconds', '0.3', '--json', json);
    expect(stdout).toMatch(/^kvartz: \d+\.\d bytes per key/m);
    const { kvartz, baseline, ratio } = JSON.parse(readFileSync(json, 'utf8'));
    expect(ratio).toBeGreaterThan(0);
    expect(baseline.residentBytes).toBeGreaterThan(1e6);
    expect(kvartz.writing.turnMaxMs).toBeGreaterThan(0);
  });
});

test('an option that cannot be is refused in a sentence', async () => {
  const refusal = (...args: string[]) =>
    bench('main.ts', ...args).then(
      () => 'no error',
      (error) => error.stderr,
    );
  expect(await refusal('--only', 'lpuhs')).toMatch(/^bench: --only: no command "lpuhs" here; there are set, get, /);
  expect(await refusal('--pairs', 'many')).toBe('bench: --pairs must be a number greater than 0, not "many"\n');
  expect(await refusal('--value', '5')).toMatch(/nothing to measure/);
});
