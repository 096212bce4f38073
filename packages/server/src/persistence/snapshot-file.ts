import type { Disk, File } from '@kvartz/base';
import type { Kernel } from '../kernel.ts';
import { writePieces } from './piece-writing.ts';
import type { PieceSource } from './snapshot-source.ts';
import { systemErrorCode, systemErrorText } from './system-error-text.ts';

/** The save was called off: what it had written is gone. */
export class SaveAborted extends Error {
  override readonly name = 'SaveAborted';
}

/** The snapshot of a process that runs; of a process that has died, if it is still there. */
export function temporaryName(kernel: Kernel): string {
  return `temp-${kernel.processFacts.pid}.${kernel.config.dbFilename}`;
}

/**
 * One snapshot on its way to the disk: into a temporary file, which takes the place of the last snapshot when all of it is on the
 * disk. Whatever fails, the last snapshot stays, and the temporary file goes.
 */
export class SnapshotFile {
  readonly source: PieceSource;
  /** Never rejects: the error, or undefined when the file is in its place. */
  readonly done: Promise<unknown>;
  readonly #kernel: Kernel;
  readonly #name: string;
  readonly #temporary: string;
  #isAborted = false;

  constructor(kernel: Kernel, source: PieceSource) {
    this.#kernel = kernel;
    this.source = source;
    this.#name = kernel.config.dbFilename;
    this.#temporary = temporaryName(kernel);
    this.done = this.#run();
  }

  /** `done` answers with a SaveAborted, unless the file is in its place already. */
  abort(): void {
    this.#isAborted = true;
    this.source.abort();
  }

  async #run(): Promise<unknown> {
    try {
      await this.#write();
      await this.#move();
      return undefined;
    } catch (error) {
      this.source.abort();
      await this.#removeTemporary();
      return error;
    }
  }

  async #write(): Promise<void> {
    const { config, env, log } = this.#kernel;
    let file: File;
    try {
      file = await env.disk.open(this.#temporary, 'create');
    } catch (error) {
      log.warning(
        `Failed opening the temp RDB file ${this.#temporary} (in server root dir ${config.dir}) for saving: ` +
          systemErrorText(error),
      );
      throw error;
    }
    try {
      await writePieces(file, this.source, config.rdbSaveIncrementalFsync);
    } catch (error) {
      if (!this.#isAborted)
        log.warning(`Write error saving DB on disk(${syscallOf(error)}): ${systemErrorText(error)}`);
      throw error;
    } finally {
      await file.close();
    }
    this.#checkAborted();
  }

  async #move(): Promise<void> {
    const { config, env, log } = this.#kernel;
    try {
      await env.disk.rename(this.#temporary, this.#name);
      await env.disk.syncFolder('.');
    } catch (error) {
      log.warning(
        `Error moving temp DB file ${this.#temporary} on the final destination ${this.#name} ` +
          `(in server root dir ${config.dir}): ${systemErrorText(error)}`,
      );
      throw error;
    }
  }

  #checkAborted(): void {
    if (this.#isAborted) throw new SaveAborted('the save was called off');
  }

  async #removeTemporary(): Promise<void> {
    const { env, latency, nowMs } = this.#kernel;
    const startMs = env.clock.monotonicMs();
    await removeIfThere(env.disk, this.#temporary);
    latency.sample('rdb-unlink-temp-file', env.clock.monotonicMs() - startMs, nowMs);
  }
}

/** A file that cannot be removed is left for the next start. */
export async function removeIfThere(disk: Disk, path: string): Promise<void> {
  try {
    await disk.remove(path);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
  }
}

function syscallOf(error: unknown): string {
  return error instanceof Error && 'syscall' in error ? String(error.syscall) : 'write';
}
