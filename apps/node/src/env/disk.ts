import { constants } from 'node:fs';
import * as fs from 'node:fs';
import * as fsPromises from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Disk, File, Lock, OpenMode } from '@kvartz/base';
import { DiskFile } from './disk-file.ts';
import { takeLock } from './lock-file.ts';

/** Writes always go to the end of a file, so that a truncated file continues where it was cut. */
const openFlags: Record<OpenMode, number> = {
  read: constants.O_RDONLY,
  append: constants.O_RDWR | constants.O_CREAT | constants.O_APPEND,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_TRUNC,
  exclusive: constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_EXCL,
};

const fileMode = 0o644;

/** Files under a root folder; absolute paths stay what they are. */
export class RealDisk implements Disk {
  readonly rootFolder: string;
  #temporaryCount = 0;

  constructor(rootFolder: string) {
    this.rootFolder = resolve(rootFolder);
  }

  open(path: string, mode: OpenMode): Promise<File> {
    return new Promise((done, fail) => {
      const target = this.#resolve(path);
      fs.open(target, openFlags[mode], fileMode, (error, fd) => (error ? fail(error) : done(new DiskFile(target, fd))));
    });
  }

  openSync(path: string, mode: OpenMode): File {
    const target = this.#resolve(path);
    return new DiskFile(target, fs.openSync(target, openFlags[mode], fileMode));
  }

  readFile(path: string): Promise<Uint8Array> {
    return fsPromises.readFile(this.#resolve(path));
  }

  async writeFileAtomic(path: string, content: Uint8Array): Promise<void> {
    const target = this.#resolve(path);
    const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.${++this.#temporaryCount}.tmp`);
    try {
      const file = await this.open(temporary, 'create');
      try {
        await file.write(content);
        await file.sync();
      } finally {
        await file.close();
      }
      await fsPromises.rename(temporary, target);
    } catch (error) {
      await fsPromises.rm(temporary, { force: true });
      throw error;
    }
    await this.syncFolder(dirname(target));
  }

  rename(from: string, to: string): Promise<void> {
    return fsPromises.rename(this.#resolve(from), this.#resolve(to));
  }

  remove(path: string): Promise<void> {
    return fsPromises.unlink(this.#resolve(path));
  }

  async exists(path: string): Promise<boolean> {
    try {
      await fsPromises.stat(this.#resolve(path));
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return false;
      throw error;
    }
  }

  async list(folder: string): Promise<string[]> {
    return (await fsPromises.readdir(this.#resolve(folder))).toSorted();
  }

  async makeFolder(path: string): Promise<void> {
    await fsPromises.mkdir(this.#resolve(path), { recursive: true });
  }

  async syncFolder(path: string): Promise<void> {
    if (process.platform === 'win32') return; // Windows cannot open a folder, and journals renames by itself.
    const handle = await fsPromises.open(this.#resolve(path), constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  lock(path: string): Promise<Lock> {
    return takeLock(this.#resolve(path));
  }

  #resolve(path: string): string {
    return resolve(this.rootFolder, path);
  }
}
