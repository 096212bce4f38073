import type { Disk, File, Lock, OpenMode } from '../env.ts';
import type { DiskQueue } from './disk-queue.ts';
import { folderOf, nameOf, resolvePath } from './path.ts';
import { VirtualFile } from './virtual-file.ts';
import type { VirtualVolume } from './virtual-volume.ts';

/** One process's access to the volume of its machine; relative paths start at its root folder. */
export class VirtualDisk implements Disk {
  readonly rootFolder: string;
  readonly #volume: VirtualVolume;
  readonly #queue: DiskQueue;
  #temporaryCount = 0;

  constructor(volume: VirtualVolume, queue: DiskQueue, rootFolder: string) {
    this.#volume = volume;
    this.#queue = queue;
    this.rootFolder = resolvePath('/', rootFolder);
  }

  open(path: string, mode: OpenMode): Promise<File> {
    return this.#queue.later(() => this.#open(path, mode));
  }

  openSync(path: string, mode: OpenMode): File {
    this.#queue.checkAlive();
    return this.#open(path, mode);
  }

  readFile(path: string): Promise<Uint8Array> {
    const target = this.#resolve(path);
    return this.#queue.later(() => {
      const inode = this.#volume.open(target, 'read');
      this.#volume.check('read', target);
      return inode.content.slice();
    });
  }

  /** In the same steps as the real disk takes, each of which can fail or be the last before a crash. */
  async writeFileAtomic(path: string, content: Uint8Array): Promise<void> {
    const target = this.#resolve(path);
    const temporary = `${folderOf(target)}/.${nameOf(target)}.${++this.#temporaryCount}.tmp`;
    try {
      const file = await this.open(temporary, 'create');
      try {
        await file.write(content);
        await file.sync();
      } finally {
        await file.close();
      }
      await this.rename(temporary, target);
    } catch (error) {
      await this.remove(temporary).catch(() => {}); // the first error is the one to tell
      throw error;
    }
    await this.syncFolder(folderOf(target));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#queue.later(() => this.#volume.rename(this.#resolve(from), this.#resolve(to)));
  }

  remove(path: string): Promise<void> {
    return this.#queue.later(() => this.#volume.remove(this.#resolve(path)));
  }

  exists(path: string): Promise<boolean> {
    return this.#queue.later(() => this.#volume.exists(this.#resolve(path)));
  }

  list(folder: string): Promise<string[]> {
    return this.#queue.later(() => this.#volume.list(this.#resolve(folder)));
  }

  makeFolder(path: string): Promise<void> {
    return this.#queue.later(() => this.#volume.makeFolder(this.#resolve(path)));
  }

  syncFolder(path: string): Promise<void> {
    return this.#queue.later(() => this.#volume.syncFolder(this.#resolve(path)));
  }

  async lock(path: string): Promise<Lock> {
    const target = this.#resolve(path);
    const release = await this.#queue.later(() => this.#volume.lock(target, this.#queue.life));
    return { release: () => this.#queue.later(release) };
  }

  #open(path: string, mode: OpenMode): File {
    const target = this.#resolve(path);
    return new VirtualFile(this.#volume, this.#queue, target, mode, this.#volume.open(target, mode));
  }

  #resolve(path: string): string {
    return resolvePath(this.rootFolder, path);
  }
}
