import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync } from 'node:fs';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lock } from '@kvartz/base';

/**
 * A lock that is a file, because Node has no flock. The file names its holder:
 *
 *   <pid> <start time of the process> <host> <id of this lock>
 *
 * It appears with its content, by link(2), which fails when the name exists. The start time tells a process from a later
 * one with the same pid. A dead holder's file is replaced by rename(2); as two may do so at once, each looks again a little
 * later, and only who still finds its own file holds the lock.
 */

/** Locks that this process holds: several nodes may run in it. */
const heldHere = new Set<string>();

/** Between the last look at a dead holder's file and its replacement lie some microseconds; this is ample. */
const takeOverMs = 100;

export async function takeLock(path: string): Promise<Lock> {
  const id = randomUUID();
  const own = `${process.pid} ${startTimeOf(process.pid)} ${hostname()} ${id}\n`;
  const temporary = `${path}.${id}`;
  await writeFile(temporary, own, { flag: 'wx' });
  heldHere.add(id);
  try {
    await place(temporary, path, own);
  } catch (error) {
    heldHere.delete(id);
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  return {
    async release() {
      if (!heldHere.delete(id)) return;
      if ((await contentOf(path)) === own) await rm(path, { force: true });
    },
  };
}

async function place(temporary: string, path: string, own: string): Promise<void> {
  try {
    await link(temporary, path);
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const found = await contentOf(path);
  if (found === undefined) return place(temporary, path, own); // released just now
  refuseLiving(found, path);
  // Nothing may come between this look and the rename, so both are synchronous.
  if (readFileSync(path, 'utf8') !== found) return place(temporary, path, own);
  renameSync(temporary, path);
  await sleep(takeOverMs);
  const winner = await contentOf(path);
  if (winner !== own) refuseLiving(winner ?? '', path, 'somebody who took it at the same time');
}

/** Throws when the holder that this content names is alive. */
function refuseLiving(content: string, path: string, otherwise?: string): void {
  const [pid, startTime, host, id] = content.trim().split(' ');
  if (otherwise === undefined && !isAlive(Number(pid), startTime, host, id)) return;
  const holder = pid ? `the process ${pid}${host === hostname() ? '' : ` on ${host}`}` : otherwise;
  throw Object.assign(new Error(`EWOULDBLOCK: ${path} is locked by ${holder}; stop it, or use another folder`), {
    code: 'EWOULDBLOCK',
    syscall: 'lock',
    path,
  });
}

/** A holder on another host cannot be asked: containers come back with a new name and the old file, so it counts as gone. */
function isAlive(pid: number, startTime: string, host: string, id: string): boolean {
  if (host !== hostname() || !Number.isInteger(pid)) return false;
  if (pid === process.pid) return heldHere.has(id);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return startTimeOf(pid) === startTime;
}

/** Clock ticks from the machine's boot to the start of the process; `-` where /proc does not tell. */
function startTimeOf(pid: number): string {
  try {
    // The second field is the program's name in parentheses and may hold blanks; the start time is the 22nd.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return '-';
  }
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
