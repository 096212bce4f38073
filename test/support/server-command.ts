import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = resolve(fileURLToPath(import.meta.url), '../../..');

/** Program and leading arguments of the server under test: Kvartz from source, or what $KVARTZ_NODE says. */
export function serverCommand(): readonly string[] {
  return process.env['KVARTZ_NODE']?.split(' ') ?? [process.execPath, `${repository}/apps/node/src/main.ts`];
}
