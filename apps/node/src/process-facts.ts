import { arch, release, totalmem, type } from 'node:os';
import type { ProcessFacts } from '@kvartz/server';
import manifest from '../package.json' with { type: 'json' };

/** What INFO tells of this process. */
export function processFacts(configFile: string): ProcessFacts {
  return {
    pid: process.pid,
    version: manifest.version,
    os: `${type()} ${release()} ${arch()}`,
    runtime: `node-${process.versions.node}`,
    executable: process.argv[1] ?? process.execPath,
    configFile,
    isAlive: isProcess,
    residentBytes: () => process.memoryUsage.rss(),
    systemBytes: () => process.constrainedMemory() || totalmem(),
    heapBytes: () => process.memoryUsage().heapUsed,
    cpu: () => {
      const { user, system } = process.cpuUsage();
      return { user: user / 1e6, system: system / 1e6 };
    },
  };
}

function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's is one, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
