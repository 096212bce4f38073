import * as fs from 'node:fs';
import type { File } from '@kvartz/base';

/**
 * One open file. It holds a plain descriptor, because the same file is written inline (once per turn) and synced in the
 * background, and a FileHandle would close itself when it is collected.
 */
export class DiskFile implements File {
  readonly path: string;
  /** -1 once closed: the number may belong to another file by then. */
  #fd: number;

  constructor(path: string, fd: number) {
    this.path = path;
    this.#fd = fd;
  }

  sizeBytes(): Promise<number> {
    return new Promise((done, fail) => {
      fs.fstat(this.#open('fstat'), (error, stats) => (error ? fail(error) : done(stats.size)));
    });
  }

  async read(target: Uint8Array, atOffset: number): Promise<number> {
    let readBytes = 0;
    while (readBytes < target.length) {
      const gotBytes = await this.#readSome(target, readBytes, atOffset + readBytes);
      if (gotBytes === 0) break;
      readBytes += gotBytes;
    }
    return readBytes;
  }

  async write(bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.length) at += await this.#writeSome(bytes, at);
  }

  writeSync(bytes: Uint8Array, start: number, end: number): void {
    const fd = this.#open('write');
    let at = start;
    while (at < end) at += fs.writeSync(fd, bytes, at, end - at);
  }

  sync(): Promise<void> {
    return new Promise((done, fail) => {
      fs.fdatasync(this.#open('fdatasync'), (error) => (error ? fail(error) : done()));
    });
  }

  syncSync(): void {
    fs.fdatasyncSync(this.#open('fdatasync'));
  }

  truncate(sizeBytes: number): Promise<void> {
    return new Promise((done, fail) => {
      fs.ftruncate(this.#open('ftruncate'), sizeBytes, (error) => (error ? fail(error) : done()));
    });
  }

  truncateSync(sizeBytes: number): void {
    fs.ftruncateSync(this.#open('ftruncate'), sizeBytes);
  }

  close(): Promise<void> {
    const fd = this.#fd;
    if (fd < 0) return Promise.resolve();
    this.#fd = -1;
    return new Promise((done, fail) => {
      fs.close(fd, (error) => (error ? fail(error) : done()));
    });
  }

  #open(syscall: string): number {
    if (this.#fd >= 0) return this.#fd;
    throw Object.assign(new Error(`EBADF: ${this.path} is closed, ${syscall}`), {
      code: 'EBADF',
      syscall,
      path: this.path,
    });
  }

  #readSome(target: Uint8Array, at: number, atOffset: number): Promise<number> {
    return new Promise((done, fail) => {
      fs.read(this.#open('read'), target, at, target.length - at, atOffset, (error, gotBytes) =>
        error ? fail(error) : done(gotBytes),
      );
    });
  }

  #writeSome(bytes: Uint8Array, at: number): Promise<number> {
    return new Promise((done, fail) => {
      fs.write(this.#open('write'), bytes, at, bytes.length - at, null, (error, writtenBytes) =>
        error ? fail(error) : done(writtenBytes),
      );
    });
  }
}
