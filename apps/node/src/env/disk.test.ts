import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskSuite } from '@kvartz/base/suites';
import { describe, test } from 'vitest';
import { RealDisk } from './disk.ts';

describe('RealDisk: as every disk', () => {
  diskSuite(test, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kvartz-disk-'));
    return {
      disk: new RealDisk(folder),
      complete: (promise) => promise,
      dispose: () => rm(folder, { recursive: true, force: true }),
    };
  });
});
