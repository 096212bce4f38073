/** Benches beside their modules, on small input, so that they do not rot. */
import { match } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

describe('benches on small input', () => {
  for (const file of globSync('packages/*/src/**/*.bench.ts', { cwd: root }).toSorted()) {
    test(file, async () => {
      const { stdout } = await run(process.execPath, [join(root, file), '--small'], { cwd: root, timeout: 50_000 });
      match(stdout, /checksum/i);
    });
  }
});
