import type { AofEnd } from '@kvartz/persistence';
import type { Kernel } from '../kernel.ts';
import { AofCommands } from './aof-loading-commands.ts';
import { loadAofFile, setExpiryMode } from './aof-loading-file.ts';
import { refusing } from './aof-loading.ts';

/**
 * Runs append-only files, one after the other, into the databases of a kernel that was not started, for tools: the files stay as they are, and
 * the time of keys stands still. Answers how each file ends; what `end` cuts off was not run. Rejects with a DataFileError.
 */
export async function replayAppendOnlyFiles(kernel: Kernel, paths: readonly string[]): Promise<AofEnd[]> {
  const { loading } = kernel.persistence;
  const ends: AofEnd[] = [];
  loading.begin(0);
  setExpiryMode(kernel, 'ignore');
  try {
    for (const path of paths) {
      const end = await refusing(path, async () => {
        const file = await kernel.env.disk.open(path, 'read');
        try {
          return await loadAofFile(kernel, new AofCommands(kernel), file, loading);
        } finally {
          await file.close();
        }
      });
      ends.push(end);
    }
  } finally {
    loading.end();
  }
  return ends;
}
