import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system in memory of so many bytes: a real disk that is soon full. */
export class Tmpfs {
  readonly folder: string;

  /** Throws where this process may not mount, not even by sudo. */
  constructor(sizeBytes: number) {
    this.folder = mkdtempSync(join(tmpdir(), 'kvartz-tmpfs-'));
    try {
      asRoot('mount', '-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs', this.folder);
    } catch (error) {
      rmdirSync(this.folder);
      throw error;
    }
  }

  /** Files in it that are open stay until they are closed. */
  remove(): void {
    asRoot('umount', '-l', this.folder);
    rmdirSync(this.folder);
  }
}

/** Why there can be no Tmpfs; undefined: there can. */
export function tmpfsObstacle(): string | undefined {
  try {
    new Tmpfs(2 ** 16).remove();
    return undefined;
  } catch {
    return 'the right to mount a tmpfs';
  }
}

function asRoot(...words: string[]): void {
  const [program, ...args] = process.getuid?.() === 0 ? words : ['sudo', '-n', ...words];
  execFileSync(program!, args, { stdio: 'pipe' });
}
