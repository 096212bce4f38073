/**
 * What a process has to be told before it begins, since a keyspace outside the JavaScript heap is not what C library and
 * garbage collector are set up for. `restartForMemory` does so for a server that was started without it.
 */

/**
 * glibc asks for huge pages: the arena is read at random, and with pages of 2 MiB a GET among a million keys costs 15% less.
 * Redis must not do so, since after a fork every write would copy 2 MiB; nothing forks here.
 */
export const memoryEnvironment: Readonly<Record<string, string>> = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' };

/**
 * Options of Node.js: where the garbage collector stops the event loop it has no helpers. The heap is 10 MiB and takes 2 to 4 ms
 * on one thread; with helpers the event loop waits for the last of them, and where cores are busy, or there is but one, for
 * long: 15 to 80 ms.
 */
export const collectorOptions: readonly string[] = [
  '--no-parallel-scavenge',
  '--no-parallel-marking',
  '--no-parallel-compaction',
  '--no-parallel-pointer-update',
];

/**
 * Starts this process anew, with the same id and with these settings. Where the system cannot, or a parent with a channel
 * has to decide, nothing happens.
 */
export function restartForMemory(): void {
  if (process.env['GLIBC_TUNABLES'] !== undefined || typeof process.execve !== 'function') return;
  // Descriptors other than the standard ones are closed on the way, and with them the channel to a parent.
  if (process.channel !== undefined) return;
  const options = [...process.execArgv, ...collectorOptions];
  try {
    process.execve(process.execPath, [process.argv0, ...options, ...process.argv.slice(1)], {
      ...process.env,
      ...memoryEnvironment,
    });
  } catch {
    // Slower, and no worse: a system that forbids it.
  }
}
