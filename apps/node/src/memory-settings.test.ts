import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { collectorOptions, memoryEnvironment } from './memory-settings.ts';

const settings = fileURLToPath(new URL('memory-settings.ts', import.meta.url));
const script = `import { restartForMemory } from ${JSON.stringify(settings)};
restartForMemory();
console.log(JSON.stringify([process.execArgv, process.env.GLIBC_TUNABLES ?? '']));`;

async function started(env: Record<string, string | undefined>): Promise<{ stdout: string; stderr: string }> {
  const argv = ['--no-warnings', '--input-type=module-typescript', '--eval', script];
  return promisify(execFile)(process.execPath, argv, { env: { ...process.env, ...env } });
}

test('a process starts itself anew with its own options and those for its memory', async () => {
  const { stdout, stderr } = await started({ GLIBC_TUNABLES: undefined });
  expect(stderr).toBe('');
  const [options, tunables] = JSON.parse(stdout) as [string[], string];
  const isRestarted = typeof process.execve === 'function';
  expect(options[0]).toBe('--no-warnings');
  for (const option of isRestarted ? collectorOptions : []) expect(options).toContain(option);
  expect(tunables).toBe(isRestarted ? memoryEnvironment['GLIBC_TUNABLES'] : '');
});

test('who sets the tunables of the C library decides', async () => {
  const { stdout } = await started({ GLIBC_TUNABLES: 'glibc.malloc.hugetlb=0' });
  const [options, tunables] = JSON.parse(stdout) as [string[], string];
  expect(options).not.toContain(collectorOptions[0]);
  expect(tunables).toBe('glibc.malloc.hugetlb=0');
});
