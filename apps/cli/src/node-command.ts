import { existsSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { collectorOptions } from '@kvartz/node';
import { UsageError } from './usage-error.ts';

/**
 * Program and leading arguments that run a server: kvartz-node of the installed @kvartz/node, with the Node.js that runs
 * this process; or `path`, a script or an executable.
 */
export function nodeCommand(path?: string): readonly string[] {
  const program = path === undefined ? installedNode() : resolve(path);
  if (!existsSync(program)) throw new UsageError(`there is no server program at ${program}`);
  const isScript = /^\.[cm]?[jt]s$/.test(extname(program));
  return isScript ? [process.execPath, ...collectorOptions, program] : [program];
}

/** main stands beside index, as .ts in a checkout and as .js in a published package. */
function installedNode(): string {
  const index = fileURLToPath(import.meta.resolve('@kvartz/node'));
  return join(dirname(index), `main${extname(index)}`);
}
