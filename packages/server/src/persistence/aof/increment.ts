import type { File } from '@kvartz/base';

/**
 * The increment file that is being written. A write that fails in the middle leaves a torn request behind; it is cut off
 * before anything else is written, so that a torn request can only ever be the last thing of the file.
 */
export class Increment {
  readonly name: string;
  /** Of whole requests. */
  sizeBytes: number;
  readonly #file: File;
  #isTorn = false;

  constructor(name: string, file: File, sizeBytes: number) {
    this.name = name;
    this.#file = file;
    this.sizeBytes = sizeBytes;
  }

  /** All of it, or it throws. */
  write(bytes: Uint8Array, start: number, end: number): void {
    if (this.#isTorn) this.#cut();
    this.#isTorn = true;
    try {
      this.#file.writeSync(bytes, start, end);
    } catch (error) {
      this.#tryToCut();
      throw error;
    }
    this.#isTorn = false;
    this.sizeBytes += end - start;
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  syncSync(): void {
    this.#file.syncSync();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #cut(): void {
    this.#file.truncateSync(this.sizeBytes);
    this.#isTorn = false;
  }

  #tryToCut(): void {
    try {
      this.#cut();
    } catch {
      // The next write tries again, and nothing is written before it has succeeded.
    }
  }
}
