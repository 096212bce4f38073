import { type File } from '@kvartz/base';
import {
  type AofEnd,
  AofError,
  type AofFile,
  formatManifest,
  Manifest,
  ManifestError,
  manifestName,
  parseManifest,
  RdbError,
} from '@kvartz/persistence';
import { textOfByteString } from '../config/index.ts';
import type { Kernel } from '../kernel.ts';
import { AofCommandError, AofCommands } from './aof-loading-commands.ts';
import { loadAofFile, setExpiryMode } from './aof-loading-file.ts';
import { cutTail, describeEnd } from './aof-loading-tail.ts';
import { DataFileError } from './data-file-error.ts';
import type { Loading } from './loading.ts';
import { systemErrorCode, systemErrorText } from './system-error-text.ts';

/** What the append-only file was when it had been loaded. */
export interface LoadedAof {
  readonly manifest: Manifest;
  /** Of all files that were loaded, and of the base alone. */
  readonly sizeBytes: number;
  readonly baseBytes: number;
}

/** A file of the manifest, opened. */
interface OpenFile {
  readonly entry: AofFile;
  readonly path: string;
  readonly file: File;
  readonly sizeBytes: number;
}

const advice =
  "Look at it with 'kvartz aof check'; 'kvartz aof repair' cuts it back to the last command before the damage";

/** A name of the manifest as a path of the disk. */
export function aofPath({ config }: Kernel, name: string): string {
  return textOfByteString(`${config.get('appenddirname')}/${name}`);
}

/** The manifest on disk; empty when there is none. Rejects with a DataFileError when it is not right. */
export async function readManifest(kernel: Kernel): Promise<Manifest> {
  const path = aofPath(kernel, manifestName(kernel.config.get('appendfilename')));
  try {
    return parseManifest(await kernel.env.disk.readFile(path));
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return Manifest.empty;
    const reason = error instanceof ManifestError ? error.message : systemErrorText(error);
    throw new DataFileError(
      path,
      reason,
      "It is text: see what is wrong with 'kvartz aof check', and correct it",
      error,
    );
  }
}

/**
 * Loads the files of the manifest into databases that are empty. An append-only file of one file, as Redis 6 and older wrote it,
 * becomes the base of a new manifest first. Rejects with a DataFileError: then the databases hold what came before.
 */
export async function loadAppendOnlyFiles(kernel: Kernel, found: Manifest, loading: Loading): Promise<LoadedAof> {
  const manifest = (await upgrade(kernel, found)) ?? found;
  const files: OpenFile[] = [];
  try {
    for (const entry of manifest.loadedFiles) files.push(await openFile(kernel, entry));
    const sizeBytes = files.reduce((sum, one) => sum + one.sizeBytes, 0);
    const cutBytes = sizeBytes === 0 ? 0 : await loadAll(kernel, files, sizeBytes, loading);
    const baseBytes = files.find(({ entry }) => entry.type === 'base')?.sizeBytes ?? 0;
    return { manifest, sizeBytes: sizeBytes - cutBytes, baseBytes };
  } finally {
    for (const { file } of files) await file.close();
  }
}

/** The manifest of an append-only file that was one file; undefined: there is none, or it has been taken in before. */
async function upgrade(kernel: Kernel, found: Manifest): Promise<Manifest | undefined> {
  const { config, env, log } = kernel;
  const { disk } = env;
  const name = config.get('appendfilename');
  const oldPath = textOfByteString(name);
  const folder = textOfByteString(config.get('appenddirname'));
  const newPath = aofPath(kernel, name);
  const isBegun = found.base?.name === name && found.increments.length === 0;
  if (!(found.isEmpty || isBegun) || !(await disk.exists(oldPath)) || (isBegun && (await disk.exists(newPath))))
    return undefined;
  const manifest = Manifest.ofSingleFile(name);
  try {
    if (!(await disk.exists(folder))) await disk.makeFolder(folder);
    // In this order, so that after a crash in between it can be seen what remains to be done.
    await disk.writeFileAtomic(aofPath(kernel, manifestName(name)), formatManifest(manifest));
    await disk.rename(oldPath, newPath);
    await disk.syncFolder(folder);
    await disk.syncFolder('.');
  } catch (error) {
    throw new DataFileError(
      oldPath,
      `it cannot be moved into ${folder}: ${systemErrorText(error)}`,
      'Look at the disk',
      error,
    );
  }
  log.notice(`Successfully migrated an old-style AOF configuration (${oldPath}) into the AOF directory (${folder}).`);
  return manifest;
}

async function openFile(kernel: Kernel, entry: AofFile): Promise<OpenFile> {
  const path = aofPath(kernel, entry.name);
  try {
    const file = await kernel.env.disk.open(path, 'read');
    return { entry, path, file, sizeBytes: await file.sizeBytes() };
  } catch (error) {
    const reason = `the manifest names it, and the disk says: ${systemErrorText(error)}`;
    throw new DataFileError(path, reason, 'Put it back from a copy; without it its commands are lost', error);
  }
}

/** Bytes that were cut off. */
async function loadAll(
  kernel: Kernel,
  files: readonly OpenFile[],
  sizeBytes: number,
  loading: Loading,
): Promise<number> {
  const { context, env, log, observers } = kernel;
  const { dirty } = context;
  const lastIndex = files.findLastIndex((one) => one.sizeBytes > 0);
  let cutBytes = 0;
  loading.begin(sizeBytes);
  setExpiryMode(kernel, 'ignore');
  try {
    for (const [i, one] of files.entries()) {
      if (one.sizeBytes === 0) continue;
      const startMs = env.clock.monotonicMs();
      const commands = new AofCommands(kernel);
      const end = await refusing(one.path, () => loadAofFile(kernel, commands, one.file, loading));
      if (end.kind !== 'whole') {
        await refusing(one.path, () => cut(kernel, one.path, end, i === lastIndex));
        cutBytes = end.sizeBytes - end.safeOffset;
      }
      if (commands.failed > 0) log.warning(`${one.path}: ${commands.failed} commands answered errors`);
      const kind = one.entry.type === 'base' ? 'base' : 'incr';
      const seconds = ((env.clock.monotonicMs() - startMs) / 1000).toFixed(3);
      log.notice(`DB loaded from ${kind} file ${textOfByteString(one.entry.name)}: ${seconds} seconds`);
    }
  } finally {
    setExpiryMode(kernel, 'delete');
    loading.end();
  }
  log.notice(`DB loaded from append only file: ${(loading.elapsedMs / 1000).toFixed(3)} seconds`);
  // It is on disk already, and nobody was told of it.
  context.dirty = dirty;
  for (let i = 0; i < kernel.databases.length; i++) observers.databaseChanges(i, i);
  return cutBytes;
}

async function cut(kernel: Kernel, path: string, end: AofEnd, isLast: boolean): Promise<void> {
  if (!isLast) {
    throw new DataFileError(
      path,
      `${describeEnd(end)}, and is not the last file: what follows it may build on what is missing`,
      advice,
    );
  }
  if (kernel.config.get('aof-load-truncated') !== 'yes') {
    const bytes = end.sizeBytes - end.safeOffset;
    throw new DataFileError(
      path,
      describeEnd(end),
      `Cut off its last ${bytes} bytes with 'kvartz aof repair', or set 'aof-load-truncated yes'`,
    );
  }
  await cutTail(kernel, path, end);
}

/** What goes wrong with a file, as the reason why the server does not start. */
export async function refusing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AofCommandError) {
      throw new DataFileError(path, error.message, 'It may come from another server, or be damaged', error);
    }
    if (error instanceof AofError || error instanceof RdbError)
      throw new DataFileError(path, error.message, advice, error);
    if (systemErrorCode(error) === undefined || error instanceof DataFileError) throw error;
    throw new DataFileError(path, systemErrorText(error), 'The disk may be failing', error);
  }
}
