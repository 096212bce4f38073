import { compareHitRatios, type HitRatioPlan } from '../eviction/support/hit-ratio.ts';
import { serverCommand } from '../support/server-command.ts';
import { startServer } from './server-process.ts';

/**
 * Hit ratios of a cache of 20,000 of 200,000 keys under Zipf reads, beside redis-server, for the policies that are given
 * (default: allkeys-lru allkeys-lfu). A quarter of a minute each.
 */
const policies = process.argv.length > 2 ? process.argv.slice(2) : ['allkeys-lru', 'allkeys-lfu'];
const plan: Omit<HitRatioPlan, 'policy'> = {
  keys: 200_000,
  resident: 20_000,
  warmup: 160_000,
  reads: 160_000,
  readsPerSecond: 25_000,
  seed: 1,
};

const servers = [
  await startServer({ label: 'redis-server', argv: ['redis-server'] }),
  await startServer({ label: 'kvartz', argv: serverCommand() }),
];
try {
  console.log('| policy | hits of redis-server | of Kvartz | ratio | keys in Kvartz per key in redis-server |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const policy of policies) {
    const [theirs, ours] = await compareHitRatios(
      servers.map((server) => server.port),
      { ...plan, policy },
    );
    const percent = (ratio: number): string => `${(ratio * 100).toFixed(2)}%`;
    const ratio = (ours.hits / theirs.hits).toFixed(3);
    console.log(
      `| ${policy} | ${percent(theirs.hits)} | ${percent(ours.hits)} | ${ratio} | ${(ours.keys / theirs.keys).toFixed(3)} |`,
    );
  }
} finally {
  for (const server of servers) await server.stop();
}
