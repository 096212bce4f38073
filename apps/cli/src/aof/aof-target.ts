import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { latin1Bytes } from '@kvartz/base';
import { ManifestError, parseManifest } from '@kvartz/persistence';
import { ExitCode } from '../files/exit-codes.ts';
import { UsageError } from '../usage-error.ts';

const suffix = '.manifest';

/** The files of an append-only file, in the order in which they are loaded. */
export interface AofTarget {
  /** Undefined: it is one file. */
  readonly manifestPath: string | undefined;
  readonly paths: readonly string[];
}

/** `path` is a folder with one manifest, a manifest, or a file of commands. Rejects with a UsageError when it is none of these. */
export async function aofTarget(path: string): Promise<AofTarget> {
  const manifestPath = await manifestAt(path);
  if (manifestPath === undefined) return { manifestPath, paths: [path] };
  try {
    const { loadedFiles } = parseManifest(await readFile(manifestPath));
    const names = loadedFiles.map(({ name }) => Buffer.from(latin1Bytes(name)).toString());
    return { manifestPath, paths: names.map((name) => join(dirname(manifestPath), name)) };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    throw new UsageError(`${manifestPath}: ${error.message}`, ExitCode.finding);
  }
}

async function manifestAt(path: string): Promise<string | undefined> {
  if (!(await stat(path)).isDirectory()) return path.endsWith(suffix) ? path : undefined;
  const names = (await readdir(path)).filter((name) => name.endsWith(suffix) && !name.startsWith('temp-'));
  if (names.length === 1) return join(path, names[0]!);
  throw new UsageError(`${path} has ${names.length} files *${suffix}; name the one that is meant`, ExitCode.trouble);
}
