import { open, rename, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type AofEnd, type RdbVersion, writeSnapshot } from '@kvartz/persistence';
import { realEnv } from '@kvartz/node';
import {
  DataFileError,
  describeEnd,
  Kernel,
  loadConfig,
  noProcessFacts,
  optionsOf,
  replayAppendOnlyFiles,
  silentLog,
} from '@kvartz/server';
import { ExitCode } from '../files/exit-codes.ts';
import { progressOf } from '../files/progress.ts';
import { UsageError } from '../usage-error.ts';
import { aofTarget } from './aof-target.ts';

export interface AofToRdbFlags {
  readonly databases: number;
  readonly rdbVersion: string;
  readonly dropTail?: boolean;
}

const redrawMs = 200;

/** Runs an append-only file in this process, without changing it, and writes what comes out of it to a new RDB file. */
export async function aofToRdb(path: string, outPath: string, flags: AofToRdbFlags): Promise<number> {
  const { paths } = await aofTarget(path);
  await refuseExisting(outPath);
  const kernel = kernelOf(flags);
  try {
    const ends = await withProgress(kernel, path, paths, () =>
      replayAppendOnlyFiles(
        kernel,
        paths.map((one) => resolve(one)),
      ),
    );
    const fault = faultOf(paths, ends, flags.dropTail === true);
    if (fault !== undefined) {
      console.error(fault);
      return ExitCode.finding;
    }
  } catch (error) {
    if (!(error instanceof DataFileError)) throw error;
    console.error(error.message);
    return ExitCode.finding;
  }
  await writeRdbFile(kernel, outPath, Number(flags.rdbVersion) as RdbVersion);
  const keys = kernel.databases.reduce((sum, { keyCount }) => sum + keyCount, 0);
  console.log(`${outPath}: ${keys} keys`);
  return ExitCode.fine;
}

/** A server that is never started: databases and commands. */
function kernelOf({ databases }: AofToRdbFlags): Kernel {
  const { config } = loadConfig({ options: optionsOf({ port: 0, save: '', databases }) });
  const log = { ...silentLog, warning: (text: string) => console.error(text) };
  return new Kernel({ env: realEnv('.'), config, log, process: noProcessFacts, onShutdown: () => {} });
}

/** Why nothing is written; undefined: all was run, or what was not may be left out. */
function faultOf(paths: readonly string[], ends: readonly AofEnd[], isTailDropped: boolean): string | undefined {
  const index = ends.findIndex(({ kind }) => kind !== 'whole');
  if (index < 0) return undefined;
  const [end, path] = [ends[index]!, paths[index]!];
  if (ends.slice(index + 1).some(({ sizeBytes }) => sizeBytes > 0)) {
    return `${path}: ${describeEnd(end)}, and is not the last file`;
  }
  if (isTailDropped) return undefined;
  return `${path}: ${describeEnd(end)}; --drop-tail leaves its last ${end.sizeBytes - end.safeOffset} bytes out`;
}

async function withProgress<T>(
  kernel: Kernel,
  path: string,
  paths: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  let totalBytes = 0;
  for (const one of paths) totalBytes += (await stat(one)).size;
  const progress = progressOf(`Running ${path}`, totalBytes);
  let shownBytes = 0;
  const timer = setInterval(() => {
    const { loadedBytes } = kernel.persistence.loading;
    progress.add(loadedBytes - shownBytes);
    shownBytes = loadedBytes;
  }, redrawMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    progress.stop();
  }
}

async function refuseExisting(path: string): Promise<void> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (exists) throw new UsageError(`${path} is there already`, ExitCode.trouble);
}

/** Under another name until it is whole. */
async function writeRdbFile(kernel: Kernel, path: string, version: RdbVersion): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, 'wx');
  try {
    const { functionLibraries } = kernel.persistence;
    for (const piece of writeSnapshot(kernel.databases, { version, functionLibraries })) await file.writeFile(piece);
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => {}); // the first error is the one to tell
    await rm(temporary, { force: true });
    throw error;
  }
}
