import type { OpenMode } from '../env.ts';
import type { Prng } from '../prng.ts';
import { Inode } from './inode.ts';
import { folderOf, nameOf } from './path.ts';
import type { ProcessLife } from './process-life.ts';
import { SystemError } from './system-error.ts';

/** One call into the volume, for those who decide whether it fails. */
export interface DiskOperation {
  readonly syscall:
    | 'open'
    | 'read'
    | 'write'
    | 'fsync'
    | 'ftruncate'
    | 'rename'
    | 'unlink'
    | 'scandir'
    | 'mkdir'
    | 'stat';
  /** Absolute. */
  readonly path: string;
  /** Counts all operations of this volume, from 1. */
  readonly sequence: number;
}

/** A change of names that is not durable before its folders are synced. */
interface NameChange {
  readonly path: string;
  /** Undefined: the name is gone. */
  readonly inode: Inode | undefined;
}

/**
 * The disk of one machine: it outlives processes, and loses on `losePower` what was not synced. Of the creations, renames and
 * removals that were not synced there is then by chance a prefix (file systems with a journal), or any of them without those
 * before (file systems that save what is asked for ahead of the rest). Folders themselves are durable at once, which is the one
 * kindness of this disk.
 */
export class VirtualVolume {
  /** Bytes that all files together may have; a write past it fails with ENOSPC, after what still fits. */
  capacityBytes = Infinity;
  /** Asked before every operation: a code (`EIO`, `ENOSPC`, `EACCES`, ...) makes it fail, and nothing is done. */
  faultOf: (operation: DiskOperation) => string | undefined = () => undefined;
  /** Number of operations so far. */
  operationCount = 0;
  readonly #random: Prng;
  readonly #folders = new Set(['/']);
  readonly #locks = new Map<string, { readonly holder: ProcessLife }>();
  readonly #files = new Map<string, Inode>();
  #durableFiles = new Map<string, Inode>();
  #journal: NameChange[][] = [];

  constructor(random: Prng) {
    this.#random = random;
  }

  /** Lets the nth operation from now (1: the next) fail; those after it succeed. */
  failOperation(nth: number, code = 'EIO'): void {
    const target = this.operationCount + nth;
    this.faultOf = ({ sequence }) => (sequence === target ? code : undefined);
  }

  /** Power goes: only what was synced is sure to be left. Files that are open must not be used any more. */
  losePower(): void {
    const unsynced = this.#journal;
    this.#journal = [];
    if (this.#random.chance(0.5)) this.#apply(unsynced.slice(0, this.#random.below(unsynced.length + 1)));
    else this.#apply(unsynced.filter(() => this.#random.chance(0.5)));
    this.#files.clear();
    for (const [path, inode] of this.#durableFiles) this.#files.set(path, inode);
    for (const inode of new Set(this.#files.values())) inode.losePower(this.#random);
  }

  /** Counts the operation and throws where it is to fail. */
  check(syscall: DiskOperation['syscall'], path: string): void {
    this.operationCount++;
    const code = this.faultOf({ syscall, path, sequence: this.operationCount });
    if (code !== undefined) throw new SystemError(code, syscall, path);
  }

  open(path: string, mode: OpenMode): Inode {
    this.check('open', path);
    if (this.#folders.has(path)) throw new SystemError('EISDIR', 'open', path);
    const known = this.#files.get(path);
    if (known !== undefined) {
      if (mode === 'exclusive') throw new SystemError('EEXIST', 'open', path);
      if (mode === 'create') known.truncate(0);
      return known;
    }
    if (mode === 'read' || !this.#folders.has(folderOf(path))) throw new SystemError('ENOENT', 'open', path);
    const inode = new Inode();
    this.#change({ path, inode });
    return inode;
  }

  write(inode: Inode, path: string, bytes: Uint8Array): void {
    this.check('write', path);
    const freeBytes = this.capacityBytes - this.#usedBytes();
    if (bytes.length <= freeBytes) inode.append(bytes);
    else {
      inode.append(bytes.subarray(0, Math.max(0, freeBytes)));
      throw new SystemError('ENOSPC', 'write', path);
    }
  }

  sync(inode: Inode, path: string): void {
    try {
      this.check('fsync', path);
    } catch (error) {
      inode.failSync();
      throw error;
    }
    inode.sync();
  }

  rename(from: string, to: string): void {
    this.check('rename', from);
    const inode = this.#files.get(from);
    if (inode === undefined || !this.#folders.has(folderOf(to))) throw new SystemError('ENOENT', 'rename', from);
    if (this.#folders.has(to)) throw new SystemError('EISDIR', 'rename', to);
    if (from !== to) this.#change({ path: from, inode: undefined }, { path: to, inode });
  }

  remove(path: string): void {
    this.check('unlink', path);
    if (this.#folders.has(path)) throw new SystemError('EISDIR', 'unlink', path);
    if (!this.#files.has(path)) throw new SystemError('ENOENT', 'unlink', path);
    this.#change({ path, inode: undefined });
  }

  exists(path: string): boolean {
    this.check('stat', path);
    return this.#files.has(path) || this.#folders.has(path);
  }

  list(folder: string): string[] {
    this.check('scandir', folder);
    if (this.#files.has(folder)) throw new SystemError('ENOTDIR', 'scandir', folder);
    if (!this.#folders.has(folder)) throw new SystemError('ENOENT', 'scandir', folder);
    return [...this.#files.keys(), ...this.#folders]
      .filter((path) => path !== '/' && folderOf(path) === folder)
      .map(nameOf)
      .toSorted();
  }

  /** With the folders above it. */
  makeFolder(path: string): void {
    this.check('mkdir', path);
    for (let folder = path; folder !== '/'; folder = folderOf(folder)) {
      if (this.#files.has(folder)) throw new SystemError('EEXIST', 'mkdir', folder);
      this.#folders.add(folder);
    }
  }

  /** Locks are not files here. They end with the process that holds them. */
  lock(path: string, holder: ProcessLife): () => void {
    this.check('open', path);
    if (!this.#folders.has(folderOf(path))) throw new SystemError('ENOENT', 'open', path);
    if (this.#locks.get(path)?.holder.isAlive) throw new SystemError('EWOULDBLOCK', 'lock', path);
    const lock = { holder };
    this.#locks.set(path, lock);
    return () => {
      if (this.#locks.get(path) === lock) this.#locks.delete(path);
    };
  }

  syncFolder(path: string): void {
    this.check('fsync', path);
    if (!this.#folders.has(path)) throw new SystemError('ENOENT', 'open', path);
    const last = this.#journal.findLastIndex((changes) => changes.some((change) => folderOf(change.path) === path));
    this.#apply(this.#journal.splice(0, last + 1));
  }

  #change(...changes: NameChange[]): void {
    this.#journal.push(changes);
    for (const change of changes) applyChange(this.#files, change);
  }

  #apply(entries: readonly NameChange[][]): void {
    for (const changes of entries) for (const change of changes) applyChange(this.#durableFiles, change);
  }

  #usedBytes(): number {
    if (this.capacityBytes === Infinity) return 0;
    let usedBytes = 0;
    for (const inode of this.#files.values()) usedBytes += inode.sizeBytes;
    return usedBytes;
  }
}

function applyChange(files: Map<string, Inode>, { path, inode }: NameChange): void {
  if (inode === undefined) files.delete(path);
  else files.set(path, inode);
}
