import type { File } from '@kvartz/base';
import type { Kernel } from '../kernel.ts';
import { loadRdb } from '../persistence/rdb-loading.ts';
import { emptyDatabases } from './data-set.ts';
import type { ReceivedSnapshot } from './received-snapshot.ts';

/** So much may wait for the disk before the master is not read any further. */
const waitingBytesMax = 4 * 1024 * 1024;

/**
 * Into a file first, which becomes the snapshot of this server and is then loaded in place of the data set
 * (`repl-diskless-load disabled`): a transfer that breaks costs nothing, and memory is never needed twice.
 */
export class FileSnapshot implements ReceivedSnapshot {
  readonly keepsOld = true;
  readonly #kernel: Kernel;
  readonly #path: string;
  readonly #onReady: () => void;
  #file: File | undefined;
  #work: Promise<void>;
  #waitingBytes = 0;
  #isPaused = false;
  #error: unknown;

  /** `onReady`: more can be taken. `onError`: the file cannot be written; nothing more is to be sent. */
  constructor(kernel: Kernel, path: string, onReady: () => void, onError: (error: unknown) => void) {
    this.#kernel = kernel;
    this.#path = path;
    this.#onReady = onReady;
    this.#work = this.#open().catch((error: unknown) => {
      this.#error = error;
      onError(error);
    });
  }

  async #open(): Promise<void> {
    this.#file = await this.#kernel.env.disk.open(this.#path, 'create');
  }

  take(bytes: Uint8Array, start: number, end: number): boolean {
    const copy = bytes.slice(start, end);
    this.#waitingBytes += copy.length;
    this.#isPaused = this.#waitingBytes > waitingBytesMax;
    const before = this.#work;
    this.#work = before.then(() => this.#write(copy)).catch((error: unknown) => void (this.#error ??= error));
    return this.#isPaused;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#error === undefined) await this.#file!.write(bytes);
    this.#waitingBytes -= bytes.length;
    if (!this.#isPaused || this.#waitingBytes > waitingBytesMax / 2) return;
    this.#isPaused = false;
    this.#onReady();
  }

  async finish(): Promise<void> {
    const kernel = this.#kernel;
    const { disk } = kernel.env;
    const { dbFilename } = kernel.config;
    await this.#work;
    if (this.#error !== undefined) throw this.#error;
    await this.#file!.sync();
    await this.#file!.close();
    await disk.rename(this.#path, dbFilename);
    await disk.syncFolder('.');
    emptyDatabases(kernel);
    await loadRdb(kernel, dbFilename, kernel.persistence.loading, -Infinity);
  }

  abort(): void {
    // Whatever becomes of it: a file of this name is written over, or removed at the next start.
    void this.#work
      .then(() => this.#file?.close())
      .then(() => this.#kernel.env.disk.remove(this.#path))
      .catch(() => {});
  }
}
