/**
 * Bytes that a node sends on the bus at rest, in clusters of different sizes: they should not depend on the size.
 *
 *   node packages/lab/src/heartbeat-cost.bench.ts [--small | --large]
 */
import { encodeMessage } from '@kvartz/cluster';
import { ClusterSim } from './cluster-sim.ts';

const isSmall = process.argv.includes('--small');
/** 1,000 nodes take some minutes to start. */
const sizes = isSmall ? [3, 10] : [3, 10, 50, 200, ...(process.argv.includes('--large') ? [1_000] : [])];
const seconds = isSmall ? 3 : 10;
/** Length, version and type of a frame; a secret adds 16 more. */
const frameHeadBytes = 6;

let checksum = 0;
console.log('nodes  timeout   frames/s   bytes/s   links   (sent per node, at rest)');
for (const nodes of sizes) {
  for (const nodeTimeoutMs of [2_000, 15_000]) {
    let frames = 0;
    let bytes = 0;
    const counter = {
      message: (_sim: unknown, _to: unknown, message: Parameters<typeof encodeMessage>[0]): void => {
        frames++;
        bytes += encodeMessage(message).length + frameHeadBytes;
      },
    };
    const sim = new ClusterSim({ seed: 1, nodes, nodeTimeoutMs, checkers: [counter] });
    await sim.form();
    // What the start has stirred up is over.
    await sim.run(2_000);
    [frames, bytes] = [0, 0];
    await sim.run(seconds * 1_000);
    const perNode = (n: number): string => (n / nodes / seconds).toFixed(1);
    checksum += bytes;
    console.log(
      `${String(nodes).padStart(5)} ${String(nodeTimeoutMs).padStart(8)} ${perNode(frames).padStart(10)} ` +
        `${perNode(bytes).padStart(9)} ${String(nodes - 1).padStart(7)}`,
    );
  }
}
console.log(`checksum ${checksum}`);
