/**
 * For benches beside the modules they measure: `node packages/base/src/crc16.bench.ts`. With `--small` they run briefly,
 * so that a test can see that they still work.
 */
export const isSmall = process.argv.includes('--small');

const roundCount = isSmall ? 1 : 5;
const roundMs = isSmall ? 2 : 200;

/** Sums of the timed calls. Their number differs from run to run, so the checksum is that of the first thousand. */
let kept = 0;

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/**
 * Calls `body` with 0, 1, 2, ... for a while, several rounds, and prints the best round's nanoseconds of CPU per call (so that
 * other processes disturb little) beside a checksum of what it returned, which also keeps the work from being optimised away. Returns those nanoseconds.
 */
export function measure(name: string, body: (i: number) => number): number {
  let checksum = 0;
  for (let i = 0; i < 1000; i++) checksum = (checksum + body(i)) | 0;
  let bestNs = Infinity;
  for (let round = 0; round < roundCount; round++) {
    let count = 0;
    let sum = 0;
    const start = cpuMs();
    let elapsedMs = 0;
    while (elapsedMs < roundMs) {
      for (const end = count + 1000; count < end; count++) sum = (sum + body(count)) | 0;
      elapsedMs = cpuMs() - start;
    }
    bestNs = Math.min(bestNs, (elapsedMs / count) * 1e6);
    kept ^= sum;
  }
  console.log(`${name.padEnd(44)} ${bestNs.toFixed(1).padStart(9)} ns   checksum ${(checksum >>> 0).toString(16)}`);
  return bestNs;
}
