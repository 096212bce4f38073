import type { File, OpenMode } from '../env.ts';
import type { DiskQueue } from './disk-queue.ts';
import type { Inode } from './inode.ts';
import { SystemError } from './system-error.ts';
import type { VirtualVolume } from './virtual-volume.ts';

/** One open file of a virtual disk. */
export class VirtualFile implements File {
  readonly path: string;
  readonly #volume: VirtualVolume;
  readonly #queue: DiskQueue;
  readonly #inode: Inode;
  readonly #isWritable: boolean;
  #isClosed = false;

  constructor(volume: VirtualVolume, queue: DiskQueue, path: string, mode: OpenMode, inode: Inode) {
    this.path = path;
    this.#volume = volume;
    this.#queue = queue;
    this.#inode = inode;
    this.#isWritable = mode !== 'read';
  }

  sizeBytes(): Promise<number> {
    return this.#queue.later(() => {
      this.#checkOpen('fstat');
      return this.#inode.sizeBytes;
    });
  }

  read(target: Uint8Array, atOffset: number): Promise<number> {
    return this.#queue.later(() => {
      this.#checkOpen('read');
      this.#volume.check('read', this.path);
      const part = this.#inode.content.subarray(atOffset, atOffset + target.length);
      target.set(part);
      return part.length;
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#queue.later(() => this.#write(bytes));
  }

  writeSync(bytes: Uint8Array, start: number, end: number): void {
    this.#queue.checkAlive();
    this.#write(bytes.subarray(start, end));
  }

  sync(): Promise<void> {
    return this.#queue.later(() => this.#sync());
  }

  syncSync(): void {
    this.#queue.checkAlive();
    this.#sync();
  }

  truncate(sizeBytes: number): Promise<void> {
    return this.#queue.later(() => this.#truncate(sizeBytes));
  }

  truncateSync(sizeBytes: number): void {
    this.#queue.checkAlive();
    this.#truncate(sizeBytes);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.#queue.later(() => {});
  }

  #write(bytes: Uint8Array): void {
    this.#checkOpen('write');
    if (!this.#isWritable) throw new SystemError('EBADF', 'write', this.path);
    this.#volume.write(this.#inode, this.path, bytes);
  }

  #sync(): void {
    this.#checkOpen('fsync');
    this.#volume.sync(this.#inode, this.path);
  }

  #truncate(sizeBytes: number): void {
    this.#checkOpen('ftruncate');
    this.#volume.check('ftruncate', this.path);
    this.#inode.truncate(sizeBytes);
  }

  #checkOpen(syscall: string): void {
    if (this.#isClosed) throw new SystemError('EBADF', syscall, this.path);
  }
}
