import { deepEqual, equal, rejects } from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'vitest';
import { takeLock } from './lock-file.ts';

let folder = '';
let path = '';
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvartz-lock-'));
  path = join(folder, 'lock');
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** A process that tries to take the lock and says `held` or the code of its error; it goes on until it is killed. */
async function otherProcess(): Promise<{ child: ChildProcess; outcome: string }> {
  const script = `
    import { takeLock } from ${JSON.stringify(join(import.meta.dirname, 'lock-file.ts'))};
    try { await takeLock(${JSON.stringify(path)}); console.log('held'); }
    catch (error) { console.log(error.code, error.message); }
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, outcome: chunk.toString().trim() };
}

test('lock file: another process is refused, and told who holds it', async () => {
  const lock = await takeLock(path);
  const { outcome } = await otherProcess();
  equal(
    outcome,
    `EWOULDBLOCK EWOULDBLOCK: ${path} is locked by the process ${process.pid}; stop it, or use another folder`,
  );
  await lock.release();
  deepEqual(await readdir(folder), []);
});

test('lock file: a killed holder’s is free', async () => {
  const { child, outcome } = await otherProcess();
  equal(outcome, 'held');
  await rejects(takeLock(path), { code: 'EWOULDBLOCK' });
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = await takeLock(path);
  await rejects(takeLock(path), { code: 'EWOULDBLOCK' });
  await lock.release();
});

test('lock file: of many who find a dead holder’s, one gets it', async () => {
  for (let round = 0; round < 5; round++) {
    await writeFile(path, `999999999 1 ${hostname()} gone\n`);
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(path)));
    const held = outcomes.filter(({ status }) => status === 'fulfilled');
    equal(held.length, 1);
    deepEqual(await readdir(folder), ['lock']);
    await rm(path);
  }
});

test('lock file: a pid that belongs to a later process does not count', async () => {
  const { child } = await otherProcess();
  await rm(path);
  await writeFile(path, `${child.pid} 1 ${hostname()} earlier\n`);
  await takeLock(path);
});

test('lock file: what is no lock file is replaced', async () => {
  await writeFile(path, '');
  const lock = await takeLock(path);
  equal((await readFile(path, 'utf8')).startsWith(`${process.pid} `), true);
  await lock.release();
});
