import { execFileSync } from 'node:child_process';

/** Where a program is, or undefined when the path does not have it. */
export function findProgram(name: string): string | undefined {
  try {
    return execFileSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}
